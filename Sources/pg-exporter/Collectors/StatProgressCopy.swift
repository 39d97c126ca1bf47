internal import ExporterKit

extension TableCollector {
    /// One row per table that is copied to or from now; a query that is copied has no name.
    /// Source: https://www.postgresql.org/docs/current/progress-reporting.html#COPY-PROGRESS-REPORTING
    static let statProgressCopy = TableCollector(
        "stat_progress_copy", "Progress of each running COPY, from version 14.",
        tables: [
            SQLTable(
                prefix: "pg_stat_progress_copy", from: Progress.source("copy", labels: 5),
                labels: [
                    .expression("datname", "p.datname"), .expression("schemaname", "n.nspname"),
                    .expression("relname", "coalesce(c.relname::text, nullif(p.relid, 0)::text)"),
                    .expression("command", "p.command"), .expression("type", "p.type"),
                ],
                rows: [
                    .gauge("count(*)", as: "sessions", "Sessions that copy.", since: .v14),
                    .gauge(
                        "sum(p.bytes_processed)", as: "processed_bytes", "Bytes copied so far.", since: .v14),
                    .gauge(
                        "sum(nullif(p.bytes_total, 0))", as: "size_bytes",
                        "Size of the files that are read; absent when it is not known.", since: .v14),
                    .gauge("sum(p.tuples_processed)", as: "tuples_processed", "Rows copied so far.", since: .v14),
                    .gauge(
                        "sum(p.tuples_excluded)", as: "tuples_excluded", "Rows left out by WHERE so far.", since: .v14),
                    .gauge(
                        "sum(p.tuples_skipped)", as: "tuples_skipped", "Rows skipped as malformed so far.", since: .v17),
                ])
        ])
}
