import ExporterKit
import Foundation

/// Families of every kind, the same at every scrape.
struct FormatFamilies: MetricSource {
    /// Distribution of `native_seconds`: 1 ms, 2 ms, ... 1 s.
    static let observations = (1...1000).map { Double($0) / 1000 }
    static let schema: Int32 = 3

    /// To the millisecond, as text tells it.
    private let now = (Date().timeIntervalSince1970 * 1000).rounded() / 1000

    func families(for request: ScrapeRequest) async -> [MetricFamily] {
        [requests, classic, native, both, queue, waiting, summary, info, state, unknown]
    }

    /// An exemplar that Prometheus takes, because it is no older than its head block.
    private func exemplar(_ value: Double, _ id: String) -> Exemplar? {
        Exemplar(value, labels: LabelSet(["trace_id": id]), timestamp: now)
    }

    private func family(
        _ name: String, _ kind: MetricKind, unit: String? = nil, _ value: SampleValue, _ labels: LabelSet = .empty
    ) -> MetricFamily {
        MetricFamily(MetricDescriptor(name, "Made for a test.", kind: kind, unit: unit), [Sample(value, labels)])
    }

    private var requests: MetricFamily {
        let value = CounterSnapshot(1_234_567, exemplar: exemplar(1, "counter"), created: now - 100)
        return family("requests_total", .counter, .counter(value), LabelSet(["path": "/\"\\\n日本"]))
    }

    private var classic: MetricFamily {
        let counts = [100, 400, 500, 0] as [UInt64]
        guard var value = HistogramSnapshot(upperBounds: [0.1, 0.5, 1], counts: counts, sum: 500.5) else {
            return family("classic_seconds", .unknown, .number(0))
        }
        value.exemplars = [nil, exemplar(0.4, "classic"), nil, nil]
        return family("classic_seconds", .histogram, unit: "seconds", .histogram(value))
    }

    private var nativeBuckets: NativeHistogramSnapshot {
        let scale = Double(1 << Self.schema)
        let counts = Dictionary(grouping: Self.observations) { Int32((log2($0) * scale).rounded(.up)) }
        return NativeHistogramSnapshot(
            schema: Self.schema, zeroThreshold: 1e-9, zeroCount: 5,
            positive: counts.sorted { $0.key < $1.key }.map { .init(index: $0.key, count: UInt64($0.value.count)) },
            negative: [.init(index: -20, count: 2), .init(index: 3, count: 1)],
            exemplars: [exemplar(0.25, "native")].compactMap(\.self))
    }

    private var native: MetricFamily {
        let value = HistogramSnapshot(native: nativeBuckets, sum: 500.5)
        return family("native_seconds", .histogram, unit: "seconds", .histogram(value), LabelSet(["a": "b"]))
    }

    private var both: MetricFamily {
        guard var value = HistogramSnapshot(upperBounds: [1, 3], counts: [10, 20, 30], sum: 100) else {
            return family("both_seconds", .unknown, .number(0))
        }
        value.native = NativeHistogramSnapshot(
            schema: 0, zeroThreshold: 0, zeroCount: 0,
            positive: [.init(index: 0, count: 10), .init(index: 2, count: 20), .init(index: 30, count: 30)],
            negative: [])
        return family("both_seconds", .histogram, .histogram(value))
    }

    private var waiting: MetricFamily {
        let value = HistogramSnapshot(upperBounds: [-1, 60], counts: [1, 2, 0], sum: 7)
        return family("waiting", .gaugeHistogram, value.map { .histogram($0) } ?? .number(0))
    }

    private var summary: MetricFamily {
        let value = SummarySnapshot(quantiles: [("0.5", 0.25), ("0.99", .nan)], sum: 3.5, count: 7)
        return family("summary_seconds", .summary, .summary(value))
    }

    private var queue: MetricFamily {
        family("http.server.queue", .gauge, .number(-7.25), LabelSet(["http.route": "/x", "b": "1"]))
    }

    private var info: MetricFamily { family("build_info", .info, .number(1), LabelSet(["version": "1"])) }

    private var state: MetricFamily {
        MetricFamily(
            MetricDescriptor("light", "Made for a test.", kind: .stateset),
            [Sample(1, LabelSet(["light": "red"])), Sample(0, LabelSet(["light": "green"]))])
    }

    private var unknown: MetricFamily { family("legacy_value", .unknown, .number(1e-7)) }
}
