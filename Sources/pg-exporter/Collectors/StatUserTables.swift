internal import ExporterKit

extension TableCollector {
    /// Tables of a database. Statistics and sizes are two questions: only the sizes need a lock on the tables, and they
    /// are dear and change slowly.
    /// Source: https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-ALL-TABLES-VIEW
    static func statUserTables(_ options: CollectorOptions = CollectorOptions()) -> TableCollector {
        TableCollector(
            "stat_user_tables", "Activity, vacuuming and size of each table of the connected database.",
            tables: [
                SQLTable(
                    prefix: "pg_stat_user_tables", from: "pg_stat_user_tables",
                    labels: [
                        .expression("datname", "current_database()"), .column("schemaname"), .column("relname"),
                    ], rows: statUserTablesRows, scope: .database
                ).guarded(
                    options.tables, oid: "relid",
                    unsummed: ["last_vacuum", "last_autovacuum", "last_analyze", "last_autoanalyze"]),
                SQLTable(
                    prefix: "pg_stat_user_tables",
                    from: """
                        (SELECT c.oid, n.nspname, c.relname FROM pg_class c JOIN pg_namespace n \
                        ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 't', 'm', 'p') \
                        AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_toast' \
                        AND c.oid NOT IN (SELECT l.relid FROM \(LockedRelations.tables) l)) t
                        """,
                    labels: [
                        .expression("datname", "current_database()"), .expression("schemaname", "t.nspname"),
                        .expression("relname", "t.relname"),
                    ], rows: statUserTablesSizes, scope: .database, freshFor: options.sizesFreshFor
                ).guarded(options.tables, oid: "t.oid"),
                SQLTable(
                    prefix: "pg_exporter",
                    from: "(SELECT count(*) AS number FROM \(LockedRelations.tables) l) l",
                    labels: [.expression("datname", "current_database()")],
                    rows: [
                        .gauge(
                            "l.number", as: "locked_relations_skipped",
                            """
                            Tables without a size because somebody holds, or waits for, an ACCESS EXCLUSIVE lock on \
                            them or on one of their indexes.
                            """)
                    ], scope: .database, freshFor: options.sizesFreshFor),
            ])
    }

    private static let statUserTablesSizes: [MetricRow] = [
        .gauge(
            "pg_indexes_size(t.oid)", as: "index_size_bytes",
            "Disk space of all indexes of the table; absent while the table is locked exclusively."),
        .gauge(
            "pg_table_size(t.oid)", as: "table_size_bytes",
            """
            Disk space of the table with TOAST, free space map and visibility map, without indexes; absent while the \
            table is locked exclusively.
            """),
    ]

    private static let statUserTablesRows: [MetricRow] = [
        .counter("seq_scan", "Sequential scans begun on the table."),
        .counter("seq_tup_read", "Live rows that sequential scans read."),
        .counter("idx_scan", "Index scans begun on the table; absent when it has no index."),
        .counter("idx_tup_fetch", "Live rows that index scans fetched; absent when the table has no index."),
        .counter("n_tup_ins", "Rows inserted."),
        .counter("n_tup_upd", "Rows updated."),
        .counter("n_tup_del", "Rows deleted."),
        .counter("n_tup_hot_upd", "Rows updated without a new index entry."),
        .gauge("n_live_tup", "Estimated number of live rows."),
        .gauge("n_dead_tup", "Estimated number of dead rows."),
        .gauge("n_mod_since_analyze", "Estimated number of rows changed since the table was last analyzed."),
        // Upstream's 0 for "never" is kept: alerts subtract it from the time now.
        .gauge(
            "coalesce(extract(epoch FROM last_vacuum), 0)", as: "last_vacuum",
            "Unix time of the last vacuum by hand, VACUUM FULL apart; 0 when there was none."),
        .gauge(
            "coalesce(extract(epoch FROM last_autovacuum), 0)", as: "last_autovacuum",
            "Unix time of the last vacuum by autovacuum; 0 when there was none."),
        .gauge(
            "coalesce(extract(epoch FROM last_analyze), 0)", as: "last_analyze",
            "Unix time of the last analyze by hand; 0 when there was none."),
        .gauge(
            "coalesce(extract(epoch FROM last_autoanalyze), 0)", as: "last_autoanalyze",
            "Unix time of the last analyze by autovacuum; 0 when there was none."),
        .counter("vacuum_count", "Vacuums by hand, VACUUM FULL apart."),
        .counter("autovacuum_count", "Vacuums by autovacuum."),
        .counter("analyze_count", "Analyzes by hand."),
        .counter("autoanalyze_count", "Analyzes by autovacuum."),
    ]
}
