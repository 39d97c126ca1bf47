import ExporterKit
import ExporterKitSwiftMetrics
import Metrics
import Synchronization
import Testing

@Suite struct PrometheusMetricsFactoryTests {
    private func text(of registry: Registry) async -> String {
        String(
            decoding: await MetricsRoute(sources: [registry]).render(.text004, until: .after(.seconds(5))),
            as: UTF8.self)
    }

    @Test func allFiveHandlersAreExposed() async {
        let registry = Registry()
        let factory = PrometheusMetricsFactory(registry)
        Metrics.Counter(label: "requests", dimensions: [("code", "200"), ("a", "1")], factory: factory).increment(by: 2)
        Metrics.Counter(label: "requests", dimensions: [("a", "1"), ("code", "200")], factory: factory).increment()
        FloatingPointCounter(label: "cost", factory: factory).increment(by: 0.5)
        Meter(label: "depth", factory: factory).set(7)
        Meter(label: "depth", factory: factory).decrement(by: 2)
        Metrics.Gauge(label: "temperature", factory: factory).record(21.5)
        Recorder(label: "size", factory: factory).record(30)
        Metrics.Timer(label: "latency", factory: factory).recordMilliseconds(70)
        let text = await text(of: registry)
        for line in [
            "# TYPE requests_total counter\nrequests_total{a=\"1\",code=\"200\"} 3\n", "\ncost_total 0.5\n",
            "\ndepth 5\n",
            "\ntemperature 21.5\n", "\nsize_bucket{le=\"20\"} 0\nsize_bucket{le=\"50\"} 1\n", "\nsize_sum 30\n",
            "\nlatency_seconds_bucket{le=\"0.05\"} 0\nlatency_seconds_bucket{le=\"0.1\"} 1\n",
            "\nlatency_seconds_sum 0.07\n",
        ] {
            #expect(text.contains(line), "\(line) in \(text)")
        }
    }

    @Test func overridesSayNameHelpUnitAndBuckets() async {
        let registry = Registry()
        let factory = PrometheusMetricsFactory(
            registry,
            options: .init(overrides: [
                "db": .init(name: "db_query_seconds", help: "Queries.", unit: "seconds", buckets: .explicit([1, 2])),
                "noise": .init(isDropped: true),
            ]))
        Metrics.Timer(label: "db", factory: factory).recordSeconds(1)
        Metrics.Counter(label: "noise", factory: factory).increment()
        let text = await text(of: registry)
        #expect(text.contains("# HELP db_query_seconds Queries.\n"))
        #expect(text.contains("db_query_seconds_bucket{le=\"1\"} 1\ndb_query_seconds_bucket{le=\"2\"} 1\n"))
        #expect(!text.contains("noise"))
    }

    @Test func nonsenseOfALibraryNeverCrashes() async {
        let told = Mutex<[String]>([])
        let registry = Registry(
            options: .init(
                seriesLimit: 5, onMisuse: { misuse in told.withLock { $0.append("\(misuse.metric) \(misuse.reason)") } }
            ))
        let factory = PrometheusMetricsFactory(registry)
        Metrics.Counter(label: "a", factory: factory).increment(by: -5)
        FloatingPointCounter(label: "a", factory: factory).increment(by: Double.nan)
        FloatingPointCounter(label: "a", factory: factory).increment(by: -1.5)
        Meter(label: "a_total", factory: factory).set(1)
        Metrics.Timer(
            label: "t", dimensions: [("le", "x"), ("__name__", "y"), ("", "z"), ("ok", "1")], factory: factory
        )
        .recordNanoseconds(-5)
        factory.makeTimer(label: "t", dimensions: []).recordNanoseconds(-5)
        for index in 0..<20 {
            Metrics.Counter(label: "many", dimensions: [("i", "\(index)")], factory: factory).increment()
        }
        Recorder(label: "", factory: factory).record(Double.infinity)
        let text = await text(of: registry)
        #expect(text.contains("\na_total 0\n"))
        #expect(text.contains("t_seconds_count{ok=\"1\"} 1\n"))
        #expect(text.contains("many_total{series=\"_overflow\"} 15\n"))
        let reasons = told.withLock { Set($0) }
        #expect(
            reasons.isSuperset(of: [
                "a_total amount", "a_total conflict", "t_seconds name", "many_total limit", " name",
            ]))
    }

    @Test func destroyedSeriesEndAndBeginAnew() async {
        let registry = Registry()
        let factory = PrometheusMetricsFactory(registry)
        let counter = Metrics.Counter(label: "a", dimensions: [("x", "1")], factory: factory)
        counter.increment(by: 5)
        Metrics.Counter(label: "a", dimensions: [("x", "2")], factory: factory).increment()
        counter.destroy()
        #expect(!(await text(of: registry)).contains("x=\"1\""))
        counter.increment()
        Metrics.Counter(label: "a", dimensions: [("x", "1")], factory: factory).increment()
        #expect(await text(of: registry).contains("a_total{x=\"1\"} 1\na_total{x=\"2\"} 1\n"))
        counter.reset()
    }

    @Test func severalFactoriesAndThreadsKeepApart() async {
        let registries = [Registry(), Registry()]
        let factories = registries.map { PrometheusMetricsFactory($0) }
        await withTaskGroup { group in
            for task in 0..<8 {
                group.addTask {
                    for index in 0..<5000 {
                        let code = "\(index % 7)"
                        factories[task % 2].makeCounter(label: "a", dimensions: [("code", code)]).increment(by: 1)
                    }
                }
            }
        }
        for registry in registries {
            let text = await text(of: registry)
            let values = text.split(separator: "\n").filter { $0.hasPrefix("a_total{") }.compactMap {
                Int($0.split(separator: " ").last ?? "")
            }
            #expect(values.count == 7)
            #expect(values.reduce(0, +) == 20_000)
        }
    }

    @Test func taskLocalFactoryIsUsed() async {
        let registry = Registry()
        withMetricsFactory(PrometheusMetricsFactory(registry)) {
            Metrics.Counter(label: "inside").increment()
        }
        #expect(await text(of: registry).contains("\ninside_total 1\n"))
    }
}
