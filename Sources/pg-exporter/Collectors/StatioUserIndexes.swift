internal import ExporterKit

extension TableCollector {
    /// Indexes of a database.
    ///
    /// - Parameters:
    ///   - indexes: which have series of their own.
    ///   - database: adds the label `datname`. Upstream has none: its label set tells the indexes of one database
    ///   apart, not those of several.
    /// Source: https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STATIO-ALL-INDEXES-VIEW
    static func statioUserIndexes(
        _ indexes: RelationGuard = RelationGuard(.indexes), withDatabase database: Bool = false
    ) -> TableCollector {
        TableCollector(
            "statio_user_indexes", "Blocks read and found in shared buffers, by index.", enabledByDefault: false,
            tables: [
                SQLTable(
                    prefix: "pg_statio_user_indexes", from: "pg_statio_user_indexes",
                    labels: (database ? [.expression("datname", "current_database()")] : [])
                        + [.column("schemaname"), .column("relname"), .column("indexrelname")],
                    rows: [
                        .counter("idx_blks_read", as: "idx_blks_read_total", "Blocks of the index read."),
                        .counter(
                            "idx_blks_hit", as: "idx_blks_hit_total", "Blocks of the index found in shared buffers."),
                    ], scope: .database
                ).guarded(indexes, oid: "indexrelid")
            ])
    }
}
