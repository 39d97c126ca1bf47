internal import ExporterCommand
internal import ExporterKit
internal import RedisClient

/// Prometheus metrics of one Redis or Valkey server, under the names of redis_exporter.
@main
struct RedisExporter: ExporterProgram {
    static let name = "redis-exporter"
    static let summary = "Exports metrics of a Redis or Valkey server to Prometheus."
    static let defaultListenAddress = ":9121"
    static let environmentPrefix = "REDIS_EXPORTER"
    static let flagStyle = FlagStyle.goFlag
    static let flags =
        ConnectionFlags.all + TargetFlags.all + MetricFlags.all + KeyFlags.all
        + WebFlags.all
    static let collectors: [CollectorListing] = Collectors.all(tellsUnknown: false).map {
        CollectorListing($0)
    }
    static var selfMetrics: [MetricDescriptor] {
        ExporterMetrics("redis").all + [RequestErrors.metric("redis")] + ReloadMetrics(metricNamespace).all
            + ProcessMetrics.descriptors
    }

    static func webOverrides(_ flags: FlagValues) throws -> WebOverrides { try WebFlags.overrides(flags) }

    static func make(_ flags: FlagValues, _ context: ProgramContext) throws -> Exporter {
        MetricFlags.note(flags, context.logger)
        let factory = try ServerFactory(flags, context)
        let address = try ConnectionFlags.address(flags)
        let access = try AccessBook(flags, context.logger)
        let errors = RequestErrors(factory.options.namespace)
        let gate = TargetGate(
            access, allowed: AllowedTargets(flags.list("scrape.allowed-targets")), own: address, errors: errors,
            logger: context.logger)
        let scrape = ScrapeRoute(gate, factory, limit: flags.int("scrape.max-targets"))
        let own = address.map { access.options(following: $0) }
        let server = own.map { factory.server($0) }
        var sources: [any MetricSource] = []
        if let server { sources.append(server.source) }
        sources.append(errors)
        sources += factory.own
        if !flags.bool("redis-only-metrics") { sources.append(ProcessMetrics()) }
        let reload: @Sendable () throws -> Void = { try access.reload() }
        return Exporter(
            sources: sources, targets: own.map { ["\($0)"] } ?? [],
            routes: routes(flags, scrape, Discovery(flags, gate, own: address), access),
            anyMethod: ["/-/reload"], reload: access.hasFiles ? reload : nil,
            background: {
                async let walks: Void? = server?.keys?.run()
                await scrape.sweep()
                _ = await walks
            },
            refresh: { await server?.keys?.refresh(until: $0) },
            close: {
                await server?.close()
                await scrape.close()
            })
    }

    private typealias Route = @Sendable (HTTPRequest) async -> HTTPResponse

    private static func routes(
        _ flags: FlagValues, _ scrape: ScrapeRoute, _ discovery: Discovery, _ access: AccessBook
    ) -> [String: Route] {
        var routes: [String: Route] = [
            "/discover-cluster-nodes": { await discovery.cluster($0) },
            "/discover-sentinel": { await discovery.sentinel($0) },
        ]
        if !flags.bool("disable-scrape-endpoint") { routes["/scrape"] = scrape.respond(to:) }
        if !access.hasFiles {
            routes["/-/reload"] = { _ in
                .text(400, "There is no pwd file specified: see --redis.password-file and --config.file")
            }
        }
        return routes
    }
}
