import ExporterKit
import Synchronization

/// A source whose families a test sets.
final class FixedSource: MetricSource {
    private let kept: Mutex<[MetricFamily]>

    init(_ families: [MetricFamily]) {
        kept = Mutex(families)
    }

    func set(_ families: [MetricFamily]) {
        kept.withLock { $0 = families }
    }

    func families(for request: ScrapeRequest) async -> [MetricFamily] {
        kept.withLock { $0 }
    }

    /// A counter, a gauge, a histogram and a summary with awkward labels.
    static var typical: [MetricFamily] {
        var latency = HistogramSnapshot(upperBounds: [0.005, 1, 1e6], counts: [1, 2, 0, 4], sum: 6_000_000.25)
        latency?.created = nil
        return [
            MetricFamily(
                MetricDescriptor("http_requests_total", "Requests\nanswered, \"all\" \\ some.", kind: .counter),
                [
                    Sample(3, LabelSet(["code": "200", "method": "get"])),
                    Sample(1, LabelSet(["code": "500", "method": "a\"b\\c\nd, e}"])),
                ]),
            MetricFamily(
                MetricDescriptor("latency_seconds", "Time to answer.", kind: .histogram, unit: "seconds"),
                latency.map { [Sample(.histogram($0), LabelSet(["path": "/"]))] } ?? []),
            MetricFamily(
                MetricDescriptor("pause_seconds", "Time not working.", kind: .summary, unit: "seconds"),
                [
                    Sample(
                        .summary(
                            SummarySnapshot(quantiles: [("0.5", 0.25), ("0.99", .nan)], sum: 7.5, count: 2_000_000)))
                ]),
            MetricFamily(
                MetricDescriptor("temperature_celsius", "Outside.", kind: .gauge, unit: "celsius"),
                [
                    Sample(-12.75, LabelSet(["sensor": "Äpfel 😱"])), Sample(.infinity, LabelSet(["sensor": ""])),
                    Sample(.nan, LabelSet(["sensor": "b"])),
                ]),
        ]
    }
}
