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
    static let metricNamespace = "postgres_exporter"
    static let collectors =
        Collectors.all().map { CollectorListing($0) } + PgBouncerCollectors.all().map { CollectorListing($0) }
    static let selfMetrics =
        ExporterMetrics.all + [SeriesBudget.metric] + PgBouncerScrape.selfMetrics + ReloadMetrics(metricNamespace).all
        + ProcessMetrics.descriptors

    static let flags =
        PgExporterFlags.all + QueryFlags.flags + StatementOptions.flags + GuardFlags.all + CompatFlags.flags
        + PasswordSource.flags + PgBouncerScrape.flags

    static func configuredMetrics(_ flags: FlagValues) throws -> [MetricDescriptor] {
        try QueryFlags.load(flags).map { CustomQueryMetrics.all + $0.current.descriptors } ?? []
    }

    static func make(_ flags: FlagValues, _ context: ProgramContext) throws -> Exporter {
        let factory = try ServerFactory(flags, context)
        let dataSources = try DataSource.all(environment: context.environment)
        // Not for /probe: a caller who names his own server must not be given the password.
        let servers = try dataSources.map { source in
            let label = dataSources.count > 1 ? source.target.endpoints.joined(separator: ",") : nil
            return factory.server(
                source.conninfo, source.target, label: label,
                password: try PasswordSource.command(flags, environment: context.environment))
        }
        if servers.isEmpty {
            context.logger.warning(
                """
                No server to ask but those of /probe: set DATA_SOURCE_NAME, or DATA_SOURCE_URI with DATA_SOURCE_USER \
                and DATA_SOURCE_PASS
                """)
        }
        let file = ConfigurationFile(flags)
        let configuration = try file.atStart(context.logger)
        let probe = ProbeRoute(
            configuration ?? ExporterConfiguration(), allowed: AllowedTargets(flags.list("probe.allowed-targets")),
            limit: flags.int("probe.max-targets"), logger: context.logger
        ) { conninfo, target in
            let server = factory.server(conninfo, target)
            return ScrapedTarget(
                route: MetricsRoute(sources: [server.source], options: factory.scrape), close: server.close)
        }
        let sources: [any MetricSource] = servers.isEmpty ? [NoServer()] : servers.map(\.source)
        return Exporter(
            sources: sources + [buildInfo, ProcessMetrics()], targets: dataSources.map { "\($0.target)" },
            routes: ["/probe": probe.respond(to:)],
            actions: [
                "dumpmaps": { _ in factory.dumpMaps() },
                "explain": { deadline in try await explanation(of: servers, until: deadline) },
            ],
            reload: {
                let configuration = try file.read()
                try factory.queries?.reload()
                probe.take(configuration)
                for server in servers { server.forget() }
            },
            hasStartedWell: configuration != nil,
            connect: { deadline in
                await withTaskGroup { group in
                    for server in servers { group.addTask { await server.connect(deadline) } }
                }
            },
            background: { await probe.sweep() },
            close: {
                await withTaskGroup { group in
                    for server in servers { group.addTask { await server.close() } }
                    group.addTask { await probe.close() }
                }
            })
    }

    /// What runs on each server, and why the rest does not.
    private static func explanation(of servers: [ScrapedServer], until deadline: Deadline) async throws -> String {
        guard !servers.isEmpty else { throw UsageError("--explain: no server is named; set DATA_SOURCE_NAME") }
        var texts: [String] = []
        for server in servers { texts.append(try await server.explain(deadline)) }
        return texts.joined(separator: "\n")
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
