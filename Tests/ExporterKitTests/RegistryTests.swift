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

    @Test func conflictsGiveWorkingUnexportedInstruments() async {
        let registry = Registry()
        registry.counter("a_total", "A.").increment()
        let conflict = registry.gauge("a_total", "A.")
        conflict.set(9)
        #expect(conflict.value == 9)
        registry.counter("a_total", "A.", labels: ["x"])("1").increment()
        registry.gauge("not legal", "No.").set(1)
        registry.counter("c_total", "C.", labels: ["x"])("1", "2").increment()
        #expect(await text(of: registry) == "# HELP a_total A.\n# TYPE a_total counter\na_total 1\n")
    }

    @Test func countersNeverGoBack() {
        let counter = Counter()
        counter.increment(by: 2)
        counter.increment(by: -1)
        counter.increment(by: .nan)
        #expect(counter.value == 2)
    }

    @Test func histogramCountsIntoTheRightBuckets() throws {
        let histogram = Histogram(upperBounds: [1, 0.1, 1, .infinity, .nan])
        #expect(histogram.upperBounds == [0.1, 1])
        for value in [0.05, 0.1, 0.5, 1, 2, .nan, .infinity] { histogram.observe(value) }
        guard case .histogram(let snapshot) = histogram.snapshot() else {
            Issue.record("not a histogram")
            return
        }
        #expect(snapshot.counts == [2, 2, 2])
        #expect(snapshot.count == 6)
    }

    @Test func concurrentIncrementsAreAllCounted() async {
        let counter = Counter()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 { group.addTask { for _ in 0..<10_000 { counter.increment() } } }
        }
        #expect(counter.value == 80_000)
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
