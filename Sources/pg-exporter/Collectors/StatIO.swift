internal import ExporterKit

extension TableCollector {
    /// One row per kind of process, object and context; what cannot happen there is NULL and has no series. Before
    /// version 18 the server tells operations and their common size, from then on bytes.
    /// Source: https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-IO-VIEW
    static let statIO = TableCollector(
        "stat_io", "Reads, writes and buffer use by kind of process, from version 16.",
        tables: [
            SQLTable(
                prefix: "pg_stat_io", from: "pg_stat_io",
                labels: [.column("backend_type"), .column("object"), .column("context")], rows: statIORows)
        ])

    private static let statIORows: [MetricRow] = [
        .counter("reads", as: "reads_total", "Read operations.", since: .v16),
        .counter("reads * op_bytes", as: "read_bytes_total", "Bytes read.", since: .v16, until: .v18),
        .counter("read_bytes", as: "read_bytes_total", "Bytes read.", since: .v18),
        .counter(
            "read_time", as: "read_time_seconds_total", "Time spent reading; 0 unless track_io_timing is on.",
            in: .milliseconds, since: .v16),
        .counter("writes", as: "writes_total", "Write operations.", since: .v16),
        .counter("writes * op_bytes", as: "write_bytes_total", "Bytes written.", since: .v16, until: .v18),
        .counter("write_bytes", as: "write_bytes_total", "Bytes written.", since: .v18),
        .counter(
            "write_time", as: "write_time_seconds_total", "Time spent writing; 0 unless track_io_timing is on.",
            in: .milliseconds, since: .v16),
        .counter(
            "writebacks", as: "writebacks_total", "Blocks that the kernel was asked to write to storage.", since: .v16),
        .counter(
            "writeback_time", as: "writeback_time_seconds_total",
            "Time spent asking the kernel to write to storage; 0 unless track_io_timing is on.", in: .milliseconds,
            since: .v16),
        .counter("extends", as: "extends_total", "Operations that made a relation longer.", since: .v16),
        .counter(
            "extends * op_bytes", as: "extend_bytes_total", "Bytes by which relations were made longer.", since: .v16,
            until: .v18),
        .counter("extend_bytes", as: "extend_bytes_total", "Bytes by which relations were made longer.", since: .v18),
        .counter(
            "extend_time", as: "extend_time_seconds_total",
            "Time spent making relations longer; 0 unless track_io_timing is on.", in: .milliseconds, since: .v16),
        .counter("hits", as: "hits_total", "Blocks found in a shared buffer.", since: .v16),
        .counter("evictions", as: "evictions_total", "Blocks written out or dropped to free a buffer.", since: .v16),
        .counter("reuses", as: "reuses_total", "Buffers of a ring used again.", since: .v16),
        .counter("fsyncs", as: "fsyncs_total", "Files synced.", since: .v16),
        .counter(
            "fsync_time", as: "fsync_time_seconds_total", "Time spent syncing; 0 unless track_io_timing is on.",
            in: .milliseconds, since: .v16),
    ]
}
