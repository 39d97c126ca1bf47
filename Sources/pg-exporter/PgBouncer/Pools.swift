internal import ExporterKit

extension PgBouncerCollectors {
    /// Clients and servers of each pool, a pair of database and user.
    static var pools: ConsoleTable {
        ConsoleTable(
            "pgbouncer_pools", "PgBouncer: connections and waiting time of each pool.", asking: "SHOW POOLS",
            tables: [MetricTable(prefix: "pgbouncer_pools", labels: ["database", "user"], rows: poolRows)],
            fractions: ["maxwait": "maxwait_us"])
    }

    private static let poolRows: [MetricRow] = [
        .gauge("cl_active", as: "client_active_connections", "Clients that have a server, or are idle."),
        .gauge("cl_waiting", as: "client_waiting_connections", "Clients that have asked and wait for a server."),
        .gauge(
            "cl_active_cancel_req", as: "client_active_cancel_connections",
            "Clients whose cancel request is on its way to the server."),
        .gauge(
            "cl_waiting_cancel_req", as: "client_waiting_cancel_connections",
            "Clients whose cancel request has not been passed on yet."),
        .gauge("sv_active", as: "server_active_connections", "Servers that work for a client."),
        .gauge(
            "sv_active_cancel", as: "server_active_cancel_connections", "Servers that are passing on a cancel request."),
        .gauge(
            "sv_being_canceled", as: "server_being_canceled_connections",
            "Servers that wait until cancel requests meant for them are through."),
        .gauge("sv_idle", as: "server_idle_connections", "Servers that are free for the next client."),
        .gauge(
            "sv_used", as: "server_used_connections",
            "Servers idle for longer than server_check_delay, to be checked before their next use."),
        .gauge("sv_tested", as: "server_testing_connections", "Servers being reset or checked."),
        .gauge("sv_login", as: "server_login_connections", "Servers being logged in to."),
        .gauge(
            "maxwait", as: "client_maxwait_seconds",
            "Time the client that has waited longest has waited so far; growing means too few servers."),
    ]
}
