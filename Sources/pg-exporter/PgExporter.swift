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

    static let flags = ownFlags + QueryFlags.flags

    private static let ownFlags: [Flag] = [
        .string(
            "exclude-databases", environment: "PG_EXPORTER_EXCLUDE_DATABASES",
            help: "Databases that collector.database leaves out, separated by commas."),
        .duration(
            "collection-timeout", default: .seconds(60), minimum: .milliseconds(1),
            environment: "PG_EXPORTER_COLLECTION_TIMEOUT",
            help: "Longest time the server may be asked for one scrape."),
    ]

    static func configuredMetrics(_ flags: FlagValues) throws -> [MetricDescriptor] {
        try QueryFlags.load(flags).map { CustomQueryMetrics.all + $0.current.descriptors } ?? []
    }

    static func make(_ flags: FlagValues, _ context: ProgramContext) throws -> Exporter {
        let all = Collectors.all(CollectorOptions(flags))
        let collectors = all.filter { context.enabledCollectors.contains($0.descriptor.name) }
        let queries = try QueryFlags.load(flags, logger: context.logger)
        let dump: Exporter.Action = { _ in MapDump.text(all, queries?.current) }
        let timeout = flags.duration("collection-timeout")
        guard let dataSource = try DataSource(environment: context.environment) else {
            context.logger.warning(
                "No server to ask: set DATA_SOURCE_NAME, or DATA_SOURCE_URI with DATA_SOURCE_USER and DATA_SOURCE_PASS")
            let explain: Exporter.Action = { _ in throw UsageError("--explain needs a server: set DATA_SOURCE_NAME") }
            return Exporter(
                sources: [NoServer(), buildInfo, ProcessMetrics()], actions: ["dumpmaps": dump, "explain": explain])
        }
        let options = PostgresOptions(applicationName: name, conninfo: dataSource.conninfo)
        let server = ServerScrape(
            options, collectors, discovery: Discovery(), queries: queries,
            log: TroubleLog(context.logger, target: "\(dataSource.target)"))
        let explain: Exporter.Action = { deadline in
            try await server.explain(all, enabled: context.enabledCollectors, until: deadline).text
        }
        return Exporter(
            sources: [CappedSource(server.source, at: timeout), buildInfo, ProcessMetrics()],
            targets: ["\(dataSource.target)"], actions: ["dumpmaps": dump, "explain": explain],
            close: { await server.close() })
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
