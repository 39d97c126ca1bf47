internal import ExporterKit

extension TableCollector {
    /// Disk space of tables beyond what their rows need, estimated from the planner's statistics: right within some
    /// percent after an ANALYZE, and without reading the tables. A table whose statistics the user may not read has
    /// no series; `pg_read_all_data` lets it read all.
    /// Source: https://www.postgresql.org/docs/current/storage-page-layout.html
    static let tableBloat = TableCollector(
        "table_bloat", "Estimated wasted space of tables of 1 MiB or more.", enabledByDefault: false,
        tables: [
            SQLTable(
                prefix: "pg_table_bloat", from: tableBloatEstimate,
                labels: [
                    .expression("datname", "current_database()"), .expression("schemaname", "e.nspname"),
                    .expression("relname", "e.relname"),
                ],
                rows: [
                    .gauge(
                        "greatest(0, 1 - e.needed / e.pages)", as: "ratio",
                        "Estimated share of the table's disk space that its rows do not need; without TOAST."),
                    .gauge(
                        "greatest(0, e.pages - e.needed) * e.page", as: "size_bytes",
                        "Estimated disk space of the table that its rows do not need; without TOAST."),
                ], scope: .database, freshFor: .seconds(300))
        ])

    /// A row is its header (23 bytes, the NULL bitmap when there are NULLs) and its columns, both filled up to 8 bytes,
    /// and 4 bytes of line pointer; a page has 24 bytes of its own.
    private static let tableBloatEstimate = """
        (SELECT r.nspname, r.relname, r.pages, r.page, \
        ceil(r.rows * (4 + 8 * ceil((23 + CASE WHEN r.nulls THEN ceil(r.columns / 8.0) ELSE 0 END) / 8.0) \
        + 8 * ceil(r.width / 8.0)) / ((r.page - 24) * r.fill)) AS needed FROM (\
        SELECT n.nspname, c.relname, c.relpages::float8 AS pages, c.reltuples::float8 AS rows, \
        current_setting('block_size')::float8 AS page, c.relnatts AS columns, bool_or(s.null_frac > 0) AS nulls, \
        sum((1 - s.null_frac) * s.avg_width)::float8 AS width, coalesce((SELECT option_value::float8 / 100 \
        FROM pg_options_to_table(c.reloptions) WHERE option_name = 'fillfactor'), 1) AS fill \
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
        JOIN pg_stats s ON s.schemaname = n.nspname AND s.tablename = c.relname AND NOT s.inherited \
        WHERE c.relkind IN ('r', 'm') AND c.relpages >= 128 AND c.reltuples >= 0 \
        AND n.nspname NOT IN ('pg_catalog', 'information_schema') \
        GROUP BY c.oid, n.nspname, c.relname, c.relpages, c.reltuples, c.relnatts, c.reloptions) r) e
        """
}
