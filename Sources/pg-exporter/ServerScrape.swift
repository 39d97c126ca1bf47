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

    init(
        _ options: PostgresOptions, _ collectors: [any Collector<PostgresSession>], discovery: Discovery,
        budget: Budget = Budget(), showsIdentity: Bool = true, log: TroubleLog
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
        source = ScrapeRunner(
            namespace: "pg",
            provider: PostgresProvider(main: main, pool: pool, discovery: discovery, book: book),
            collectors: collectors, log: { log.note($0) },
            report: { ExporterMetrics.report($0, showsIdentity ? main.facts : nil, book, meter.reading, into: &$1) })
    }

    /// Closes its connections.
    func close() async {
        async let others: Void = pool.close()
        await main.connection.close()
        await others
    }

    /// Asks everything anew in the next scrape.
    func forgetAnswers() {
        main.forgetAnswers()
        pool.forgetAnswers()
    }
}
