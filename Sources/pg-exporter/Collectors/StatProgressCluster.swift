internal import ExporterKit

extension TableCollector {
    /// One row per table that is rewritten now.
    /// Source: https://www.postgresql.org/docs/current/progress-reporting.html#CLUSTER-PROGRESS-REPORTING
    static let statProgressCluster = TableCollector(
        "stat_progress_cluster", "Progress of each running CLUSTER and VACUUM FULL.",
        tables: [
            SQLTable(
                prefix: "pg_stat_progress_cluster", from: Progress.source("cluster", labels: 5),
                labels: Progress.relation + [.expression("command", "p.command")],
                rows: [
                    .gauge("sum(p.heap_tuples_scanned)", as: "heap_tuples_scanned", "Rows read so far."),
                    .gauge("sum(p.heap_tuples_written)", as: "heap_tuples_written", "Rows written so far."),
                    .gauge("sum(p.heap_blks_total)", as: "heap_blks", "Blocks of the table."),
                    .gauge("sum(p.heap_blks_scanned)", as: "heap_blks_scanned", "Blocks read so far."),
                    .gauge("sum(p.index_rebuild_count)", as: "index_rebuilds", "Indexes built again so far."),
                ])
        ])
}
