internal import ExporterCommand
internal import ExporterKit
internal import PostgresClient

/// A server that is scraped, ready to be served.
struct ScrapedServer: Sendable {
    let source: any MetricSource
    /// Which collector and query runs, and why the others do not.
    let explain: @Sendable (Deadline) async throws -> String
    /// Asks everything anew in the next scrape.
    let forget: @Sendable () -> Void
    /// Opens the connection that every scrape uses.
    let connect: @Sendable (Deadline) async -> Void
    /// Closes its connections.
    let close: @Sendable () async -> Void
}

/// Makes what scrapes a server, the same for those of the environment and those of `/probe`.
struct ServerFactory: Sendable {
    private let options: CollectorOptions
    private let enabled: Set<String>
    /// Custom queries, the same for every server.
    let queries: LiveQueries?
    private let editions: NameEditions
    private let discovery: Discovery
    private let budget: ServerScrape.Budget
    private let constantLabels: [(name: String, value: String)]
    private let prefix: String
    private let timeout: Duration
    private let showsIdentity: Bool
    private let flags: FlagValues
    private let context: ProgramContext
    /// Times and limits of a scrape.
    let scrape: MetricsRoute.Options

    /// As the flags say.
    ///
    /// - Throws: `UsageError` for a flag, `ConfigurationError` for a file of custom queries.
    init(_ flags: FlagValues, _ context: ProgramContext) throws {
        options = try CollectorOptions(flags)
        var enabled = CompatFlags.collectors(flags, context.enabledCollectors, context.logger)
        if flags.bool("disable-default-metrics") { enabled.remove("stat_database_conflicts") }
        editions = try NameEditions(flags.list("compat-names"))
        self.enabled = enabled
        discovery = Discovery(flags)
        budget = ServerScrape.Budget(
            connections: flags.int("max-connections"), width: flags.int("database-concurrency"))
        constantLabels = try Presentation.constantLabels(flags)
        prefix = try Presentation.prefix(flags)
        queries = try QueryFlags.load(flags, logger: context.logger)
        timeout = flags.duration("collection-timeout")
        showsIdentity = !flags.bool("disable-default-metrics")
        self.flags = flags
        self.context = context
        scrape = MetricsRoute.Options(
            scrapeTimeout: flags.duration("web.scrape-timeout"), timeoutOffset: flags.duration("web.timeout-offset"),
            maxRequests: flags.int("web.max-requests"))
    }

    /// - Parameters:
    ///   - conninfo: gives the connection string for each new connection.
    ///   - target: where it leads; the admin console of a PgBouncer is asked about the PgBouncer.
    ///   - label: value of a `server` label on every series, when servers must be told apart.
    ///   - password: where the password comes from; `nil` when the connection string or libpq's own ways have it.
    func server(
        _ conninfo: @escaping @Sendable () throws(PostgresError) -> String, _ target: PostgresTarget,
        label: String? = nil, password: PasswordSource? = nil
    ) -> ScrapedServer {
        var connection = PostgresOptions(applicationName: PgExporter.name, conninfo: conninfo)
        connection.password = password
        let log = TroubleLog(context.logger, target: "\(target)")
        guard !PgBouncerScrape.isConsole(target, flags) else {
            let console = PgBouncerScrape(connection, flags, context, log: log)
            return ScrapedServer(
                source: presented(console.source, label),
                explain: { _ in "\(target) is the admin console of a PgBouncer: every collector of it runs.\n" },
                forget: {}, connect: { await console.connect(until: $0) }, close: { await console.close() })
        }
        let scrape = ServerScrape(
            connection, all.filter { enabled.contains($0.descriptor.name) }, discovery: discovery, budget: budget,
            showsIdentity: showsIdentity,
            queries: queries, log: log)
        return ScrapedServer(
            source: presented(
                SeriesBudget(
                    CompatSource(scrape.source, editions) { scrape.name }, limit: flags.int("series-limit")), label),
            explain: { deadline in
                try await scrape.explain(all, enabled: enabled, until: deadline).text
            },
            forget: { scrape.forgetAnswers() },
            connect: { await scrape.connect(until: $0) },
            close: { await scrape.close() })
    }

    /// Every collector, made anew: each server has its own, because some remember what it answered.
    private var all: [any Collector<PostgresSession>] { Collectors.all(options) }

    /// The columns of all tables and custom queries.
    func dumpMaps() -> String { MapDump.text(all, queries?.current) }

    private func presented(_ source: any MetricSource, _ label: String?) -> PresentedSource {
        let labels = constantLabels + (label.map { [("server", $0)] } ?? [])
        return PresentedSource(
            source: source, presentation: Presentation(prefix: prefix, labels: labels), limit: timeout)
    }
}
