internal import ExporterKit

extension TableCollector {
    /// Every mode in every database has a series, 0 where nobody holds or awaits such a lock.
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
                    LEFT JOIN (SELECT database, lower(mode) AS mode, count(*) AS number FROM pg_locks \
                    WHERE database IS NOT NULL GROUP BY 1, 2) l ON l.database = d.oid AND l.mode = m.mode \
                    ORDER BY d.oid, m.mode
                    """,
                labels: [.expression("datname", "d.datname"), .expression("mode", "m.mode")],
                rows: [.gauge("coalesce(l.number, 0)", as: "count", "Locks held or awaited, from pg_locks.")])
        ])
}
