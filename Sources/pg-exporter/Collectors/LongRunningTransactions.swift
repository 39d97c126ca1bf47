internal import ExporterKit

extension TableCollector {
    /// One row. Sessions that do nothing, autovacuum and the exporter's own session do not count.
    /// Source: https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-ACTIVITY-VIEW
    static let longRunningTransactions = TableCollector(
        "long_running_transactions", "Open transactions and the age of the oldest.", enabledByDefault: false,
        tables: [
            SQLTable(
                prefix: "pg",
                from: """
                    pg_stat_activity WHERE xact_start IS NOT NULL AND state IS DISTINCT FROM 'idle' \
                    AND backend_type IS DISTINCT FROM 'autovacuum worker' AND pid <> pg_backend_pid()
                    """,
                rows: [
                    .gauge("count(*)", as: "long_running_transactions", "Transactions open now."),
                    .gauge(
                        "coalesce(extract(epoch FROM clock_timestamp() - min(xact_start)), 0)",
                        as: "long_running_transactions_oldest_timestamp_seconds",
                        "Age in seconds of the oldest open transaction, not its time; 0 when none is open."),
                ])
        ])
}
