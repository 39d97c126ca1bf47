internal import ExporterKit

extension TableCollector {
    /// One row per vacuum that runs, in any database. A table of the connected database has its name, with the schema
    /// before it outside of `public`; one of another database has its number.
    ///
    /// Version 17 counts the memory for dead rows in bytes. Upstream shows those bytes as numbers of rows; here rows are
    /// rows, bytes have names of their own, and what a version does not tell is absent.
    /// Source: https://www.postgresql.org/docs/current/progress-reporting.html#VACUUM-PROGRESS-REPORTING
    static let statProgressVacuum = TableCollector(
        "stat_progress_vacuum", "Progress of each vacuum that runs.",
        tables: [
            SQLTable(
                prefix: "pg_stat_progress_vacuum", from: vacuums, labels: vacuumLabels, rows: statProgressVacuumRows),
            SQLTable(
                prefix: "pg_stat_progress_vacuum",
                from: """
                    \(vacuums) CROSS JOIN (VALUES ('initializing'), ('scanning heap'), ('vacuuming indexes'), \
                    ('vacuuming heap'), ('cleaning up indexes'), ('truncating heap'), ('performing final cleanup')) \
                    AS f (phase)
                    """,
                labels: vacuumLabels + [.expression("phase", "f.phase")],
                rows: [.gauge("(v.phase = f.phase)::int", as: "phase", "1 for the phase the vacuum is in, else 0.")]),
        ])

    /// Oids of other databases' tables mean something else here, or nothing.
    private static let vacuums = """
        pg_stat_progress_vacuum v LEFT JOIN pg_class c ON c.oid = v.relid AND v.datname = current_database() \
        LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
        """

    private static let vacuumLabels: [SQLTable.Label] = [
        .expression("datname", "v.datname"),
        .expression(
            "relname",
            """
            coalesce(CASE WHEN n.nspname IN ('pg_catalog', 'public') THEN quote_ident(c.relname) \
            ELSE quote_ident(n.nspname) || '.' || quote_ident(c.relname) END, v.relid::text)
            """),
    ]

    private static let statProgressVacuumRows: [MetricRow] = [
        .gauge("v.heap_blks_total", as: "heap_blks", "Blocks of the table when the vacuum began."),
        .gauge("v.heap_blks_scanned", as: "heap_blks_scanned", "Blocks scanned so far."),
        .gauge("v.heap_blks_vacuumed", as: "heap_blks_vacuumed", "Blocks vacuumed so far."),
        .gauge("v.index_vacuum_count", as: "index_vacuums", "Rounds through the indexes so far."),
        .gauge(
            "v.max_dead_tuples", as: "max_dead_tuples",
            "Dead rows that fit into memory before the indexes must be vacuumed; before version 17.", until: .v17),
        .gauge(
            "v.num_dead_tuples", as: "num_dead_tuples", "Dead rows collected since the last round through the indexes.",
            until: .v17),
        .gauge(
            "v.num_dead_item_ids", as: "num_dead_tuples",
            "Dead rows collected since the last round through the indexes.", since: .v17),
        .gauge(
            "v.max_dead_tuple_bytes", as: "max_dead_tuple_bytes",
            "Memory for dead rows before the indexes must be vacuumed, in bytes.", since: .v17),
        .gauge(
            "v.dead_tuple_bytes", as: "dead_tuple_bytes", "Memory that dead rows collected so far take, in bytes.",
            since: .v17),
    ]
}
