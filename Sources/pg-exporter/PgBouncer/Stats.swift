internal import ExporterKit

extension PgBouncerCollectors {
    /// Totals of each database since PgBouncer started.
    static func stats(oldNames: Bool) -> ConsoleTable {
        let tables = [
            MetricTable(prefix: "pgbouncer_stats_totals", labels: ["database"], rows: totalRows + preparedRows)
        ]
        let old = MetricTable(prefix: "pgbouncer_stats", labels: ["database"], rows: totalRows)
        return ConsoleTable(
            "pgbouncer_stats", "PgBouncer: queries, transactions, bytes and times of each database.",
            asking: "SHOW STATS_TOTALS", tables: oldNames ? tables + [old] : tables)
    }

    private static let totalRows: [MetricRow] = [
        .counter("query_count", as: "queries_pooled_total", "Queries passed on."),
        .counter(
            "query_time", as: "queries_duration_seconds_total", "Time that servers spent executing queries.",
            in: .microseconds),
        .counter("bytes_received", as: "received_bytes_total", "Bytes received from clients."),
        .counter("bytes_sent", as: "sent_bytes_total", "Bytes sent to clients."),
        .counter(
            "wait_time", as: "client_wait_seconds_total", "Time that clients waited for a server.", in: .microseconds),
        .counter("xact_count", as: "sql_transactions_pooled_total", "Transactions passed on."),
        .counter(
            "xact_time", as: "server_in_transaction_seconds_total",
            "Time that servers were in a transaction, idle or executing.", in: .microseconds),
    ]

    private static let preparedRows: [MetricRow] = [
        .counter("client_parse_count", as: "client_parses_total", "Prepared statements that clients asked for."),
        .counter("server_parse_count", as: "server_parses_total", "Prepared statements that servers were asked for."),
        .counter("bind_count", as: "binds_total", "Prepared statements made ready to be executed."),
        .counter(
            "server_assignment_count", as: "server_assignments_total", "Times that a client was given a server."),
        .counter("client_login_count", as: "client_logins_total", "Clients that logged in."),
    ]
}
