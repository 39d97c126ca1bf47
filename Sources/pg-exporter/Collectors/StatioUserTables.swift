internal import ExporterKit

extension TableCollector {
    /// Tables of a database.
    ///
    /// - Parameter tables: which have series of their own.
    /// Source: https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STATIO-ALL-TABLES-VIEW
    static func statioUserTables(_ tables: RelationGuard = RelationGuard(.tables)) -> TableCollector {
        TableCollector(
            "statio_user_tables", "Blocks read and found in shared buffers, by table.",
            tables: [
                SQLTable(
                    prefix: "pg_statio_user_tables", from: "pg_statio_user_tables",
                    labels: [
                        .expression("datname", "current_database()"), .column("schemaname"), .column("relname"),
                    ],
                    rows: [
                        .counter("heap_blks_read", as: "heap_blocks_read", "Blocks of the table read."),
                        .counter(
                            "heap_blks_hit", as: "heap_blocks_hit", "Blocks of the table found in shared buffers."),
                        .counter(
                            "idx_blks_read", as: "idx_blocks_read",
                            "Blocks of all indexes of the table read; absent when it has no index."),
                        .counter(
                            "idx_blks_hit", as: "idx_blocks_hit",
                            "Blocks of all indexes of the table found in shared buffers; absent when it has no index."),
                        .counter(
                            "toast_blks_read", as: "toast_blocks_read",
                            "Blocks of the table's TOAST table read; absent when it has none."),
                        .counter(
                            "toast_blks_hit", as: "toast_blocks_hit",
                            "Blocks of the table's TOAST table found in shared buffers; absent when it has none."),
                        .counter(
                            "tidx_blks_read", as: "tidx_blocks_read",
                            "Blocks of the TOAST table's indexes read; absent when there is no TOAST table."),
                        .counter(
                            "tidx_blks_hit", as: "tidx_blocks_hit",
                            "Blocks of the TOAST table's indexes found in shared buffers; absent when there is none."),
                    ], scope: .database
                ).guarded(tables, oid: "relid")
            ])
    }
}
