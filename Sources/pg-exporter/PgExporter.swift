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
    static let selfMetrics = ExporterMetrics.all + ReloadMetrics.all + ProcessMetrics.descriptors

    static let flags = PgExporterFlags.all

    static func make(_ flags: FlagValues, _ context: ProgramContext) throws -> Exporter {
        let factory = try ServerFactory(flags, context)
        let dataSources = try DataSource.all(environment: context.environment)
        let servers = dataSources.map { source in
            let label = dataSources.count > 1 ? source.target.endpoints.joined(separator: ",") : nil
            return factory.server(source.conninfo, name: "\(source.target)", label: label)
        }
        if servers.isEmpty {
            context.logger.warning(
                """
                No server to ask but those of /probe: set DATA_SOURCE_NAME, or DATA_SOURCE_URI with DATA_SOURCE_USER \
                and DATA_SOURCE_PASS
                """)
        }
        let file = ConfigurationFile(flags)
        let probe = ProbeRoute(
            try file.atStart(context.logger), allowed: AllowedTargets(flags.list("probe.allowed-targets")),
            limit: flags.int("probe.max-targets"), logger: context.logger
        ) { conninfo, name in
            let server = factory.server(conninfo, name: name)
            return ScrapedTarget(
                route: MetricsRoute(sources: [server.source], options: factory.scrape), close: server.close)
        }
        let sources: [any MetricSource] = servers.isEmpty ? [NoServer()] : servers.map(\.source)
        return Exporter(
            sources: sources + [buildInfo, ProcessMetrics()], targets: dataSources.map { "\($0.target)" },
            routes: ["/probe": probe.respond(to:)],
            reload: {
                probe.take(try file.read())
                for server in servers { server.forget() }
            },
            background: { await probe.sweep() },
            close: {
                await withTaskGroup { group in
                    for server in servers { group.addTask { await server.close() } }
                    group.addTask { await probe.close() }
                }
            })
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
