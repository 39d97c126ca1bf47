internal import ExporterKit

extension TableCollector {
    /// How far a standby is behind. On a primary the ages are 0.
    ///
    /// Each is a question of its own: some managed servers do not have the functions, and that costs only what needs them.
    /// Source: https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-RECOVERY-CONTROL
    static let replication = TableCollector(
        "replication", "Role of the server and, on a standby, how far it is behind.",
        tables: [
            SQLTable(
                prefix: "pg_replication",
                rows: [
                    .gauge(
                        """
                        CASE WHEN NOT pg_is_in_recovery() OR pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() \
                        THEN 0 ELSE \(replayAge) END
                        """, as: "lag_seconds",
                        "Age of the last transaction replayed here; 0 on a primary and when nothing is left to replay."
                    )
                ]),
            SQLTable(
                prefix: "pg_replication",
                rows: [
                    .gauge(
                        "pg_is_in_recovery()::int", as: "is_replica",
                        "1 when the server is a standby in recovery, else 0.")
                ]),
            SQLTable(
                prefix: "pg_replication",
                rows: [
                    .gauge(
                        "CASE WHEN NOT pg_is_in_recovery() THEN 0 ELSE \(replayAge) END", as: "last_replay_seconds",
                        "Age of the last transaction replayed here, also when there was none to replay; 0 on a primary."
                    )
                ]),
        ])

    /// `greatest` leaves NULL out: a standby that has replayed no transaction yet is 0 behind.
    private static let replayAge = "greatest(0, extract(epoch FROM now() - pg_last_xact_replay_timestamp()))"
}
