internal import ExporterKit

extension TableCollector {
    /// One row. Version 17 moved what belongs to checkpoints to `stat_checkpointer`, and the writes of backends to
    /// `pg_stat_io`.
    /// Source: https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-BGWRITER-VIEW
    static let statBgwriter = TableCollector(
        "stat_bgwriter", "Work of the background writer; before version 17 also checkpoints.",
        tables: [SQLTable(prefix: "pg_stat_bgwriter", from: "pg_stat_bgwriter", rows: statBgwriterRows)])

    private static let statBgwriterRows: [MetricRow] = [
        .counter(
            "checkpoints_timed", as: "checkpoints_timed_total",
            "Checkpoints begun because checkpoint_timeout was over.",
            until: .v17),
        .counter(
            "checkpoints_req", as: "checkpoints_req_total", "Checkpoints begun on request or because of max_wal_size.",
            until: .v17),
        .counter(
            "checkpoint_write_time", as: "checkpoint_write_time_total",
            "Milliseconds that checkpoints spent writing files.", until: .v17),
        .counter(
            "checkpoint_sync_time", as: "checkpoint_sync_time_total",
            "Milliseconds that checkpoints spent syncing files.", until: .v17),
        .counter(
            "buffers_checkpoint", as: "buffers_checkpoint_total", "Buffers written by checkpoints.", until: .v17),
        .counter("buffers_clean", as: "buffers_clean_total", "Buffers written by the background writer."),
        .counter(
            "maxwritten_clean", as: "maxwritten_clean_total",
            "Cleaning rounds that stopped early because bgwriter_lru_maxpages buffers were written."),
        .counter(
            "buffers_backend", as: "buffers_backend_total", "Buffers that sessions had to write themselves.",
            until: .v17),
        .counter(
            "buffers_backend_fsync", as: "buffers_backend_fsync_total",
            "Times a session had to sync a file itself, which is a sign of trouble.", until: .v17),
        .counter("buffers_alloc", as: "buffers_alloc_total", "Buffers allocated."),
        .counter(
            "extract(epoch FROM stats_reset)", as: "stats_reset_total",
            "Unix time of the last reset of these counters; absent when there was none."),
    ]
}
