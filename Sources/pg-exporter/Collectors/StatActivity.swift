internal import ExporterKit

extension TableCollector {
    /// Sessions by everything that tells them apart, without the exporter's own. A state that no session of a database
    /// is in has one series of 0 with the other labels empty.
    /// Source: https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-ACTIVITY-VIEW
    static let statActivity = TableCollector(
        "stat_activity", "Sessions by database, state, user, application and wait event.",
        tables: [
            SQLTable(
                prefix: "pg_stat_activity",
                from: """
                    pg_database d CROSS JOIN (VALUES ('active'), ('idle'), ('idle in transaction'), \
                    ('idle in transaction (aborted)'), ('fastpath function call'), ('disabled')) s (state) \
                    LEFT JOIN (SELECT datid, state, usename, application_name, backend_type, wait_event_type, \
                    wait_event, count(*) AS number, extract(epoch FROM max(now() - xact_start)) AS age \
                    FROM pg_stat_activity WHERE pid <> pg_backend_pid() GROUP BY 1, 2, 3, 4, 5, 6, 7) a \
                    ON a.datid = d.oid AND a.state = s.state ORDER BY d.oid, s.state
                    """,
                labels: [
                    .expression("datname", "d.datname"), .expression("state", "s.state"),
                    .expression("usename", "a.usename"), .expression("application_name", "a.application_name"),
                    .expression("backend_type", "a.backend_type"),
                    .expression("wait_event_type", "a.wait_event_type"), .expression("wait_event", "a.wait_event"),
                ],
                rows: [
                    .gauge("coalesce(a.number, 0)", as: "count", "Sessions in this state, from pg_stat_activity."),
                    .gauge(
                        "coalesce(a.age, 0)", as: "max_tx_duration",
                        "Age in seconds of the oldest open transaction of these sessions; 0 when none is open."),
                ])
        ])
}
