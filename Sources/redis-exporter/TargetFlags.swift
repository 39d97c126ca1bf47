internal import ExporterCommand

/// The flags about servers that requests name, and about clusters.
enum TargetFlags {
    private static let group = "Multi-target /scrape and discovery"

    static let all: [Flag] = [
        .string(
            "config.file", environment: "REDIS_EXPORTER_CONFIG_FILE", group: group,
            help:
                "YAML file of modules: user, password and TLS by pattern of server. SIGHUP and /-/reload read it again."
        ),
        .bool(
            "disable-scrape-endpoint", environment: "REDIS_EXPORTER_DISABLE_SCRAPE_ENDPOINT", group: group,
            help: "Do not let requests name servers: no /scrape, no target for discovery."),
        .string(
            "scrape.allowed-targets", environment: "REDIS_EXPORTER_SCRAPE_ALLOWED_TARGETS", group: group,
            help:
                "Servers that requests may name: HOST, HOST:PORT or /SOCKET, with * and ?, separated by commas. Empty is all but sockets."
        ),
        .int(
            "scrape.max-targets", default: 2_000, in: 1...100_000, environment: "REDIS_EXPORTER_SCRAPE_MAX_TARGETS",
            group: group,
            help: "Servers that /scrape keeps connections to; those not asked for in 5 minutes are closed."),
        .bool(
            "is-cluster", environment: "REDIS_EXPORTER_IS_CLUSTER", group: group,
            help:
                "The server is a node of a cluster: keys are looked for on all shards, /discover-cluster-nodes lists all nodes."
        ),
        .bool(
            "cluster-discover-hostnames", environment: "REDIS_EXPORTER_CLUSTER_DISCOVER_HOSTNAMES", group: group,
            help: "List nodes by their host name, where they announce one."),
    ]
}
