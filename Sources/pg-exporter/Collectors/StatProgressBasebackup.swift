internal import ExporterKit

extension TableCollector {
    /// One row per phase that a base backup is in now.
    /// Source: https://www.postgresql.org/docs/current/progress-reporting.html#BASEBACKUP-PROGRESS-REPORTING
    static let statProgressBasebackup = TableCollector(
        "stat_progress_basebackup", "Progress of the running base backups.",
        tables: [
            SQLTable(
                prefix: "pg_stat_progress_basebackup", from: "pg_stat_progress_basebackup p GROUP BY 1",
                labels: [.expression("phase", "p.phase")],
                rows: [
                    .gauge("count(*)", as: "sessions", "Base backups in this phase."),
                    .gauge(
                        "sum(p.backup_total)", as: "size_bytes",
                        "Estimated size of the backup; absent when it is not estimated."),
                    .gauge("sum(p.backup_streamed)", as: "streamed_bytes", "Bytes sent so far."),
                    .gauge("sum(p.tablespaces_total)", as: "tablespaces", "Tablespaces to send."),
                    .gauge("sum(p.tablespaces_streamed)", as: "tablespaces_streamed", "Tablespaces sent so far."),
                ])
        ])
}
