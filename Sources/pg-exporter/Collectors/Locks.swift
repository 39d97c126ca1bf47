internal import ExporterKit

extension TableCollector {
    /// Every mode in every database has a series, 0 where nobody holds or awaits such a lock. A lock on a transaction,
    /// which whoever waits for a row waits for, belongs to no database: it counts as awaited in that of the session.
    /// Source: https://www.postgresql.org/docs/current/view-pg-locks.html
    static let locks = TableCollector(
        "locks", "Locks held and awaited, by database and mode.",
        tables: [
            SQLTable(
                prefix: "pg_locks",
                from: """
                    pg_database d CROSS JOIN (VALUES ('accesssharelock'), ('rowsharelock'), ('rowexclusivelock'), \
                    ('shareupdateexclusivelock'), ('sharelock'), ('sharerowexclusivelock'), ('exclusivelock'), \
                    ('accessexclusivelock'), ('sireadlock')) m (mode) \
                    LEFT JOIN (SELECT coalesce(database, (SELECT datid FROM pg_stat_get_activity(pid))) AS database, \
                    lower(mode) AS mode, count(*) FILTER (WHERE database IS NOT NULL) AS number, \
                    count(*) FILTER (WHERE NOT granted) AS waiting FROM pg_locks \
                    WHERE database IS NOT NULL OR NOT granted GROUP BY 1, 2) l \
                    ON l.database = d.oid AND l.mode = m.mode \
                    ORDER BY d.oid, m.mode
                    """,
                labels: [.expression("datname", "d.datname"), .expression("mode", "m.mode")],
                rows: [
                    .gauge("coalesce(l.number, 0)", as: "count", "Locks held or awaited, from pg_locks."),
                    .gauge(
                        "coalesce(l.waiting, 0)", as: "waiting",
                        "Locks awaited by sessions of the database, those on transactions included."),
                ])
        ])
}
