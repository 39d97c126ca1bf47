internal import ExporterCommand
internal import ExporterKit
internal import PostgresClient

/// Everything that one server needs to be scraped: connections, collectors, what is told about it.
struct ServerScrape: Sendable {
    /// Connections that one server may have at most, and how many databases are asked at the same time.
    struct Budget: Sendable {
        /// The one that the data source names among them.
        var connections = 5
        var width = 4
    }

    /// What is served of the server.
    let source: ScrapeRunner<PostgresProvider>
    private let main: DatabaseLink
    private let pool: DatabasePool
    private let provider: PostgresProvider

    /// - Parameter queries: custom queries, asked after the collectors.
    init(
        _ options: PostgresOptions, _ collectors: [any Collector<PostgresSession>], discovery: Discovery,
        budget: Budget = Budget(), showsIdentity: Bool = true, queries: LiveQueries? = nil, log: TroubleLog
    ) {
        var options = options
        let meter = ConnectionMeter()
        options.meter = meter
        options.statementShare = 0.5
        let main = DatabaseLink(options)
        let pool = DatabasePool(options, limit: max(1, budget.connections - 1), width: budget.width)
        let book = DatabaseBook()
        self.main = main
        self.pool = pool
        provider = PostgresProvider(main: main, pool: pool, discovery: discovery, book: book, queries: queries)
        let custom = queries.map { [CustomQueryCollector($0, discovering: discovery.isOn)] } ?? []
        source = ScrapeRunner(
            namespace: "pg", provider: provider, collectors: collectors + custom, log: { log.note($0) },
            report: { ExporterMetrics.report($0, showsIdentity ? main.facts : nil, book, meter.reading, into: &$1) })
    }

    /// `host:port` as of the last scrape; empty while the server cannot be reached.
    var name: String { main.facts?.serverName ?? "" }

    /// Opens the connection to the database that the data source names. Why it cannot be opened is told by the next
    /// scrape, which tries again.
    func connect(until deadline: Deadline) async {
        _ = try? await main.connection.connect(until: deadline.instant)
    }

    /// Closes its connections.
    func close() async {
        async let others: Void = pool.close()
        await main.connection.close()
        await others
    }

    /// Asks for everything once, to tell what runs and what does not.
    ///
    /// - Parameters:
    ///   - all: every collector there is.
    ///   - enabled: names of those that run.
    /// - Throws: why the server cannot be asked.
    func explain(
        _ all: [any Collector<PostgresSession>], enabled: Set<String>, until deadline: Deadline
    ) async throws(CollectorError) -> Explanation {
        let session = try await provider.open(until: deadline)
        return await .asking(session, all, enabled: enabled, provider.queries, until: deadline)
    }

    /// Asks everything anew in the next scrape.
    func forgetAnswers() {
        main.forgetAnswers()
        pool.forgetAnswers()
    }
}
