internal import ExporterCommand
internal import ExporterKit
internal import Logging
internal import PostgresClient

/// Exports one PostgreSQL server under the names of postgres_exporter.
struct PgExporter: ExporterProgram {
    static let name = "pg-exporter"
    static let summary = "Exports metrics of a PostgreSQL server."
    static let defaultListenAddress = ":9187"
    static let environmentPrefix = "PG_EXPORTER"
    static let collectors = Collectors.all().map { CollectorListing($0) }
    static let selfMetrics = ExporterMetrics.all + ProcessMetrics.descriptors

    static let flags = ownFlags + StatementOptions.flags + CompatFlags.flags

    private static let ownFlags: [Flag] = [
        .string(
            "exclude-databases", environment: "PG_EXPORTER_EXCLUDE_DATABASES",
            help: "Databases that collector.database leaves out, separated by commas."),
        .duration(
            "collection-timeout", default: .seconds(60), minimum: .milliseconds(1),
            environment: "PG_EXPORTER_COLLECTION_TIMEOUT",
            help: "Longest time the server may be asked for one scrape."),
    ]

    static func make(_ flags: FlagValues, _ context: ProgramContext) throws -> Exporter {
        let enabled = CompatFlags.collectors(flags, context.enabledCollectors, context.logger)
        let collectors = Collectors.all(CollectorOptions(flags)).filter { enabled.contains($0.descriptor.name) }
        let editions = try NameEditions(flags.list("compat-names"))
        let timeout = flags.duration("collection-timeout")
        guard let dataSource = try DataSource(environment: context.environment) else {
            context.logger.warning(
                "No server to ask: set DATA_SOURCE_NAME, or DATA_SOURCE_URI with DATA_SOURCE_USER and DATA_SOURCE_PASS")
            return Exporter(sources: [NoServer(), buildInfo, ProcessMetrics()])
        }
        let options = PostgresOptions(applicationName: name, conninfo: dataSource.conninfo)
        let server = ServerScrape(
            options, collectors, discovery: Discovery(), log: TroubleLog(context.logger, target: "\(dataSource.target)")
        )
        return Exporter(
            sources: [
                CompatSource(CappedSource(server.source, at: timeout), editions) { server.name }, buildInfo,
                ProcessMetrics(),
            ],
            targets: ["\(dataSource.target)"], close: { await server.close() })
    }

    /// postgres_exporter's labels; `goversion` names the toolchain.
    private static var buildInfo: BuildInfo {
        BuildInfo(
            program: "postgres_exporter",
            labels: LabelSet([
                "branch": FleetVersion.branch, "goarch": FleetVersion.architecture, "goos": FleetVersion.system,
                "goversion": "swift \(FleetVersion.swift)", "revision": FleetVersion.revision, "tags": "",
                "version": FleetVersion.current,
            ]))
    }
}
