internal import ExporterKit

extension TableCollector {
    /// One row per database; the row of shared objects has no database and is left out.
    /// Source: https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-DATABASE-VIEW
    static let statDatabase = TableCollector(
        "stat_database", "Activity of each database since its statistics were reset.",
        tables: [
            SQLTable(
                prefix: "pg_stat_database", from: "pg_stat_database WHERE datname IS NOT NULL",
                labels: [.column("datid"), .column("datname")], rows: statDatabaseRows)
        ])

    private static let statDatabaseRows: [MetricRow] = [
        .gauge("numbackends", "Sessions connected to the database now."),
        .counter("xact_commit", "Transactions committed."),
        .counter("xact_rollback", "Transactions rolled back."),
        .counter("blks_read", "Blocks read from the operating system."),
        .counter("blks_hit", "Blocks found in the shared buffers."),
        .counter(
            "tup_returned", "Live rows that sequential scans returned, and index entries that index scans returned."),
        .counter("tup_fetched", "Live rows that index scans fetched."),
        .counter("tup_inserted", "Rows inserted."),
        .counter("tup_updated", "Rows updated."),
        .counter("tup_deleted", "Rows deleted."),
        .counter("conflicts", "Queries cancelled because they stood in the way of recovery; on standbys only."),
        .counter("temp_files", "Temporary files that queries created."),
        .counter("temp_bytes", "Bytes that queries wrote to temporary files."),
        .counter("deadlocks", "Deadlocks found."),
        .counter("blk_read_time", "Milliseconds spent reading blocks; 0 unless track_io_timing is on."),
        .counter("blk_write_time", "Milliseconds spent writing blocks; 0 unless track_io_timing is on."),
        .counter(
            "extract(epoch FROM stats_reset)", as: "stats_reset",
            "Unix time of the last reset of the database's statistics; absent when there was none."),
        .counter(
            "active_time", as: "active_time_seconds_total", "Time that sessions spent executing statements.",
            in: .milliseconds, since: .v14),
    ]
}
