internal import ExporterKit
internal import Synchronization

/// Requests for a target that could not be understood or were refused.
final class RequestErrors: MetricSource {
    private let descriptor: MetricDescriptor
    private let count = Atomic<UInt64>(0)

    init(_ namespace: String) {
        descriptor = Self.metric(namespace)
    }

    /// Its metric, for lists.
    static func metric(_ namespace: String) -> MetricDescriptor {
        MetricDescriptor(
            "\(namespace)_target_scrape_request_errors_total",
            "Requests of /scrape and of discovery that named no target, a malformed one or one that is not allowed.",
            kind: .counter)
    }

    var answersAtOnce: Bool { true }

    /// Counts one.
    func note() { count.add(1, ordering: .relaxed) }

    func families(for request: ScrapeRequest) async -> [MetricFamily] {
        [MetricFamily(descriptor, [Sample(Double(count.load(ordering: .relaxed)))])]
    }
}
