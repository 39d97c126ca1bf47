internal import ExporterKit

extension TableCollector {
    /// One row per database; the row of shared objects has no database and is left out.
    /// Source: https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-DATABASE-VIEW
    static let statDatabase = TableCollector(
        "stat_database", "Activity of each database since its statistics were reset.",
        tables: [
            SQLTable(
                prefix: "pg_stat_database", from: "pg_stat_database WHERE datname IS NOT NULL",
                labels: [.column("datid"), .column("datname")], rows: statDatabaseRows + sessionRows),
            SQLTable(
                prefix: "pg_stat_database", from: "pg_stat_database",
                labels: [.column("datid"), .column("datname")], rows: checksumRows),
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

    private static let sessionRows: [MetricRow] = [
        .counter(
            "session_time", as: "session_time_seconds_total", "Time that sessions were connected.", in: .milliseconds,
            since: .v14),
        .counter(
            "idle_in_transaction_time", as: "idle_in_transaction_time_seconds_total",
            "Time that sessions were idle inside of a transaction.", in: .milliseconds, since: .v14),
        .counter("sessions", as: "sessions_total", "Sessions begun.", since: .v14),
        .counter(
            "sessions_abandoned", as: "sessions_abandoned_total", "Sessions whose client was lost.", since: .v14),
        .counter("sessions_fatal", as: "sessions_fatal_total", "Sessions ended by a fatal error.", since: .v14),
        .counter("sessions_killed", as: "sessions_killed_total", "Sessions ended by an operator.", since: .v14),
        .counter(
            "parallel_workers_to_launch", as: "parallel_workers_to_launch_total", "Parallel workers that plans wanted.",
            since: .v18),
        .counter(
            "parallel_workers_launched", as: "parallel_workers_launched_total", "Parallel workers that were started.",
            since: .v18),
    ]

    /// Absent without data checksums. What all databases share has a row too, without a name.
    private static let checksumRows: [MetricRow] = [
        .counter(
            "checksum_failures", as: "checksum_failures_total",
            "Pages read with a wrong checksum: data is damaged. Absent without data checksums."),
        .gauge(
            "extract(epoch FROM checksum_last_failure)", as: "checksum_last_failure_timestamp_seconds",
            "Unix time of the last page with a wrong checksum; absent when there was none."),
    ]
}
