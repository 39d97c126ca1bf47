internal import ExporterKit

extension PgBouncerCollectors {
    /// How many of everything there are.
    static var lists: ConsoleList {
        ConsoleList(
            "pgbouncer_lists", "PgBouncer: how many clients, servers, pools and names it holds.", asking: "SHOW LISTS",
            prefix: "pgbouncer",
            rows: [
                .gauge("databases", "Databases known."),
                .gauge("users", "Users known."),
                .gauge("peers", "Other processes of the same group known."),
                .gauge("pools", "Pools: pairs of database and user."),
                .gauge("peer_pools", "Pools of connections to other processes of the same group."),
                .gauge("free_clients", "Places for clients that are allocated and free."),
                .gauge("used_clients", "Clients connected."),
                .gauge("login_clients", "Clients that are logging in."),
                .gauge("free_servers", "Places for servers that are allocated and free."),
                .gauge("used_servers", "Servers connected."),
                .gauge("dns_names", as: "cached_dns_names", "Host names in the cache."),
                .gauge("dns_zones", as: "cached_dns_zones", "DNS zones in the cache."),
                .gauge("dns_queries", as: "in_flight_dns_queries", "DNS queries under way."),
            ])
    }
}
