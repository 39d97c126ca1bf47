internal import ExporterKit

extension TableCollector {
    /// The small caches beside the shared buffers: transaction status, multixacts, subtransactions, notifications.
    /// Source: https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-SLRU-VIEW
    static let statSLRU = TableCollector(
        "stat_slru", "Use of the small caches for transaction status, multixacts and the like.",
        tables: [
            SQLTable(prefix: "pg_stat_slru", from: "pg_stat_slru", labels: [.column("name")], rows: statSLRURows)
        ])

    private static let statSLRURows: [MetricRow] = [
        .counter("blks_zeroed", as: "blks_zeroed_total", "Blocks zeroed when they were first used."),
        .counter("blks_hit", as: "blks_hit_total", "Blocks found in the cache."),
        .counter("blks_read", as: "blks_read_total", "Blocks read from disk."),
        .counter("blks_written", as: "blks_written_total", "Blocks written to disk."),
        .counter("blks_exists", as: "blks_exists_total", "Checks whether a block exists."),
        .counter("flushes", as: "flushes_total", "Times all changed blocks were written."),
        .counter("truncates", as: "truncates_total", "Times old blocks were cut off."),
    ]
}
