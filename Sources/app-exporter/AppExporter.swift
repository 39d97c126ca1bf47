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
        GroupMetrics.all + SourceMetrics.all + ConfigurationMetrics.all + VectorMetrics.catalog + ProbeMetrics.all
        + CheckMetrics.all + FlowMetrics.all + ProcessMetrics.descriptors

    static let flags: [Flag] = [
        .string(
            "config.file", default: "app-exporter.yaml", environment: "APP_EXPORTER_CONFIG_FILE",
            help: "File that says what to ask, how often, and what to call it.")
    ]

    static func make(_ flags: FlagValues, _ context: ProgramContext) throws -> Exporter {
        let configuration = try configuration(flags)
        ConfigurationMetrics.loaded(context.registry)
        let plan = WorkPlan(configuration, context.registry)
        let store = ResultStore(
            plan.works, time: plan.time, logger: context.logger, metrics: GroupMetrics(context.registry))
        let schedule = Schedule(works: plan.works, store: store, time: plan.time)
        let info = BuildInfo(
            program: "app_exporter",
            labels: LabelSet([
                "version": FleetVersion.current, "revision": FleetVersion.revision, "swift_version": FleetVersion.swift,
            ]))
        // `--once` has no schedule: there, and only there, a scrape asks.
        let source: any MetricSource = flags.bool("once") ? AskedAtOnce(schedule: schedule) : store
        return Exporter(
            sources: [source, info, ProcessMetrics()], targets: plan.targets, background: { await schedule.run() },
            close: { await plan.close() })
    }

    /// The file, read and checked.
    static func configuration(_ flags: FlagValues) throws(ConfigurationError) -> AppConfiguration {
        try ConfigurationReader.read(try YAMLDocument(file: flags.string("config.file")))
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
