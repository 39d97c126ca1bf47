internal import ExporterKit

extension PgBouncerCollectors {
    /// What is configured for each database, and how much of it is in use.
    static var databases: ConsoleTable {
        ConsoleTable(
            "pgbouncer_databases", "PgBouncer: limits and use of each configured database.", asking: "SHOW DATABASES",
            tables: [
                MetricTable(
                    prefix: "pgbouncer_databases",
                    labels: ["name", "host", "port", "database", "force_user", "pool_mode"], rows: databaseRows)
            ])
    }

    private static let databaseRows: [MetricRow] = [
        .gauge("pool_size", "Servers that each pool of the database may have."),
        .gauge("min_pool_size", "Servers that each pool of the database keeps."),
        .gauge("reserve_pool", "Servers that a pool may have in addition when its clients wait."),
        .gauge(
            "reserve_pool_size", as: "reserve_pool",
            "Servers that a pool may have in addition when its clients wait."),
        .gauge("server_lifetime", as: "server_lifetime_seconds", "Age at which an idle server is closed."),
        .gauge("max_connections", "Servers that the database may have over all pools; 0 is no limit."),
        .gauge("current_connections", "Servers that the database has now."),
        .gauge("max_client_connections", "Clients that the database may have; 0 is no limit."),
        .gauge("current_client_connections", "Clients that the database has now."),
        .gauge("paused", "Whether the database is paused: its clients wait."),
        .gauge("disabled", "Whether the database is disabled: it takes no new clients."),
    ]
}
