internal import ExporterKit

extension TableCollector {
    /// Every database has its series, also without a prepared transaction: a forgotten one shows at once.
    /// Source: https://www.postgresql.org/docs/current/view-pg-prepared-xacts.html
    static let preparedTransactions = TableCollector(
        "prepared_transactions", "Transactions prepared for two-phase commit and not yet ended.",
        tables: [
            SQLTable(
                prefix: "pg_prepared_transactions",
                from: """
                    pg_database d LEFT JOIN (SELECT database, count(*) AS number, min(prepared) AS oldest \
                    FROM pg_prepared_xacts GROUP BY 1) p ON p.database = d.datname WHERE d.datallowconn
                    """,
                labels: [.expression("datname", "d.datname")],
                rows: [
                    .gauge("coalesce(p.number, 0)", as: "open", "Prepared transactions that wait for their end."),
                    .gauge(
                        "coalesce(extract(epoch FROM now() - p.oldest), 0)", as: "oldest_age_seconds",
                        "Time since the oldest of them was prepared; 0 when there is none."),
                ])
        ])
}
