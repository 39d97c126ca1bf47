internal import ExporterCommand
internal import ExporterKit
internal import PostgresClient

/// Everything that one PgBouncer needs to be scraped: the connection to its admin console, and what is told about it.
struct PgBouncerScrape: Sendable {
    /// What is served of it.
    let source: ScrapeRunner<ConsoleProvider>
    private let connection: PostgresConnection

    /// - Parameter options: of the data source; what the console does not know is not used.
    init(_ options: PostgresOptions, _ flags: FlagValues, _ context: ProgramContext, log: TroubleLog) {
        let collectors = PgBouncerCollectors.all(oldStatsNames: flags.bool("pgbouncer.old-stats-names")).filter {
            context.enabledCollectors.contains($0.descriptor.name)
        }
        var options = options
        options.protocolMode = .simple
        let meter = ConnectionMeter()
        options.meter = meter
        let connection = PostgresConnection(options)
        self.connection = connection
        source = ScrapeRunner(
            namespace: "pgbouncer", provider: ConsoleProvider(connection: connection),
            collectors: collectors, log: { log.note($0) },
            report: { _, sink in ConnectionMetrics.pgBouncer.report(meter.reading, into: &sink) })
    }

    /// Opens its connection. Why it cannot be opened is told by the next scrape, which tries again.
    func connect(until deadline: Deadline) async {
        _ = try? await connection.connect(until: deadline.instant)
    }

    /// Closes its connection.
    func close() async {
        await connection.close()
    }

    /// Whether a data source is the console of a PgBouncer.
    static func isConsole(_ target: PostgresTarget, _ flags: FlagValues) -> Bool {
        flags.list("pgbouncer.databases").contains(target.database)
    }

    /// What it tells of itself.
    static let selfMetrics =
        [
            MetricDescriptor("pgbouncer_up", "Whether the server could be reached in this scrape.", kind: .gauge),
            ScrapeMetrics.collectorDuration("pgbouncer"), ScrapeMetrics.collectorSuccess("pgbouncer"),
        ] + ConnectionMetrics.pgBouncer.all

    /// Its flags.
    static let flags: [Flag] = [
        .string(
            "pgbouncer.databases", default: "pgbouncer", environment: "PG_EXPORTER_PGBOUNCER_DATABASES",
            help: "Names of databases that are the admin console of a PgBouncer, separated by commas."),
        .bool(
            "pgbouncer.old-stats-names", default: false, environment: "PG_EXPORTER_PGBOUNCER_OLD_STATS_NAMES",
            help: "Also give PgBouncer's totals as pgbouncer_stats_*, their names before pgbouncer_exporter 0.11."),
    ]
}
