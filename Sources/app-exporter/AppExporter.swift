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
        GroupMetrics.all + SourceMetrics.all + Truncation.all + LedgerMetrics.all + ReloadMetrics("app_exporter").all
        + VectorPlan.all + CheckMetrics.all + FlowMetrics.all + BlackboxMetrics.all.map(\.descriptor)
        + [BlackboxRoute.unknownModules] + ObjectiveMetrics.all + ProcessMetrics.descriptors

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

    static let commands: [ProgramCommand] = [
        CheckCommand.command, PlanCommand.command, RulesCommand.command, LintCommand.command,
    ]

    static func make(_ flags: FlagValues, _ context: ProgramContext) throws -> Exporter {
        let live = try LiveApp(registry: context.registry, logger: context.logger) { () throws(ConfigurationError) in
            try configuration(flags)
        }
        let blackbox = try BlackboxRoute.make(flags, context)
        let info = BuildInfo(
            program: "app_exporter",
            labels: LabelSet([
                "version": FleetVersion.current, "revision": FleetVersion.revision, "swift_version": FleetVersion.swift,
            ]))
        // `--once` has no schedule: there, and only there, a scrape asks.
        let source: any MetricSource = flags.bool("once") ? AskedAtOnce(schedule: live.schedule) : live.store
        return Exporter(
            sources: [source, ObjectiveMetrics { live.plan.configuration.objectives }, info, ProcessMetrics()],
            targets: live.plan.targets, routes: blackbox?.routes ?? [:], health: { live.plan.health },
            reload: {
                // Both files are read before either counts.
                let putInForce = try blackbox?.reloaded()
                try live.reload()
                putInForce?()
            }, background: { await live.schedule.run() },
            close: {
                await live.close()
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
