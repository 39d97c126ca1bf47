internal import ExporterCommand
internal import ExporterKit

/// The flags that say which metrics there are, under the names of redis_exporter.
enum MetricFlags {
    static let all = basics + serverKinds + details + additions

    private static let basics: [Flag] = [
        .string(
            "namespace", default: "redis", environment: "REDIS_EXPORTER_NAMESPACE",
            help: "First word of the metrics of the server."),
        .string(
            "config-command", default: "CONFIG", environment: "REDIS_EXPORTER_CONFIG_COMMAND",
            help: "What the command CONFIG is called on the server; - to never send it."),
        .bool(
            "include-config-metrics", environment: "REDIS_EXPORTER_INCL_CONFIG_METRICS",
            help: "Export every parameter of the configuration as a series."),
        .bool(
            "redact-config-metrics", default: true, environment: "REDIS_EXPORTER_REDACT_CONFIG_METRICS",
            help: "Leave out parameters that hold a password."),
        .bool(
            "exclude-latency-histogram-metrics", environment: "REDIS_EXPORTER_EXCLUDE_LATENCY_HISTOGRAM_METRICS",
            help: "Do not ask for LATENCY HISTOGRAM and LATENCY LATEST."),
        .bool(
            "include-metrics-for-empty-databases", default: true,
            environment: "REDIS_EXPORTER_INCL_METRICS_FOR_EMPTY_DATABASES",
            help: "Export zeros for databases without keys."),
        .bool(
            "redis-only-metrics", environment: "REDIS_EXPORTER_REDIS_ONLY_METRICS",
            help: "Leave out the metrics about the process of the exporter."),
        .bool(
            "append-instance-role-label", environment: "REDIS_EXPORTER_APPEND_INSTANCE_ROLE_LABEL",
            help: "Add the role of the server to its series as the label instance_role."),
    ]

    /// - Throws: for a namespace that no metric can begin with.
    static func options(_ flags: FlagValues) throws(UsageError) -> CollectorOptions {
        let namespace = flags.string("namespace")
        guard MetricNames.isLegalMetricName(namespace) else {
            throw UsageError("\(flags.origin("namespace")): is no name for metrics; use letters, digits and _")
        }
        let command = flags.string("config-command")
        return CollectorOptions(
            namespace: namespace, asked: asked(flags),
            configCommand: command == "-" || command.isEmpty ? nil : command,
            includesConfig: flags.bool("include-config-metrics"), redactsConfig: flags.bool("redact-config-metrics"),
            includesEmptyDatabases: flags.bool("include-metrics-for-empty-databases"),
            includesLatency: !flags.bool("exclude-latency-histogram-metrics"),
            commands: CommandFilter(
                allowing: flags.string("latency-histogram-commands"),
                denying: flags.string("latency-histogram-exclude-commands")),
            includesSystem: flags.bool("include-system-metrics"), includesClientPort: flags.bool("export-client-port"),
            includesSentinelPeers: flags.bool("include-sentinel-peer-info"), searchIndexes: try searchIndexes(flags),
            slotOrder: flags.string("slot-stats-order"), limit: flags.int("max-groups"),
            hasStrictTypes: flags.bool("strict-types"))
    }
}
