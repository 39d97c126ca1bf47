internal import ExporterKit

extension TableCollector {
    /// How far a standby is behind. On a primary the ages are 0: `greatest` leaves NULL out.
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
                    ),
                    .gauge(
                        "pg_is_in_recovery()::int", as: "is_replica",
                        "1 when the server is a standby in recovery, else 0."),
                    .gauge(
                        replayAge, as: "last_replay_seconds",
                        "Age of the last transaction replayed here, also when there was none to replay; 0 on a primary."
                    ),
                ])
        ])

    private static let replayAge = "greatest(0, extract(epoch FROM now() - pg_last_xact_replay_timestamp()))"
}
