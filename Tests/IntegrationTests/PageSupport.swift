import ExporterKit
import Logging
import Synchronization

/// Metrics made to be looked at: every kind, text that wants to be markup, and something that moves with each scrape.
final class PageMetrics: MetricSource {
    static let hostile = #"<img src=x onerror="window.hit=1"></td><script>window.hit=1</script>'"# + "\u{202E}\n\\ ü😀"

    private let scrapes = Mutex(0)
    private let many: Int

    /// - Parameter many: series of the family `toy_many`.
    init(many: Int = 120) { self.many = many }

    var collectors: [CollectorStatus] {
        let outcome = CollectorOutcome(duration: .milliseconds(scrapes.withLock(\.self)), series: 3)
        let error = CollectorError(.permission, "permission denied for <b>toys</b>")
        return [
            CollectorStatus(CollectorDescriptor("fine", "Works."), last: outcome),
            CollectorStatus(
                CollectorDescriptor("broken", "Fails."),
                last: CollectorOutcome(duration: .milliseconds(1), series: 0, error: error)),
            CollectorStatus(CollectorDescriptor("waiting", "Has not run.")),
        ]
    }

    func families(for request: ScrapeRequest) async -> [MetricFamily] {
        let count = scrapes.withLock { scrapes in
            scrapes += 1
            return scrapes
        }
        var sink = MetricSink()
        sink.add(MetricDescriptor("toy_jobs_total", "Jobs done.", kind: .counter), Double(count) * 10)
        sink.add(
            MetricDescriptor("toy_size_bytes", "Size of <toys>.", kind: .gauge, unit: "bytes"),
            count.isMultiple(of: 2) ? 1_048_576 : 2_097_152)
        let hostile = MetricDescriptor("toy_hostile", "Help <script>window.hit=1</script>.", kind: .gauge)
        sink.add(hostile, 1, LabelSet(["text": Self.hostile]))
        let wait = MetricDescriptor("toy_wait_seconds", "Time waited.", kind: .histogram, unit: "seconds")
        let counts = [UInt64(count), UInt64(count) * 2, UInt64(count)]
        if let histogram = HistogramSnapshot(upperBounds: [0.1, 1], counts: counts, sum: Double(count) * 2) {
            sink.add(wait, .histogram(histogram), LabelSet(["queue": "a"]))
        }
        let quantiles = SummarySnapshot(
            quantiles: [(label: "0.5", value: 0.02)], sum: Double(count), count: UInt64(count) * 4)
        sink.add(MetricDescriptor("toy_call_seconds", "Calls.", kind: .summary, unit: "seconds"), .summary(quantiles))
        let slot = sink.open(MetricDescriptor("toy_many", "Many series.", kind: .gauge))
        for index in 0..<many {
            let value = index.isMultiple(of: 3) ? Double(index + count) : Double(index)
            sink.append(value, LabelSet(["item": "item-\(index)", "shard": "\(index % 8)"]), to: slot)
        }
        return sink.families
    }
}

/// An exporter within the test, so that the test decides what it shows and when it is gone.
func withPage<Result>(
    _ metrics: PageMetrics, on address: String = "127.0.0.1:0", path: String = "/metrics",
    _ body: (ListenAddress, MetricsServer) async throws -> Result
) async throws -> Result {
    guard let address = ListenAddress(address) else { throw FleetError("no address: \(address)") }
    let page = LandingPage(name: "toy-exporter", summary: "Shows toys.", version: "1.2.3", targets: ["toys:1"])
    var configuration = MetricsServer.Configuration(listenAddresses: [address], page: page)
    configuration.telemetryPath = path
    let server = MetricsServer(
        configuration, sources: [metrics], logger: Logger(label: "page") { _ in SwiftLogNoOpLogHandler() })
    let bound = try await server.start()[0]
    do {
        let result = try await body(bound, server)
        await server.shutdown(within: .seconds(1))
        return result
    } catch {
        await server.shutdown(within: .seconds(1))
        throw error
    }
}

extension Browser {
    /// Opens a page that asks every second.
    func openPage(_ url: String) async throws {
        try await open(url)
        try await execute(
            "const choice = document.getElementById('interval'); choice.value = '1'; choice.dispatchEvent(new Event('change'))"
        )
    }

    /// Text of one cell in the row of a family: 0 name and help, 3 series, 4 value, 5 course.
    func cell(_ family: String, _ index: Int) async throws -> String {
        try await value(
            """
            [...document.querySelectorAll('#rows tr.family')]
                .find(row => row.querySelector('code').textContent === '\(family)')?.cells[\(index)].textContent ?? 'no row'
            """)
    }

    /// Names of the families in the table.
    var families: [String] {
        get async throws {
            try await value("[...document.querySelectorAll('#rows tr.family code')].map(code => code.textContent)")
        }
    }

    func count(_ selector: String) async throws -> Int {
        try await value("document.querySelectorAll('\(selector)').length")
    }
}
