internal import ExporterKit

extension TableCollector {
    /// One row per database; only a standby counts anything. Upstream's last metrics with the label `server`: there they
    /// are no collector and go with `--disable-default-metrics`.
    /// Source: https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-DATABASE-CONFLICTS-VIEW
    static let statDatabaseConflicts = TableCollector(
        "stat_database_conflicts", "Queries of a standby cancelled because of recovery, by cause.",
        tables: [
            SQLTable(
                prefix: "pg_stat_database_conflicts", from: "pg_stat_database_conflicts",
                labels: [.column("datid"), .column("datname"), .server], rows: statDatabaseConflictsRows)
        ])

    private static let statDatabaseConflictsRows: [MetricRow] = [
        .counter("confl_tablespace", "Queries cancelled because a tablespace was dropped."),
        .counter("confl_lock", "Queries cancelled because recovery waited too long for a lock."),
        .counter("confl_snapshot", "Queries cancelled because their snapshot was too old."),
        .counter("confl_bufferpin", "Queries cancelled because they held a buffer pinned."),
        .counter("confl_deadlock", "Queries cancelled because of a deadlock with recovery."),
        MetricRow(
            "confl_active_logicalslot", kind: .unknown,
            "Uses of logical slots cancelled because of old snapshots or a wal_level too low on the primary.",
            since: .v16),
    ]
}
