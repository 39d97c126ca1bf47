import Logging
import Synchronization
import Testing

@testable import ExporterKit

@Suite struct RegistryTests {
    private func text(of registry: Registry) async -> String {
        let families = await registry.families(for: ScrapeRequest(deadline: .after(.seconds(5))))
        return String(decoding: ExpositionFormat.text004.encode(FamilyMerge(families).families), as: UTF8.self)
    }

    @Test func instrumentsOfOneNameAreOne() async {
        let registry = Registry()
        registry.counter("a_total", "A.").increment()
        registry.counter("a_total", "A.").increment(by: 2)
        let requests = registry.counter("b_total", "B.", labels: ["code", "method"])
        requests("200", "GET").increment()
        requests("200", "GET").increment()
        let text = await text(of: registry)
        #expect(text.contains("\na_total 3\n"))
        #expect(text.contains("\nb_total{code=\"200\",method=\"GET\"} 2\n"))
    }

    @Test func conflictsGiveWorkingUnexportedInstrumentsAndAreToldOnce() async {
        let told = Mutex<[String]>([])
        let registry = Registry(
            options: .init(onMisuse: { misuse in told.withLock { $0.append("\(misuse.metric) \(misuse.reason)") } }))
        registry.counter("a_total", "A.").increment()
        for _ in 0..<3 {
            let conflict = registry.gauge("a_total", "A.")
            conflict.set(9)
            #expect(conflict.value == 9)
        }
        registry.counter("a_total", "A.", labels: ["x"])("1").increment()
        registry.histogram("h", "H.").observe(1)
        registry.histogram("h", "H.", buckets: .explicit([7])).observe(1)
        registry.gauge("", "No.").set(1)
        registry.counter("b_total", "B.", labels: ["x", "x"])("1", "2").increment()
        registry.summary("s", "S.", labels: ["quantile"])("1").observe(1)
        registry.counter("c_total", "C.", labels: ["x"])("1", "2").increment()
        let text = await text(of: registry)
        #expect(text.contains("\na_total 1\n"))
        #expect(text.contains("\nh_count 1\n"))
        #expect(!text.contains("b_total 1") && !text.contains("c_total{") && !text.contains("s_count"))
        #expect(text.contains("exporterkit_misuse_total{metric=\"a_total\",reason=\"conflict\"} 4\n"))
        #expect(
            told.withLock { $0 } == [
                "a_total conflict", "h conflict", " name", "b_total name", "s name", "c_total labels",
            ])
    }

    private final class LogLines: LogHandler, Sendable {
        let lines = Mutex<[String]>([])
        var metadata: Logger.Metadata {
            get { [:] }
            set {}
        }
        var logLevel: Logger.Level {
            get { .trace }
            set {}
        }
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { nil }
            set {}
        }
        func log(event: LogEvent) {
            lines.withLock {
                $0.append("\(event.level) \(event.metadata?["metric"] ?? "") \(event.metadata?["reason"] ?? "")")
            }
        }
    }

    @Test func misuseIsLoggedOnce() {
        let log = LogLines()
        let registry = Registry(options: .logging(to: Logger(label: "test") { _ in log }))
        for _ in 0..<5 { registry.counter("a_total", "A.").increment(by: Double.nan) }
        registry.gauge("a_total", "A.").set(1)
        #expect(log.lines.withLock { $0 } == ["warning a_total amount", "warning a_total conflict"])
    }

    @Test func furtherSeriesThanTheLimitShareOne() async {
        let registry = Registry(options: .init(seriesLimit: 3))
        let family = registry.counter("a_total", "A.", labels: ["user", "x"])
        for user in 0..<10 { family("u\(user)", "1").increment() }
        family("u1", "1").increment()
        let text = await text(of: registry)
        #expect(text.contains("a_total{user=\"_overflow\",x=\"_overflow\"} 7\n"))
        #expect(text.contains("a_total{user=\"u1\",x=\"1\"} 2\n"))
        #expect(!text.contains("u3"))
        #expect(text.contains("exporterkit_misuse_total{metric=\"a_total\",reason=\"limit\"} 7\n"))
    }

    @Test func orderOfLabelsMakesNoSecondSeries() async {
        let registry = Registry()
        registry.counter("a_total", "A.", labels: ["b", "a"])("2", "1").increment()
        #expect(await text(of: registry).contains("\na_total{a=\"1\",b=\"2\"} 1\n"))
    }

    @Test func seriesAreSortedAndStayFoundWhileOthersComeAndGo() async {
        let registry = Registry(options: .init(seriesLimit: 0))
        let family = registry.gauge("g", "G.", labels: ["x"])
        var expected: [String: Double] = [:]
        for round in 0..<20 {
            for index in 0..<100 {
                let value = "\((index * 37 + round * 11) % 257)\n\"\\"
                if (index + round) % 3 == 0 {
                    family.remove(value)
                    expected[value] = nil
                } else {
                    family(value).add(1)
                    expected[value, default: 0] += 1
                }
            }
            let samples = family.collect().samples
            let values = samples.map { $0.labels.pairs[0].value }
            #expect(Set(values) == Set(expected.keys))
            #expect(
                samples.map { String(decoding: $0.labels.bytes, as: UTF8.self) }
                    == samples.map { String(decoding: $0.labels.bytes, as: UTF8.self) }.sorted {
                        Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8))
                    })
            for sample in samples {
                #expect(sample.value == .number(expected[sample.labels.pairs[0].value] ?? -1))
            }
        }
    }

    private enum Method: String { case get, put }
    private struct RequestLabels: MetricLabels {
        static let labelNames = ["method", "code"]
        let method: Method
        let code: Int
        var labelValues: [String] { [method.rawValue, String(code)] }
    }

    @Test func typedLabelsNameTheSameSeriesAsPlainOnes() async {
        let registry = Registry()
        let family = registry.counter("a_total", "A.", labels: RequestLabels.self)
        family(RequestLabels(method: .get, code: 200)).increment()
        registry.counter("a_total", "A.", labels: ["method", "code"])("get", "200").increment()
        family(RequestLabels(method: .put, code: 500)).increment()
        family.remove(RequestLabels(method: .put, code: 500))
        let text = await text(of: registry)
        #expect(text.hasSuffix("\na_total{code=\"200\",method=\"get\"} 2\n"))
    }

    @Test func factsStatesAndCallbacksAreExposed() async {
        let registry = Registry()
        registry.info("build_info", "Build.", ["version": "1"])
        let state = registry.stateSet("phase", "Phase.", states: ["starting", "running"], labels: ["x"])("1")
        state.set("running")
        state.set("flying")
        #expect(state.state == "running")
        registry.gauge("temperature", "T.", reading: { 21.5 })
        registry.counter("reads_total", "R.", reading: { nil })
        let text = await text(of: registry)
        #expect(text.contains("# TYPE build_info gauge\nbuild_info{version=\"1\"} 1\n"))
        #expect(text.contains("phase{phase=\"starting\",x=\"1\"} 0\nphase{phase=\"running\",x=\"1\"} 1\n"))
        #expect(text.contains("\ntemperature 21.5\n") && !text.contains("reads_total"))
        #expect(text.contains("exporterkit_misuse_total{metric=\"phase\",reason=\"amount\"} 1\n"))
    }

    @Test func removedLabelsDisappear() async {
        let registry = Registry()
        let family = registry.gauge("g", "G.", labels: ["x"])
        family("1").set(1)
        family("2").set(2)
        family.remove("1")
        #expect(await text(of: registry) == "# HELP g G.\n# TYPE g gauge\ng{x=\"2\"} 2\n")
    }

    @Test func processMetricsSayWhatTheSystemSays() async {
        let families = await ProcessMetrics().families(for: ScrapeRequest(deadline: .after(.seconds(5))))
        #expect(Set(families.map(\.descriptor.name)) == Set(ProcessMetrics.descriptors.map(\.name)))
        let values = Dictionary(
            uniqueKeysWithValues: families.compactMap { family -> (String, Double)? in
                guard case .number(let value) = family.samples.first?.value else { return nil }
                return (family.descriptor.name, value)
            })
        #expect((1e6...1e11).contains(values["process_resident_memory_bytes"] ?? 0))
        #expect((1.5e9...1e10).contains(values["process_start_time_seconds"] ?? 0))
        #expect((1...100_000).contains(values["process_open_fds"] ?? 0))
    }
}
