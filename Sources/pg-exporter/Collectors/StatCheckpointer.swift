internal import ExporterKit

extension TableCollector {
    /// One row; a server before version 17 has no such view, is asked nothing and that is success. On by default,
    /// unlike upstream: there a server upgraded to 17 silently loses its checkpoint metrics.
    /// Source: https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-CHECKPOINTER-VIEW
    static let statCheckpointer = TableCollector(
        "stat_checkpointer", "Checkpoints and restartpoints, from version 17.",
        tables: [SQLTable(prefix: "pg_stat_checkpointer", from: "pg_stat_checkpointer", rows: statCheckpointerRows)])

    private static let statCheckpointerRows: [MetricRow] = [
        .counter(
            "num_timed", as: "num_timed_total", "Checkpoints due because checkpoint_timeout was over.", since: .v17),
        .counter(
            "num_requested", as: "num_requested_total", "Checkpoints asked for, also because of max_wal_size.",
            since: .v17),
        .counter("num_done", as: "num_done_total", "Checkpoints that were carried out.", since: .v18),
        .counter(
            "restartpoints_timed", as: "restartpoints_timed_total",
            "Restartpoints due because checkpoint_timeout was over or the last attempt failed.", since: .v17),
        .counter("restartpoints_req", as: "restartpoints_req_total", "Restartpoints asked for.", since: .v17),
        .counter(
            "restartpoints_done", as: "restartpoints_done_total", "Restartpoints that were carried out.", since: .v17),
        .counter(
            "write_time", as: "write_time_total",
            "Milliseconds that checkpoints and restartpoints spent writing files.", since: .v17),
        .counter(
            "sync_time", as: "sync_time_total", "Milliseconds that checkpoints and restartpoints spent syncing files.",
            since: .v17),
        .counter(
            "buffers_written", as: "buffers_written_total", "Shared buffers written by checkpoints and restartpoints.",
            since: .v17),
        .counter(
            "slru_written", as: "slru_written_total", "SLRU buffers written by checkpoints and restartpoints.",
            since: .v18),
        .counter(
            "extract(epoch FROM stats_reset)", as: "stats_reset_total",
            "Unix time of the last reset of these counters; absent when there was none.", since: .v17),
    ]
}
