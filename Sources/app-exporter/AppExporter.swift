internal import CurlClient
internal import ExporterCommand
internal import ExporterKit
internal import Logging

/// Exports what one YAML file asks for: business metrics, vector search, synthetic checks.
struct AppExporter: ExporterProgram {
    static let name = "app-exporter"
    static let summary = "Exports business metrics, vector search and synthetic checks as one YAML file describes them."
    static let defaultListenAddress = ":9999"
    static let environmentPrefix = "APP_EXPORTER"
    static let collectors: [CollectorListing] = []
    static let selfMetrics =
        GroupMetrics.all + SourceMetrics.all + Truncation.all + LedgerMetrics.all + ConfigurationMetrics.all
        + VectorPlan.all + CheckMetrics.all + FlowMetrics.all + BlackboxMetrics.all.map(\.descriptor)
        + [BlackboxRoute.unknownModules] + ProcessMetrics.descriptors

    static let flags: [Flag] = [
        .string(
            "config.file", default: "app-exporter.yaml", environment: "APP_EXPORTER_CONFIG_FILE",
            help: "File that says what to ask, how often, and what to call it."),
        .string(
            "blackbox.config.file", environment: "APP_EXPORTER_BLACKBOX_CONFIG_FILE", group: BlackboxRoute.flagGroup,
            help:
                "Modules of blackbox_exporter for /probe, which is off without. Read again on SIGHUP and POST /-/reload."
        ),
        .string(
            "probe.allowed-targets", environment: "APP_EXPORTER_PROBE_ALLOWED_TARGETS", group: BlackboxRoute.flagGroup,
            help:
                "Servers that /probe may ask, as HOST or HOST:PORT separated by commas; * and ? as in a shell. Empty is all."
        ),
    ]

    static func make(_ flags: FlagValues, _ context: ProgramContext) throws -> Exporter {
        let configuration = try configuration(flags)
        ConfigurationMetrics.loaded(context.registry)
        let blackbox = try BlackboxRoute.make(flags, context)
        let plan = WorkPlan(configuration, context.registry)
        let store = ResultStore(
            plan.works, time: plan.time, logger: context.logger, metrics: GroupMetrics(context.registry))
        let schedule = Schedule(works: plan.works, store: store, time: plan.time)
        let info = BuildInfo(
            program: "app_exporter",
            labels: LabelSet([
                "version": FleetVersion.current, "revision": FleetVersion.revision, "swift_version": FleetVersion.swift,
            ]))
        var reload: (@Sendable () throws -> Void)?
        if let blackbox { reload = { try blackbox.reloaded()() } }
        // `--once` has no schedule: there, and only there, a scrape asks.
        let source: any MetricSource = flags.bool("once") ? AskedAtOnce(schedule: schedule) : store
        return Exporter(
            sources: [source, info, ProcessMetrics()], targets: plan.targets, routes: blackbox?.routes ?? [:],
            reload: reload, background: { await schedule.run() },
            close: {
                await plan.close()
                await blackbox?.close()
            })
    }

    /// The file, read and checked.
    static func configuration(_ flags: FlagValues) throws(ConfigurationError) -> AppConfiguration {
        let path = flags.string("config.file")
        // Who comes from blackbox_exporter has modules only.
        if !flags.string("blackbox.config.file").isEmpty, !flags.isSet("config.file"),
            try YAMLDocument.ifPresent(path) == nil
        {
            return AppConfiguration()
        }
        return try ConfigurationReader.read(try YAMLDocument(file: path))
    }

    /// What the file declares, when there is one.
    static func configuredMetrics(_ flags: FlagValues) throws -> [MetricDescriptor] {
        flags.isSet("config.file") ? try configuration(flags).declared : []
    }
}

/// Runs everything once and gives what came of it.
struct AskedAtOnce: MetricSource {
    let schedule: Schedule

    func families(for request: ScrapeRequest) async -> [MetricFamily] {
        await schedule.runOnce(until: request.deadline.instant)
        return await schedule.store.families(for: request)
    }
}

/// What the exporter tells about its configuration.
enum ConfigurationMetrics {
    static let successful = MetricDescriptor(
        "app_exporter_config_last_reload_successful", "Whether the configuration file was accepted when last read.",
        kind: .gauge)
    static let timestamp = MetricDescriptor(
        "app_exporter_config_last_reload_success_timestamp_seconds", "When the configuration in force was read.",
        kind: .gauge, unit: "seconds")
    static let all = [successful, timestamp]

    static func loaded(_ registry: Registry) {
        registry.gauge(successful.name, successful.help).set(1)
        registry.gauge(timestamp.name, timestamp.help).set(Timekeeper.system().unixSeconds())
    }
}
