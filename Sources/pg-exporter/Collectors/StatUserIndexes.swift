internal import ExporterKit

extension TableCollector {
    /// Use, state and size of each index, with the names that were proposed to upstream. Off by default: most databases
    /// have more indexes than tables.
    /// Source: https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-ALL-INDEXES-VIEW
    static func statUserIndexes(_ options: CollectorOptions = CollectorOptions()) -> TableCollector {
        TableCollector(
            "stat_user_indexes", "Use, state and size of each index of the connected database.",
            enabledByDefault: false,
            tables: [
                SQLTable(
                    prefix: "pg_stat_user_indexes", from: "pg_stat_user_indexes s",
                    labels: indexLabels("s.schemaname", "s.relname", "s.indexrelname"),
                    rows: [
                        .counter("s.idx_scan", as: "idx_scan_total", "Scans begun on the index."),
                        .counter("s.idx_tup_read", as: "idx_tup_read", "Entries that scans of the index returned."),
                        .counter(
                            "s.idx_tup_fetch", as: "idx_tup_fetch", "Live rows that plain scans of the index fetched."),
                        .gauge(
                            "extract(epoch FROM s.last_idx_scan)", as: "last_idx_scan_timestamp_seconds",
                            "Unix time of the last scan of the index; absent when there was none.", since: .v16),
                    ], scope: .database
                ).guarded(options.indexes, oid: "s.indexrelid", unsummed: ["last_idx_scan_timestamp_seconds"]),
                SQLTable(
                    prefix: "pg_index",
                    from: """
                        (SELECT s.* FROM pg_stat_user_indexes s \
                        WHERE s.indexrelid NOT IN (SELECT l.relid FROM \(LockedRelations.indexes) l)) s
                        """,
                    labels: indexLabels("s.schemaname", "s.relname", "s.indexrelname"),
                    rows: [
                        .gauge(
                            "pg_relation_size(s.indexrelid)", as: "size_bytes",
                            "Disk space of the index; absent while it or its table is locked exclusively.")
                    ], scope: .database, freshFor: options.sizesFreshFor
                ).guarded(options.indexes, oid: "s.indexrelid"),
                properties(options.indexes),
            ])
    }

    /// Only of indexes with series of their own: there are no properties of the others together.
    private static func properties(_ indexes: RelationGuard) -> SQLTable {
        let chosen = indexes.isActive ? " JOIN \(indexes.chosen) chosen ON chosen.oid = s.indexrelid" : ""
        return SQLTable(
            prefix: "pg_index",
            from: "pg_stat_user_indexes s JOIN pg_index i ON i.indexrelid = s.indexrelid\(chosen)",
            labels: indexLabels("s.schemaname", "s.relname", "s.indexrelname") + [
                .expression("is_unique", "i.indisunique::int"), .expression("is_primary", "i.indisprimary::int"),
                .expression("is_valid", "i.indisvalid::int"), .expression("is_ready", "i.indisready::int"),
            ],
            rows: [.gauge("1", as: "properties", "1, with what kind of index it is as labels.")],
            scope: .database, freshFor: .seconds(60))
    }

    private static func indexLabels(_ schema: String, _ table: String, _ index: String) -> [SQLTable.Label] {
        [
            .expression("datname", "current_database()"), .expression("schemaname", schema),
            .expression("relname", table), .expression("indexrelname", index),
        ]
    }
}
