internal import ExporterKit

extension PgBouncerCollectors {
    /// The limits of the configuration, to compare with what is in use.
    static var config: ConsoleList {
        ConsoleList(
            "pgbouncer_config", "PgBouncer: limits of its configuration.", asking: "SHOW CONFIG",
            prefix: "pgbouncer_config", rows: configRows)
    }

    private static let configRows: [MetricRow] = [
        .gauge("max_client_conn", as: "max_client_connections", "Clients allowed."),
        .gauge("max_user_connections", "Servers allowed to one user; 0 is no limit."),
        .gauge("max_db_connections", "Servers allowed to one database; 0 is no limit."),
        .gauge("max_user_client_connections", "Clients allowed to one user; 0 is no limit."),
        .gauge("max_db_client_connections", "Clients allowed to one database; 0 is no limit."),
        .gauge("default_pool_size", "Servers allowed to a pool that has no limit of its own."),
        .gauge("min_pool_size", "Servers that a pool without a value of its own keeps."),
        .gauge("reserve_pool_size", "Servers allowed to a pool in addition when its clients wait."),
        .gauge("reserve_pool_timeout", as: "reserve_pool_timeout_seconds", "Waiting time after which those are used."),
        .gauge("max_prepared_statements", "Prepared statements kept for each server; 0 is none."),
        .gauge(
            "query_wait_timeout", as: "query_wait_timeout_seconds",
            "Waiting time after which a client without a server is sent away; 0 is never."),
        .gauge(
            "server_idle_timeout", as: "server_idle_timeout_seconds", "Time after which an idle server is closed."),
        .gauge("server_lifetime", as: "server_lifetime_seconds", "Age at which an idle server is closed."),
    ]
}
