internal import ExporterKit

extension TableCollector {
    /// What waits to be archived, counted on disk: it grows as soon as archiving stops, while `stat_archiver` can only
    /// say that nothing came. The user needs `pg_monitor`.
    /// Source: https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-ADMIN-GENFILE
    static let archiver = TableCollector(
        "archiver", "WAL segments that wait to be archived.",
        tables: [
            SQLTable(
                prefix: "pg_archiver", from: "pg_ls_archive_statusdir() WHERE name LIKE '%.ready'",
                rows: [
                    .gauge("count(*)", as: "ready_files", "WAL files that wait to be archived."),
                    .gauge(
                        "coalesce(greatest(0, extract(epoch FROM now() - min(modification))), 0)",
                        as: "ready_oldest_age_seconds",
                        "Time the oldest of them has waited; 0 when none waits."),
                ])
        ])
}
