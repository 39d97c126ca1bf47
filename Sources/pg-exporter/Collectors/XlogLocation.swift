internal import ExporterKit

extension TableCollector {
    /// One row. Upstream's collector has no value from version 10 on, where the functions are called otherwise; this one
    /// has.
    /// Source: https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-ADMIN-BACKUP
    static let xlogLocation = TableCollector(
        "xlog_location", "Position in the write-ahead log.", enabledByDefault: false,
        tables: [
            SQLTable(
                prefix: "pg_xlog_location",
                rows: [
                    .gauge(
                        """
                        (CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END \
                        - '0/0') % (2^52)::bigint
                        """, as: "bytes",
                        "WAL position, written by a primary or replayed by a standby: the low 52 bits, as upstream has it."
                    )
                ])
        ])
}
