/// One thing to measure.
struct Case {
    /// Measures once.
    typealias Run = () async -> Double

    let unit: String
    /// Prepares what is measured; kept while the harness asks for the same case.
    let make: () -> Run

    /// By the names that the harness and all peers use. What is not here is not measured for ours.
    static var all: [String: Case] {
        [
            "counter_inc": nanoseconds { InstrumentCases.increment(InstrumentCases.counter(), threads: 1, 10_000_000) },
            "counter_inc_2t": nanoseconds {
                InstrumentCases.increment(InstrumentCases.counter(), threads: 2, 5_000_000)
            },
            "counter_inc_moved": nanoseconds {
                let counter = InstrumentCases.used(InstrumentCases.counter()) { $0.increment() }
                return InstrumentCases.increment(counter, threads: 1, 10_000_000)
            },
            "counter_add": nanoseconds { InstrumentCases.addFraction(threads: 1, 5_000_000) },
            "counter_add_2t": nanoseconds { InstrumentCases.addFraction(threads: 2, 2_000_000) },
            "gauge_set": nanoseconds { InstrumentCases.set(threads: 1, 10_000_000) },
            "gauge_set_2t": nanoseconds { InstrumentCases.set(threads: 2, 5_000_000) },
            "histogram_observe": nanoseconds {
                InstrumentCases.observe(InstrumentCases.classic(), threads: 1, 4_000_000)
            },
            "histogram_observe_2t": nanoseconds {
                InstrumentCases.observe(InstrumentCases.classic(), threads: 2, 1_000_000)
            },
            "histogram_observe_moved": nanoseconds {
                let histogram = InstrumentCases.used(InstrumentCases.classic()) { $0.observe(1) }
                return InstrumentCases.observe(histogram, threads: 1, 4_000_000)
            },
            "native_observe": nanoseconds { InstrumentCases.observe(InstrumentCases.native(), threads: 1, 2_000_000) },
            "native_observe_2t": nanoseconds {
                InstrumentCases.observe(InstrumentCases.native(), threads: 2, 1_000_000)
            },
            "lookup": nanoseconds { InstrumentCases.lookUp(threads: 1, 1_000_000) },
            "lookup_2t": nanoseconds { InstrumentCases.lookUp(threads: 2, 500_000) },
            "swift_metrics": nanoseconds { SwiftMetricsCases.lookUp(threads: 1, 1_000_000) },
            "swift_metrics_2t": nanoseconds { SwiftMetricsCases.lookUp(threads: 2, 500_000) },
            "swift_metrics_allocations": Case(unit: "blocks") { SwiftMetricsCases.allocations() },
            "register_10k": nanoseconds { InstrumentCases.register(10_000) },
            "register_100k": nanoseconds { InstrumentCases.register(100_000) },
            "encode_1k": nanoseconds { ExpositionCases.encode(Workload.counters(1_000), lines: 1_000, repeats: 100) },
            "encode_100k": nanoseconds {
                ExpositionCases.encode(Workload.counters(100_000), lines: 100_000, repeats: 3)
            },
            "encode_100k_growing": nanoseconds {
                ExpositionCases.encodeGrowing(Workload.counters(100_000), lines: 100_000)
            },
            "encode_gauges_100k": nanoseconds {
                ExpositionCases.encode(Workload.gauges(100_000), lines: 100_000, repeats: 3)
            },
            "encode_histograms_1k": nanoseconds {
                ExpositionCases.encode(Workload.histograms(1_000), lines: 15_000, repeats: 20)
            },
            "encode_1k_allocations": Case(unit: "blocks") { ExpositionCases.allocations(Workload.counters(1_000)) },
            "encode_100k_allocations": Case(unit: "blocks") { ExpositionCases.allocations(Workload.counters(100_000)) },
            "gzip": Case(unit: "ms") { ExpositionCases.gzip() },
        ]
    }

    private static func nanoseconds(_ make: @escaping () -> Run) -> Case { Case(unit: "ns", make: make) }
}
