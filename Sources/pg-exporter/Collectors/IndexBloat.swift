internal import ExporterKit

extension TableCollector {
    /// Disk space of B-tree indexes beyond what their entries need, estimated as for `table_bloat`. Entries that the
    /// server stores once for many equal keys make the estimate too low, never too high.
    /// Source: https://www.postgresql.org/docs/current/btree.html
    static let indexBloat = TableCollector(
        "index_bloat", "Estimated wasted space of B-tree indexes of 1 MiB or more.", enabledByDefault: false,
        tables: [
            SQLTable(
                prefix: "pg_index_bloat", from: indexBloatEstimate,
                labels: [
                    .expression("datname", "current_database()"), .expression("schemaname", "e.nspname"),
                    .expression("relname", "e.relname"), .expression("indexrelname", "e.indexrelname"),
                ],
                rows: [
                    .gauge(
                        "greatest(0, 1 - e.needed / e.pages)", as: "ratio",
                        "Estimated share of the index's disk space that its entries do not need."),
                    .gauge(
                        "greatest(0, e.pages - e.needed) * e.page", as: "size_bytes",
                        "Estimated disk space of the index that its entries do not need."),
                ], scope: .database, freshFor: .seconds(300))
        ])

    /// An entry is 8 bytes of header, its columns filled up to 8 bytes, and 4 bytes of line pointer; a page has 24 bytes
    /// of its own and 16 at its end, and the index a page for itself. The statistics of a column are the table's, those
    /// of an expression the index's.
    private static let indexBloatEstimate = """
        (SELECT r.nspname, r.relname, r.indexrelname, r.pages, r.page, \
        1 + ceil(r.rows * (12 + CASE WHEN r.nulls THEN 8 ELSE 0 END + 8 * ceil(r.width / 8.0)) \
        / ((r.page - 40) * r.fill)) AS needed FROM (\
        SELECT n.nspname, t.relname, c.relname AS indexrelname, c.relpages::float8 AS pages, \
        c.reltuples::float8 AS rows, current_setting('block_size')::float8 AS page, \
        bool_or(s.null_frac > 0) AS nulls, sum((1 - s.null_frac) * s.avg_width)::float8 AS width, \
        count(s.avg_width) = c.relnatts AS known, coalesce((SELECT option_value::float8 / 100 \
        FROM pg_options_to_table(c.reloptions) WHERE option_name = 'fillfactor'), 0.9) AS fill \
        FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid \
        JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_am m ON m.oid = c.relam AND m.amname = 'btree' \
        JOIN pg_attribute x ON x.attrelid = c.oid AND x.attnum > 0 \
        LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = i.indkey[x.attnum - 1] AND a.attnum > 0 \
        JOIN pg_stats s ON s.schemaname = n.nspname AND NOT s.inherited \
        AND s.tablename = CASE WHEN a.attname IS NULL THEN c.relname ELSE t.relname END \
        AND s.attname = coalesce(a.attname, x.attname) \
        WHERE c.relkind = 'i' AND c.relpages >= 128 AND c.reltuples >= 0 \
        AND n.nspname NOT IN ('pg_catalog', 'information_schema') \
        GROUP BY c.oid, n.nspname, t.relname, c.relname, c.relpages, c.reltuples, c.relnatts, c.reloptions) r \
        WHERE r.known) e
        """
}
