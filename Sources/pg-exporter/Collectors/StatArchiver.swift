internal import ExporterKit

extension TableCollector {
    /// One row.
    /// Source: https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-ARCHIVER-VIEW
    static let statArchiver = TableCollector(
        "stat_archiver", "WAL files archived and failed, and the age of the last success.",
        tables: [
            SQLTable(
                prefix: "pg_stat_archiver", from: "pg_stat_archiver",
                rows: [
                    .counter("archived_count", "WAL files archived."),
                    .counter("failed_count", "Attempts to archive a WAL file that failed."),
                    .gauge(
                        "extract(epoch FROM now() - last_archived_time)", as: "last_archive_age",
                        "Seconds since the last WAL file was archived; absent when there was none."),
                ])
        ])
}
