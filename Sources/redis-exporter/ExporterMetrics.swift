internal import ExporterKit
internal import Synchronization

/// What the exporter says of its own scrapes, besides `redis_up` and the metrics of the collectors.
final class ExporterMetrics: Sendable {
    private let namespace: String
    /// Time of all scrapes, and how many.
    private let total = Mutex((seconds: 0.0, count: UInt64(0)))

    init(_ namespace: String) {
        self.namespace = namespace
    }

    private func metric(_ name: String, _ kind: MetricKind, _ help: String) -> MetricDescriptor {
        MetricDescriptor(
            "\(namespace)_exporter_\(name)", help, kind: kind, unit: name.hasSuffix("seconds") ? "seconds" : nil)
    }

    private var lastError: MetricDescriptor {
        metric(
            "last_scrape_error", .gauge, "1 when the last scrape failed, with the kind of failure as a label, else 0.")
    }
    private var scrapes: MetricDescriptor {
        metric("scrapes_total", .counter, "Scrapes of the server since the exporter started.")
    }
    private var lastDuration: MetricDescriptor {
        metric("last_scrape_duration_seconds", .gauge, "Time the last scrape of the server took.")
    }
    private var connecting: MetricDescriptor {
        metric(
            "last_scrape_connect_time_seconds", .gauge,
            "Time the last scrape needed to connect; 0 when the connection was open.")
    }
    private var ping: MetricDescriptor {
        metric("last_scrape_ping_time_seconds", .gauge, "Time of the PING that began the last scrape.")
    }
    private var durations: MetricDescriptor {
        metric("scrape_duration_seconds", .summary, "Time of all scrapes of the server since the exporter started.")
    }

    /// All of them, for lists and documentation.
    var all: [MetricDescriptor] {
        [
            MetricDescriptor("\(namespace)_up", "Whether the server could be reached in this scrape.", kind: .gauge),
            ScrapeMetrics.collectorDuration(namespace), ScrapeMetrics.collectorSuccess(namespace),
            lastError, scrapes, lastDuration, connecting, ping, durations,
        ]
    }

    /// Adds them for one scrape.
    func report(_ scrape: ScrapeReport, _ times: RedisSessionProvider.Times, into sink: inout MetricSink) {
        let failure = Self.failure(of: scrape)
        sink.add(lastError, failure == nil ? 0 : 1, LabelSet(["err": failure?.rawValue ?? ""]))
        sink.add(scrapes, Double(scrape.count))
        sink.add(lastDuration, scrape.duration.seconds)
        sink.add(connecting, times.connecting.seconds)
        sink.add(ping, times.ping?.seconds)
        let (seconds, count) = total.withLock { total in
            total.seconds += scrape.duration.seconds
            total.count += 1
            return total
        }
        sink.add(durations, .summary(SummarySnapshot(quantiles: [], sum: seconds, count: count)))
    }

    /// A command that this server does not have or does not allow is a state of things, told by the collector's
    /// success; it is no error of every scrape from now on.
    private static func failure(of scrape: ScrapeReport) -> CollectorError.Reason? {
        if case .failure(let error) = scrape.session { return error.reason }
        let harmless: Set<CollectorError.Reason> = [.noData, .permission, .unsupported]
        return scrape.outcomes.lazy.compactMap(\.outcome.error?.reason).first { !harmless.contains($0) }
    }
}
