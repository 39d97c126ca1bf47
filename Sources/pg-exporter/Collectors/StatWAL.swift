internal import ExporterKit

extension TableCollector {
    /// One row. Version 18 moved writes and syncs to `pg_stat_io`; the names here stay.
    /// Source: https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-WAL-VIEW
    static let statWAL = TableCollector(
        "stat_wal", "Write-ahead log made, written and synced, from version 14.",
        tables: [
            SQLTable(
                prefix: "pg_stat_wal",
                fromWhere: { server in
                    guard server.version >= .v18 else { return "pg_stat_wal w" }
                    return """
                        pg_stat_wal w, (SELECT sum(writes) AS wal_write, sum(fsyncs) AS wal_sync, \
                        sum(write_time) AS wal_write_time, sum(fsync_time) AS wal_sync_time \
                        FROM pg_stat_io WHERE object = 'wal' AND context = 'normal') i
                        """
                }, rows: statWALRows)
        ])

    private static let statWALRows: [MetricRow] = [
        .counter("wal_records", as: "records_total", "Records made.", since: .v14),
        .counter("wal_fpi", as: "fpi_total", "Full page images made.", since: .v14),
        .counter("wal_bytes", as: "bytes_total", "Bytes made.", since: .v14),
        .counter(
            "wal_buffers_full", as: "buffers_full_total",
            "Times the log was written because its buffers were full.", since: .v14),
        .counter("wal_write", as: "writes_total", "Times log buffers were written to disk.", since: .v14),
        .counter("wal_sync", as: "syncs_total", "Times log files were synced.", since: .v14),
        .counter(
            "wal_write_time", as: "write_time_seconds_total",
            "Time spent writing the log; 0 unless track_wal_io_timing is on.", in: .milliseconds, since: .v14),
        .counter(
            "wal_sync_time", as: "sync_time_seconds_total",
            "Time spent syncing the log; 0 unless track_wal_io_timing is on.", in: .milliseconds, since: .v14),
    ]
}
