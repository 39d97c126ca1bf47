internal import ExporterKit

extension TableCollector {
    /// The oldest work of client sessions, one row per database. The exporter's own session is left out.
    /// Source: https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-ACTIVITY-VIEW
    static let transactions = TableCollector(
        "transactions", "Age of the oldest transaction, statement and idle transaction of each database.",
        tables: [
            SQLTable(
                prefix: "pg_transactions",
                from: """
                    pg_database d LEFT JOIN (SELECT datid, min(xact_start) AS started, \
                    min(query_start) FILTER (WHERE state = 'active') AS asked, \
                    min(state_change) FILTER (WHERE state LIKE 'idle in transaction%') AS idle, \
                    count(*) FILTER (WHERE state LIKE 'idle in transaction%') AS idle_number \
                    FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() \
                    GROUP BY 1) a ON a.datid = d.oid WHERE d.datallowconn
                    """,
                labels: [.expression("datname", "d.datname")],
                rows: [
                    .gauge(
                        age("a.started"), as: "oldest_age_seconds",
                        "Age of the oldest open transaction of a client; 0 when none is open."),
                    .gauge(
                        age("a.asked"), as: "oldest_statement_age_seconds",
                        "Age of the oldest running statement of a client; 0 when none runs."),
                    .gauge(
                        age("a.idle"), as: "idle_in_transaction_age_seconds",
                        "Longest time a client has now been idle inside of a transaction; 0 when none is."),
                    .gauge(
                        "coalesce(a.idle_number, 0)", as: "idle_in_transaction",
                        "Clients that are idle inside of a transaction."),
                ])
        ])

    private static func age(_ time: String) -> String {
        "greatest(0, coalesce(extract(epoch FROM clock_timestamp() - \(time)), 0))"
    }
}
