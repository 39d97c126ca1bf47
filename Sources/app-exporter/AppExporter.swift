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
        GroupMetrics.all + SourceMetrics.all + ReloadMetrics("app_exporter").all + VectorPlan.all
        + CheckMetrics.all + FlowMetrics.all + ObjectiveMetrics.all + ProcessMetrics.descriptors

    static let flags: [Flag] = [
        .string(
            "config.file", default: "app-exporter.yaml", environment: "APP_EXPORTER_CONFIG_FILE",
            help: "File that says what to ask, how often, and what to call it.")
    ]

    static let commands: [ProgramCommand] = [
        CheckCommand.command, PlanCommand.command, RulesCommand.command, LintCommand.command,
    ]

    static func make(_ flags: FlagValues, _ context: ProgramContext) throws -> Exporter {
        let file = flags.string("config.file")
        let live = try LiveApp(file: file, registry: context.registry, logger: context.logger)
        let info = BuildInfo(
            program: "app_exporter",
            labels: LabelSet([
                "version": FleetVersion.current, "revision": FleetVersion.revision, "swift_version": FleetVersion.swift,
            ]))
        // `--once` has no schedule: there, and only there, a scrape asks.
        let source: any MetricSource = flags.bool("once") ? AskedAtOnce(schedule: live.schedule) : live.store
        return Exporter(
            sources: [source, ObjectiveMetrics { live.plan.configuration.objectives }, info, ProcessMetrics()],
            targets: live.plan.targets, health: { live.plan.health },
            reload: { try live.reload() },
            background: { await live.schedule.run() }, close: { await live.close() })
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
