internal import ExporterKit
internal import Synchronization

/// What the exporter tells about a source it asks. Several users of one source share its series.
final class SourceMetrics: Sendable {
    private let name: String
    private let kind: String
    private let up: LabeledFamily<Gauge>
    private let connects: LabeledFamily<Counter>
    private let requests: LabeledFamily<Counter>
    private let durations: LabeledFamily<Histogram>
    private let retries: LabeledFamily<Counter>
    private let pages: LabeledFamily<Counter>
    private let throttled: LabeledFamily<Counter>
    private let states: SourceStates

    init(_ name: String, kind: String, _ registry: Registry, states: SourceStates = SourceStates()) {
        self.name = name
        self.kind = kind
        self.states = states
        up = registry.gauge(Self.sourceUp.name, Self.sourceUp.help, labels: ["source", "kind"])
        connects = registry.counter(Self.connectsTotal.name, Self.connectsTotal.help, labels: ["source", "result"])
        requests = registry.counter(Self.requestsTotal.name, Self.requestsTotal.help, labels: ["source", "result"])
        durations = registry.histogram(
            Self.requestDuration.name, Self.requestDuration.help, labels: ["source"],
            buckets: .explicit([0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]))
        retries = registry.counter(Self.retriesTotal.name, Self.retriesTotal.help, labels: ["source", "reason"])
        pages = registry.counter(Self.pagesTotal.name, Self.pagesTotal.help, labels: ["source"])
        throttled = registry.counter(Self.throttledTotal.name, Self.throttledTotal.help, labels: ["source"])
        // Counters that exist before anything happens, so that `rate` sees their first step.
        for result in ["ok", "error"] { _ = connects(name, result) }
        guard kind == "http" else { return }
        _ = pages(name)
        _ = throttled(name)
    }

    /// Notes one request that was answered.
    ///
    /// - Parameter result: `ok`, a class of status such as `5xx`, or `rate_limited`: a closed set.
    func note(_ result: String, isUp: Bool, took duration: Duration) {
        up(name, kind).set(isUp ? 1 : 0)
        requests(name, result).increment()
        durations(name).observe(duration)
        states.note(name, isUp ? nil : result, took: duration)
    }

    /// Notes a request that ended with an error. What nobody waits for says nothing about the source.
    ///
    /// - Parameter result: instead of the word for the error's reason.
    func note(_ error: CollectorError, as result: String? = nil, took duration: Duration) {
        guard error.reason != .cancelled else { return }
        let isDown = [.connection, .authentication, .tls, .timeout].contains(error.reason)
        let word = result ?? (error.reason == .connection ? "refused" : error.reason.rawValue)
        note(word, isUp: !isDown, took: duration)
    }

    /// Notes attempts to connect.
    func connected(_ opened: Int, failed: Int = 0) {
        if opened > 0 { connects(name, "ok").increment(by: Double(opened)) }
        if failed > 0 { connects(name, "error").increment(by: Double(failed)) }
    }

    /// Notes that a request is sent again.
    ///
    /// - Parameter reason: `network`, a class of status, `rate_limited`, `lock_timeout` or `token`: a closed set.
    func retried(_ reason: String) { retries(name, reason).increment() }

    /// Notes a page of a paged answer.
    func pageRead() { pages(name).increment() }

    /// Notes time that passed waiting for the source's own rate.
    func waited(_ duration: Duration) {
        if duration > .zero { throttled(name).increment(by: duration / .seconds(1)) }
    }

    static let sourceUp = MetricDescriptor(
        "app_exporter_source_up", "Whether the source answered the last time it was asked.", kind: .gauge)
    static let connectsTotal = MetricDescriptor(
        "app_exporter_source_connects_total",
        "Connections to the source by how the attempt ended; a climbing ok means that connections do not last.",
        kind: .counter)
    static let requestsTotal = MetricDescriptor(
        "app_exporter_client_requests_total", "Requests that the exporter sent to the source, by result.",
        kind: .counter)
    static let requestDuration = MetricDescriptor(
        "app_exporter_client_request_duration_seconds", "Time the source took to answer a request of the exporter.",
        kind: .histogram, unit: "seconds")
    static let retriesTotal = MetricDescriptor(
        "app_exporter_client_retries_total", "Requests that were sent again, by reason.", kind: .counter)
    static let pagesTotal = MetricDescriptor(
        "app_exporter_client_pages_total", "Pages read of answers that come in pages.", kind: .counter)
    static let throttledTotal = MetricDescriptor(
        "app_exporter_client_throttled_seconds_total", "Time that requests waited for the rate of the source.",
        kind: .counter, unit: "seconds")
    static let all = [
        sourceUp, connectsTotal, requestsTotal, requestDuration, retriesTotal, pagesTotal, throttledTotal,
    ]
}

/// Turns counts that only grow into steps.
final class ConnectCounter: Sendable {
    private let seen = Mutex<(opened: UInt64, failed: UInt64)>((0, 0))

    /// For a new thing that counts from 0.
    func restart() { seen.withLock { $0 = (0, 0) } }

    /// What was added since the last call.
    func step(opened: UInt64, failed: UInt64) -> (opened: Int, failed: Int) {
        seen.withLock { seen in
            defer { seen = (max(seen.opened, opened), max(seen.failed, failed)) }
            return (Int(opened - min(opened, seen.opened)), Int(failed - min(failed, seen.failed)))
        }
    }
}

extension SourceMetrics {
    /// The series of one source.
    static let planned = all.map { metric in
        switch metric.name {
        case sourceUp.name: PlannedFamily(metric, ["source", "kind"], most: 1)
        case requestsTotal.name: PlannedFamily(metric, ["source", "result"], most: 16)
        case connectsTotal.name: PlannedFamily(metric, ["source", "result"], most: 2)
        case retriesTotal.name: PlannedFamily(metric, ["source", "reason"], most: 8)
        default: PlannedFamily(metric, ["source"], most: 1)
        }
    }
}
