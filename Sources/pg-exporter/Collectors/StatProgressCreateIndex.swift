internal import ExporterKit

extension TableCollector {
    /// One row per table on which an index is made now; the phase says whether it waits for other sessions.
    /// Source: https://www.postgresql.org/docs/current/progress-reporting.html#CREATE-INDEX-PROGRESS-REPORTING
    static let statProgressCreateIndex = TableCollector(
        "stat_progress_create_index", "Progress of each running CREATE INDEX and REINDEX.",
        tables: [
            SQLTable(
                prefix: "pg_stat_progress_create_index", from: Progress.source("create_index", labels: 5),
                labels: Progress.relation + [.expression("command", "p.command")],
                rows: [
                    .gauge("sum(p.lockers_total)", as: "lockers", "Sessions to wait for in this phase."),
                    .gauge("sum(p.lockers_done)", as: "lockers_done", "Sessions waited for so far."),
                    .gauge("sum(p.blocks_total)", as: "blocks", "Blocks to process in this phase."),
                    .gauge("sum(p.blocks_done)", as: "blocks_done", "Blocks processed so far in this phase."),
                    .gauge("sum(p.tuples_total)", as: "tuples", "Rows to process in this phase."),
                    .gauge("sum(p.tuples_done)", as: "tuples_done", "Rows processed so far in this phase."),
                    .gauge("sum(p.partitions_total)", as: "partitions", "Partitions that get the index."),
                    .gauge("sum(p.partitions_done)", as: "partitions_done", "Partitions that have it."),
                ])
        ])
}
