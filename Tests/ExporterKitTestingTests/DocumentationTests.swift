import ExporterKit
import ExporterKitTesting
import Logging
import Testing

/// The samples of the documentation that no example has: they compile, and do what the articles say. `scripts/docs` compares.
@Suite struct DocumentationTests {
    @Test func aServiceIsInstrumentedInTenLines() async throws {
        let address = try #require(ListenAddress("127.0.0.1:0"))
        let logger = Logger(label: "documentation") { _ in SwiftLogNoOpLogHandler() }
        func answer() async {}

        let registry = Registry()
        let requests = registry.counter("http_requests_total", "Requests answered.", labels: ["code"])
        let duration = registry.histogram("http_request_duration_seconds", "Time to answer.", unit: "seconds")

        let ok = requests("200")  // look it up once: adding to it is a few nanoseconds
        await duration.time { await answer() }
        ok.increment()

        let page = LandingPage(name: "shop", summary: "Sells books.", version: "1.0")
        let configuration = MetricsServer.Configuration(listenAddresses: [address], page: page)
        let server = MetricsServer(configuration, sources: [registry, ProcessMetrics()], logger: logger)

        let body = await server.respond(to: HTTPRequest(target: "/metrics")).body
        let exposition = try Exposition(parsing: String(decoding: body, as: UTF8.self))
        #expect(exposition.value("http_requests_total", ["code": "200"]) == 1)
        #expect(exposition.value("http_request_duration_seconds_count") == 1)
    }

    @Test func labelsAreTexts() async throws {
        let registry = Registry()
        let requests = registry.counter("http_requests_total", "Requests answered.", labels: ["method", "code"])
        let ok = requests("GET", "200")  // keep it where it is used often
        ok.increment()
        #expect(try await registry.requireValue("http_requests_total", ["method": "GET", "code": "200"]) == 1)
    }

    @Test func callbacksAreReadWhenSomebodyScrapes() async throws {
        let registry = Registry()
        let queue = [1, 2, 3]
        registry.gauge("queue_depth", "Jobs that wait.") { Double(queue.count) }
        #expect(try await registry.requireValue("queue_depth") == 3)
    }

    @Test func tablesConvertUnits() {
        let table = MetricTable(
            prefix: "disk", labels: ["device"],
            rows: [
                .counter("reads", as: "reads_total", "Reads that ended."),
                .counter("read_ms", as: "read_seconds_total", "Time spent reading.", in: .milliseconds),
            ])
        var sink = MetricSink()
        table.reader(for: nil).read(count: 1, into: &sink, labels: { _ in ["sda"] }, value: { _, _ in 5 })
        let exposition = Exposition(sink.families)
        #expect(exposition.value("disk_reads_total", ["device": "sda"]) == 5)
        #expect(exposition.value("disk_read_seconds_total", ["device": "sda"]) == 0.005)
    }

    @Test func formatsAreNegotiatedAndRendered() async throws {
        let registry = Registry(options: Registry.Options(createdTimestamps: true))
        let wait = registry.histogram(
            "wait_seconds", "Time in the queue.", unit: "seconds",
            buckets: .webLatency.with(native: NativeHistogramOptions(bucketFactor: 1.1)))
        wait.observe(0.3, exemplar: LabelSet(["trace_id": "4bf92f3577b34da6"]))
        let format = ExpositionFormat.negotiated(accept: "application/openmetrics-text; escaping=allow-utf-8")
        let body = await MetricsRoute(sources: [registry]).render(format, until: .after(.seconds(1)))
        let text = String(decoding: body, as: UTF8.self)
        #expect(try Exposition(parsing: text).value("wait_seconds_bucket", ["le": "0.3"]) == 1)
        #expect(text.contains(##" # {trace_id="4bf92f3577b34da6"} 0.3"##))
        #expect(text.contains("wait_seconds_created "))
    }

    @Test func bodiesAreParsed() throws {
        let body = "# TYPE http_requests_total counter\nhttp_requests_total{code=\"200\"} 1\n"
        #expect(try Exposition(parsing: body).value("http_requests_total", ["code": "200"]) == 1)
    }
}
