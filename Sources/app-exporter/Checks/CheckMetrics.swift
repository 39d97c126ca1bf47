internal import ExporterKit

/// What synthetic checks tell; names as in blackbox_exporter where it has them.
struct CheckMetrics: Sendable {
    static let labels = ["probe", "kind", "target"]
    /// Bounds of the durations, in seconds.
    static let buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

    private let durations: LabeledFamily<Histogram>
    private let runs: LabeledFamily<Counter>
    private let lastSuccess: LabeledFamily<Gauge>

    init(_ registry: Registry) {
        durations = registry.histogram(
            Self.runDuration.name, Self.runDuration.help, labels: Self.labels,
            buckets: .explicit(Self.buckets))
        runs = registry.counter(Self.runsTotal.name, Self.runsTotal.help, labels: Self.labels + ["result"])
        lastSuccess = registry.gauge(
            Self.lastSuccessTimestamp.name, Self.lastSuccessTimestamp.help, labels: Self.labels)
    }

    func announce(_ probe: String, _ target: String) {
        for outcome in CheckOutcome.allCases { _ = runs(probe, "http", target, outcome.rawValue) }
    }

    func count(
        _ outcome: CheckOutcome, _ probe: String, _ target: String, took duration: Duration, at unixSeconds: Double
    ) {
        durations(probe, "http", target).observe(duration)
        runs(probe, "http", target, outcome.rawValue).increment()
        if outcome == .ok { lastSuccess(probe, "http", target).set(unixSeconds) }
    }

    static let success = gauge("probe_success", "Whether the last check passed.")
    static let duration = gauge("probe_duration_seconds", "Time the last check took.", unit: "seconds")
    static let status = gauge("probe_http_status_code", "Status code of the last answer; 0 when there was none.")
    static let phase = gauge(
        "probe_http_duration_seconds", "Time the last check spent in each phase, all redirects together.",
        unit: "seconds")
    static let version = gauge("probe_http_version", "HTTP version of the last answer.")
    static let redirects = gauge("probe_http_redirects", "Redirects the last check followed.")
    static let contentLength = gauge(
        "probe_http_content_length", "Size of the body as the server declared it; -1 when it did not.")
    static let ssl = gauge("probe_http_ssl", "Whether the last answer came over TLS.")
    static let failedByBody = gauge(
        "probe_failed_due_to_regex", "Whether the last check failed because of a rule about the body.")
    static let earliestExpiry = gauge(
        "probe_ssl_earliest_cert_expiry", "Earliest end of validity in the presented chain, as seconds since 1970.")
    static let leafExpiry = gauge(
        "probe_ssl_leaf_cert_expiry_timestamp_seconds", "End of validity of the server's own certificate.",
        unit: "seconds")
    static let verified = gauge(
        "probe_ssl_verified", "Whether chain and name of the server's certificate are trusted.")
    static let runDuration = MetricDescriptor(
        "probe_run_duration_seconds", "Time that checks took.", kind: .histogram, unit: "seconds")
    static let runsTotal = MetricDescriptor("probe_runs_total", "Checks by how they ended.", kind: .counter)
    static let lastSuccessTimestamp = gauge(
        "probe_last_success_timestamp_seconds", "When the check last passed.", unit: "seconds")

    private static func gauge(_ name: String, _ help: String, unit: String? = nil) -> MetricDescriptor {
        MetricDescriptor(name, help, kind: .gauge, unit: unit)
    }

    static let all = [
        success, duration, status, phase, version, redirects, contentLength, ssl, failedByBody, earliestExpiry,
        leafExpiry,
        verified, runDuration, runsTotal, lastSuccessTimestamp,
    ]
}

extension CheckMetrics {
    /// The series of one check.
    static let planned = all.map { metric in
        switch metric.name {
        case runsTotal.name: PlannedFamily(metric, labels + ["result"], most: CheckOutcome.allCases.count)
        case phase.name: PlannedFamily(metric, labels + ["phase"], most: 5)
        default: PlannedFamily(metric, labels, most: 1)
        }
    }
}

/// How a check ended; a label value.
enum CheckOutcome: String, Sendable, CaseIterable {
    case ok
    case timeout
    case dns
    case connect
    case tls
    case status
    case body
    /// Slower than `within`.
    case slow
    case redirect
    case error
}
