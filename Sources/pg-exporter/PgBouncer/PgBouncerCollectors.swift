internal import ExporterKit

/// Every collector of a PgBouncer, under the names of pgbouncer_exporter.
///
/// Source: https://www.pgbouncer.org/usage.html#admin-console
enum PgBouncerCollectors {
    /// In the order of `--help` and of the output.
    ///
    /// - Parameter oldStatsNames: also give the totals under the names that pgbouncer_exporter had before 0.11.
    static func all(oldStatsNames: Bool = false) -> [any Collector<ConsoleSession>] {
        [
            pools, stats(oldNames: oldStatsNames), databases, lists, config, clients, servers, ConsoleVersion(),
        ]
    }

    private static var clients: ConsoleConnections {
        ConsoleConnections(
            "pgbouncer_clients", "PgBouncer: its clients by database, user, application and state.",
            asking: "SHOW CLIENTS",
            metric: MetricDescriptor(
                "pgbouncer_client_connections",
                "Client connections; groups beyond the 500 largest are counted together as other.", kind: .gauge),
            by: ["database", "user", "application_name", "state"])
    }

    private static var servers: ConsoleConnections {
        ConsoleConnections(
            "pgbouncer_servers", "PgBouncer: its connections to servers by database, user and state.",
            asking: "SHOW SERVERS",
            metric: MetricDescriptor(
                "pgbouncer_server_connections",
                "Server connections; groups beyond the 500 largest are counted together as other.", kind: .gauge),
            by: ["database", "user", "state"])
    }
}
