internal import ExporterCommand
internal import ExporterKit
internal import Logging
internal import RedisClient

/// Makes what scrapes a server, the same for `--redis.addr` and for the targets of `/scrape`.
struct ServerFactory: Sendable {
    /// A server that is scraped.
    struct Server: Sendable {
        let source: any MetricSource
        /// Looks after its keys; `nil` when none are asked for.
        let keys: KeyScanner?
        let close: @Sendable () async -> Void
    }

    let options: CollectorOptions
    /// Made once: collectors know nothing of a server, and their descriptions are most of what a target would weigh.
    private let collectors: [any Collector<RedisSession>]
    private let timeout: Duration
    private let pings: Bool
    private let addsRole: Bool
    private let isRedisOnly: Bool
    /// What the routes of all targets have in common.
    private let route: MetricsRoute
    private let logger: Logger

    /// As the flags say.
    ///
    /// - Throws: `UsageError`; `ConfigurationError` for a script.
    init(_ flags: FlagValues, _ context: ProgramContext) throws {
        var options = try MetricFlags.options(flags)
        options.keys = try KeyFlags.options(flags)
        self.options = options
        collectors = Collectors.running(options, enabled: context.enabledCollectors)
        timeout = flags.duration("connection-timeout")
        pings = flags.bool("ping-on-connect")
        addsRole = flags.bool("append-instance-role-label")
        isRedisOnly = flags.bool("redis-only-metrics")
        logger = context.logger
        var scrape = MetricsRoute.Options(
            scrapeTimeout: flags.duration("web.scrape-timeout"), timeoutOffset: flags.duration("web.timeout-offset"),
            maxRequests: flags.int("web.max-requests"))
        scrape.exposesOwnMetrics = false
        route = MetricsRoute(sources: [], options: scrape)
    }

    /// - Parameter keys: that a request asks for in place of what the flags say; they are walked inside of the scrape. `nil`
    ///   for the server of the flags.
    func server(_ redis: RedisOptions, keys: KeyRequest? = nil) -> Server {
        var options = options
        if let keys {
            options.keys = options.keys.asked(by: keys)
            options.keys.scan.isInline = true
        }
        let scanner = KeyScanner(redis, options, timeout: timeout)
        let provider = RedisSessionProvider(RedisConnection(redis), timeout: timeout, pings: pings, keys: scanner)
        let metrics = ExporterMetrics(options.namespace)
        let log = TroubleLog(logger, target: "\(redis)")
        let runner = ScrapeRunner(
            namespace: options.namespace, provider: provider,
            collectors: collectors, runsOnEventLoop: true, log: { log.note($0) },
            report: { metrics.report($0, provider.times, into: &$1) })
        let source: any MetricSource =
            addsRole ? RoleLabel(runner, provider, namespace: options.namespace) : runner
        return Server(
            source: source, keys: scanner,
            close: {
                await provider.close()
                await scanner?.close()
            })
    }

    /// A server that a request names: its metrics and `build_info`, nothing about the process.
    ///
    /// - Parameter also: exposed besides.
    func target(_ redis: RedisOptions, keys: KeyRequest, also: any MetricSource) -> ScrapedTarget {
        let server = server(redis, keys: keys)
        return ScrapedTarget(
            route: MetricsRoute(sources: [server.source, also] + own, sharing: route), close: server.close)
    }

    /// redis_exporter's `build_info`, unless only metrics of the server are wanted.
    var own: [any MetricSource] { isRedisOnly ? [] : [buildInfo] }

    /// redis_exporter's labels; `golang_version` names the toolchain.
    private var buildInfo: BuildInfo {
        let labels = LabelSet([
            "version": FleetVersion.current, "commit_sha": FleetVersion.revision, "build_date": "unknown",
            "golang_version": "swift \(FleetVersion.swift)",
        ])
        return BuildInfo(program: "\(options.namespace)_exporter", labels: labels)
    }
}
