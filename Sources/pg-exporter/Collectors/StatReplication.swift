internal import ExporterKit

extension TableCollector {
    /// One row per label set of the receivers connected here.
    ///
    /// Several receivers may share all labels, such as two copies of one tool without slots. Of those the largest lag is
    /// shown. Upstream fails in its release 0.20 and after it adds the label `pid`, which makes every reconnection a new
    /// series. The address is without a netmask, as up to release 0.19; slots with their process are told by
    /// `replication_slots`.
    /// Source: https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-REPLICATION-VIEW
    static let statReplication = TableCollector(
        "stat_replication", "WAL position and lag of each receiver connected to this server.",
        tables: [
            SQLTable(
                prefix: "pg_stat_replication",
                from: """
                    pg_stat_replication r LEFT JOIN pg_replication_slots s ON s.active_pid = r.pid \
                    GROUP BY r.application_name, r.client_addr, r.state, s.slot_name
                    """,
                labels: [
                    .expression("application_name", "r.application_name"),
                    .expression("client_addr", "host(r.client_addr)"), .expression("state", "r.state"),
                    .expression("slot_name", "s.slot_name"),
                ],
                rows: [
                    .gauge(
                        "max(\(SQLText.currentWAL)) - '0/0'", as: "pg_current_wal_lsn_bytes",
                        "WAL position of this server, in bytes."),
                    .gauge(
                        "max(\(SQLText.currentWAL) - r.replay_lsn)", as: "pg_wal_lsn_diff",
                        "Bytes of WAL of this server that the receiver has not replayed yet."),
                    MetricRow(
                        "extract(epoch FROM min(r.reply_time))", as: "reply_time", kind: .unknown,
                        "Unix time of the last reply of the receiver, by its clock; upstream has it up to release 0.19."
                    ),
                ])
        ])
}

extension SQLText {
    /// WAL position that a server has to give away: written by a primary, received by a standby.
    static let currentWAL =
        "CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() ELSE pg_current_wal_lsn() END"
}
