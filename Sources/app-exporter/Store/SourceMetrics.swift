internal import ExporterKit
internal import Synchronization

/// What the exporter tells about a source it asks.
final class SourceMetrics: Sendable {
    private let name: String
    private let kind: String
    private let up: LabeledFamily<Gauge>
    private let requests: LabeledFamily<Counter>
    private let durations: LabeledFamily<Histogram>
    private let states: SourceStates

    init(_ name: String, kind: String, _ registry: Registry, states: SourceStates = SourceStates()) {
        self.name = name
        self.kind = kind
        self.states = states
        up = registry.gauge(Self.sourceUp.name, Self.sourceUp.help, labels: ["source", "kind"])
        requests = registry.counter(Self.requestsTotal.name, Self.requestsTotal.help, labels: ["source", "result"])
        durations = registry.histogram(
            Self.requestDuration.name, Self.requestDuration.help, labels: ["source"],
            buckets: .explicit([0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]))
    }

    /// Notes one request.
    ///
    /// - Parameter result: `ok`, a class of status such as `5xx`, or a reason: a closed set.
    func note(_ result: String, isUp: Bool, took duration: Duration) {
        up(name, kind).set(isUp ? 1 : 0)
        requests(name, result).increment()
        durations(name).observe(duration)
        states.note(name, isUp ? nil : result, took: duration)
    }

    /// Notes a request that ended with an error. What nobody waits for says nothing about the source.
    func note(_ error: CollectorError, took duration: Duration) {
        guard error.reason != .cancelled else { return }
        let isDown = [.connection, .authentication, .tls, .timeout].contains(error.reason)
        note(error.reason.rawValue, isUp: !isDown, took: duration)
    }

    static let sourceUp = MetricDescriptor(
        "app_exporter_source_up", "Whether the source answered the last time it was asked.", kind: .gauge)
    static let requestsTotal = MetricDescriptor(
        "app_exporter_client_requests_total", "Requests that the exporter sent to the source, by result.",
        kind: .counter)
    static let requestDuration = MetricDescriptor(
        "app_exporter_client_request_duration_seconds", "Time the source took to answer a request of the exporter.",
        kind: .histogram, unit: "seconds")
    static let all = [sourceUp, requestsTotal, requestDuration]
}

extension SourceMetrics {
    /// The series of one source.
    static let planned = all.map { metric in
        switch metric.name {
        case sourceUp.name: PlannedFamily(metric, ["source", "kind"], most: 1)
        case requestsTotal.name: PlannedFamily(metric, ["source", "result"], most: 12)
        default: PlannedFamily(metric, ["source"], most: 1)
        }
    }
}
