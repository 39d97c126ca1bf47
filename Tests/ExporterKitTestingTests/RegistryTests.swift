import ExporterKit
import ExporterKitTesting
import Testing

/// Instruments as a service has them.
@Suite struct RegistryTests {
    /// One of each kind, with exemplars, times of creation, and names that only quotes can hold.
    private static func registry() -> Registry {
        let registry = Registry(options: Registry.Options(createdTimestamps: true))
        let hits = registry.counter("hits_total", "Hits of the \"cache\".", labels: ["path"])
        hits("/a\"b\\").increment(by: 2.5, exemplar: LabelSet(["trace_id": "abc"]))
        hits("/").increment()
        registry.gauge("load_ratio", "Load.\nOf all.", unit: "ratio").set(-0.25)
        let wait = registry.histogram("wait_seconds", "Waits.", unit: "seconds", labels: ["job"])
        for seconds in [0.01, 0.3, 7] { wait("x").observe(seconds, exemplar: LabelSet(["trace_id": "\(seconds)"])) }
        wait("y").observe(-1)
        registry.summary("pause_seconds", "Pauses.", quantiles: .sliding([0.5, 0.99])).observe(0.125)
        registry.gaugeHistogram("age_seconds", "Ages.", buckets: .webLatency).set([0.1, 30])
        registry.info("app_info", "The app.", ["version": "1.2"])
        registry.stateSet("phase", "Phase.", states: ["starting", "running"]).set("running")
        registry.counter("my.hits_total", "Quoted.", labels: ["a.b"])("ü\n").increment()
        return registry
    }

    @Test(arguments: [
        ExpositionFormat.text004, .openMetrics100, ExpositionFormat(.text100, escaping: .allowUTF8),
        ExpositionFormat(.openMetrics100, escaping: .allowUTF8), ExpositionFormat(.text004, escaping: .values),
    ])
    func everyTextFormatIsReadStrictlyAndWhole(format: ExpositionFormat) async throws {
        let families = await Self.registry().families(for: ScrapeRequest(deadline: .after(.seconds(10))))
            .filter { format.escaping == .allowUTF8 || MetricNames.isLegalMetricName($0.descriptor.name) }
            .sorted { $0.descriptor.name < $1.descriptor.name }
        let text = String(decoding: format.encode(families), as: UTF8.self)
        let parsed = try Exposition(parsing: text)
        let direct = Exposition(families, as: format.syntax == .openMetrics100 ? .openMetrics : .text)
        #expect(parsed.syntax == direct.syntax)
        #expect(parsed.difference(from: direct) == nil, "\(text)")
        #expect(direct.difference(from: parsed) == nil, "\(text)")
    }

    @Test func aServiceIsTestedInAFewLines() async throws {
        let registry = Registry()
        let requests = registry.counter("http_requests_total", "Requests answered.", labels: ["code"])
        requests("200").increment()
        #expect(try await registry.requireValue("http_requests_total", ["code": "200"]) == 1)
        #expect(await registry.value("http_requests_total", ["code": "500"]) == nil)
        let increase = try await registry.increase(of: "http_requests_total", ["code": "404"]) {
            requests("404").increment()
        }
        #expect(increase == 1)
        try await registry.requireExposition(
            """
            # TYPE http_requests_total counter
            http_requests_total{code="404"} 1
            http_requests_total{code="200"} 1
            """, only: ["http_requests_total"])
        #expect(await registry.lint().isEmpty)
    }
}
