internal import ExporterCommand

/// The flags of the exporter itself, under postgres_exporter's names where it has them.
enum PgExporterFlags {
    private static let databases = "Databases"
    private static let probe = "Multi-target /probe"

    static let all: [Flag] = [
        .string(
            "config.file", default: "postgres_exporter.yml", environment: "PG_EXPORTER_CONFIG_FILE",
            help: "File with auth_modules for /probe. Read again on SIGHUP and POST /-/reload."),
        .duration(
            "collection-timeout", default: .seconds(60), minimum: .milliseconds(1),
            environment: "PG_EXPORTER_COLLECTION_TIMEOUT",
            help: "Longest time the server may be asked for one scrape."),
        .int(
            "max-connections", default: 5, in: 1...1_000, environment: "PG_EXPORTER_MAX_CONNECTIONS",
            help: "Most connections to one server at once, whatever the number of databases and scrapes."),
        .bool(
            "disable-default-metrics", environment: "PG_EXPORTER_DISABLE_DEFAULT_METRICS",
            help: "Leave out pg_static and pg_stat_database_conflicts."),
        .string(
            "constantLabels", aliases: ["constant-labels"], environment: "PG_EXPORTER_CONSTANT_LABELS",
            help: "Labels for every series of the server, as NAME=VALUE separated by commas."),
        .string(
            "metric-prefix", default: "pg", environment: "PG_EXPORTER_METRIC_PREFIX",
            help: "First word instead of pg of pg_static, pg_stat_database_conflicts and custom queries."),
        .bool(
            "auto-discover-databases", environment: "PG_EXPORTER_AUTO_DISCOVER_DATABASES", group: databases,
            help: "Ask every database for what it has of its own: tables, indexes, custom queries."),
        .string(
            "exclude-databases", environment: "PG_EXPORTER_EXCLUDE_DATABASES", group: databases,
            help: "Databases to leave out, separated by commas; * and ? as in a shell."),
        .string(
            "include-databases", environment: "PG_EXPORTER_INCLUDE_DATABASES", group: databases,
            help: "Databases that discovery is limited to, separated by commas; * and ? as in a shell."),
        .int(
            "database-concurrency", default: 4, in: 1...1_000, environment: "PG_EXPORTER_DATABASE_CONCURRENCY",
            group: databases, help: "Databases that are asked at the same time."),
        .string(
            "probe.allowed-targets", environment: "PG_EXPORTER_PROBE_ALLOWED_TARGETS", group: probe,
            help:
                "Servers that /probe may ask, as HOST or HOST:PORT separated by commas; * and ? as in a shell. Empty is all."
        ),
        .int(
            "probe.max-targets", default: 200, in: 1...100_000, environment: "PG_EXPORTER_PROBE_MAX_TARGETS",
            group: probe, help: "Servers that /probe keeps connections to; those not asked for in 5 minutes are closed."
        ),
    ]
}

extension Discovery {
    /// As the flags say.
    init(_ flags: FlagValues) {
        let included = [ShellPattern](simple: flags.list("include-databases"))
        let excluded = [ShellPattern](simple: flags.list("exclude-databases"))
        self.init(
            isOn: flags.bool("auto-discover-databases"),
            includes: { name in (included.isEmpty || included.matches(name)) && !excluded.matches(name) })
    }
}
