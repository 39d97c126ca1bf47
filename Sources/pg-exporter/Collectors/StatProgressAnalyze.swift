internal import ExporterKit

extension TableCollector {
    /// One row per table that is analyzed now.
    /// Source: https://www.postgresql.org/docs/current/progress-reporting.html#ANALYZE-PROGRESS-REPORTING
    static let statProgressAnalyze = TableCollector(
        "stat_progress_analyze", "Progress of each running ANALYZE.",
        tables: [
            SQLTable(
                prefix: "pg_stat_progress_analyze", from: Progress.source("analyze", labels: 4),
                labels: Progress.relation,
                rows: [
                    .gauge("sum(p.sample_blks_total)", as: "sample_blks", "Blocks of the sample."),
                    .gauge("sum(p.sample_blks_scanned)", as: "sample_blks_scanned", "Blocks of it read so far."),
                    .gauge("sum(p.ext_stats_total)", as: "ext_stats", "Extended statistics to compute."),
                    .gauge("sum(p.ext_stats_computed)", as: "ext_stats_computed", "Of them computed so far."),
                    .gauge("sum(p.child_tables_total)", as: "child_tables", "Partitions or child tables to scan."),
                    .gauge(
                        "sum(p.child_tables_done)", as: "child_tables_done",
                        "Partitions or child tables scanned so far."),
                ])
        ])
}
