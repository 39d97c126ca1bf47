internal import ExporterKit

extension TableCollector {
    /// Sessions that wait for a lock, and those at the root of the queues.
    ///
    /// `pg_blocking_pids` stops the whole lock manager for a moment: it is called for sessions that wait and for no more
    /// than 50 of them. Without one that waits, nothing but `pg_stat_activity` is read.
    /// Source: https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-INFO-SESSION
    static let blocking = TableCollector(
        "blocking", "Sessions that wait for a lock, and those that make them wait.",
        tables: [
            SQLTable(
                prefix: "pg_blocking", fromWhere: { sessions(hasWaitStart: $0.version >= .v14) },
                labels: [.expression("datname", "d.datname")],
                rows: [
                    .gauge("coalesce(b.waiting, 0)", as: "blocked_sessions", "Sessions that wait for a lock."),
                    .gauge(
                        "coalesce(b.roots, 0)", as: "blocker_sessions",
                        """
                        Sessions and prepared transactions that make others wait and do not wait themselves, looked \
                        for behind 50 of those that wait.
                        """),
                    .gauge(
                        "coalesce(b.longest, 0)", as: "max_wait_seconds",
                        """
                        Time the session that waits longest has waited; before version 14 since its statement began. \
                        0 when none waits.
                        """),
                ])
        ])

    private static func sessions(hasWaitStart: Bool) -> String {
        let start =
            hasWaitStart
            ? "coalesce((SELECT min(l.waitstart) FROM pg_locks l WHERE l.pid = w.pid AND NOT l.granted), w.query_start)"
            : "w.query_start"
        return """
            pg_database d LEFT JOIN (\
            WITH w AS MATERIALIZED (SELECT pid, datid, query_start FROM pg_stat_activity \
            WHERE wait_event_type = 'Lock' AND datid IS NOT NULL), \
            first AS MATERIALIZED (SELECT w.datid, pg_blocking_pids(w.pid) AS by FROM w ORDER BY w.query_start LIMIT 50) \
            SELECT w.datid, count(*) AS waiting, \
            (SELECT count(DISTINCT p.pid) FROM first f, LATERAL unnest(f.by) p (pid) \
            WHERE f.datid = w.datid AND p.pid NOT IN (SELECT v.pid FROM w v)) AS roots, \
            extract(epoch FROM clock_timestamp() - min(\(start))) AS longest \
            FROM w GROUP BY w.datid) b ON b.datid = d.oid WHERE d.datallowconn
            """
    }
}
