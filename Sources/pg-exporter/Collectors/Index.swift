internal import ExporterKit

extension TableCollector {
    /// Indexes that only cost: those a failed `CREATE INDEX CONCURRENTLY` left behind, and those that no scan has used
    /// since the statistics were reset. Primary keys, unique and exclusion constraints do their work without scans and
    /// never count as unused. Sizes are those that VACUUM and ANALYZE wrote down: to read them takes no lock.
    /// Source: https://www.postgresql.org/docs/current/catalog-pg-index.html
    static let index = TableCollector(
        "index", "Invalid indexes, and the largest of those that are never used.",
        tables: [
            SQLTable(
                prefix: "pg_index",
                from: """
                    pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid \
                    JOIN pg_namespace n ON n.oid = c.relnamespace WHERE NOT i.indisvalid AND c.relkind = 'i' \
                    ORDER BY c.oid LIMIT 100
                    """,
                labels: [
                    .expression("datname", "current_database()"), .expression("schemaname", "n.nspname"),
                    .expression("relname", "t.relname"), .expression("indexrelname", "c.relname"),
                ],
                rows: [
                    .gauge(
                        "1", as: "invalid",
                        "1 for an index that is not valid, or not yet: queries cannot use it, writes still pay for it.")
                ], scope: .database),
            SQLTable(
                prefix: "pg_index_unused", from: "(SELECT count(*) AS number, sum(size) AS size FROM \(unused)) u",
                labels: [.expression("datname", "current_database()")],
                rows: [
                    .gauge("u.number", as: "indexes", "Indexes that no scan has used since the statistics were reset."),
                    .gauge("coalesce(u.size, 0)", as: "size_bytes", "About the disk space of these indexes."),
                ], scope: .database, freshFor: .seconds(60)),
            SQLTable(
                prefix: "pg_index_unused",
                from: "\(unused) WHERE u.size >= 1048576 ORDER BY u.size DESC, u.oid LIMIT 20",
                labels: [
                    .expression("datname", "current_database()"), .expression("schemaname", "u.schemaname"),
                    .expression("relname", "u.relname"), .expression("indexrelname", "u.indexrelname"),
                ],
                rows: [
                    .gauge(
                        "u.size", as: "largest_size_bytes",
                        "About the disk space of an unused index of 1 MiB or more; the twenty largest.")
                ], scope: .database, freshFor: .seconds(60)),
        ])

    private static let unused = """
        (SELECT s.indexrelid AS oid, s.schemaname, s.relname, s.indexrelname, \
        greatest(c.relpages, 0) * current_setting('block_size')::bigint AS size \
        FROM pg_stat_user_indexes s JOIN pg_index i ON i.indexrelid = s.indexrelid \
        JOIN pg_class c ON c.oid = s.indexrelid \
        WHERE s.idx_scan = 0 AND i.indisvalid AND NOT i.indisunique AND NOT i.indisprimary AND NOT i.indisexclusion \
        AND NOT i.indisreplident) u
        """
}
