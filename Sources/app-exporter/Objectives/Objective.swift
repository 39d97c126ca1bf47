/// One objective: of all events of a service, at least this share is to be good within the window.
struct Objective: Sendable {
    /// Value of the label `service`.
    let service: String
    /// Value of the label `slo`: `availability`, `latency_p95`.
    let name: String
    /// Share of good events, above 0 and below 1.
    let objective: Double
    let window: Duration
    /// For latency: what counts as good, and which percentile says so.
    let latency: Latency?
    let events: Events

    struct Latency: Sendable {
        /// `0.95`
        let percentile: Double
        let limit: Duration
    }

    /// What to count, as PromQL that can stand in `sum(rate(…[5m]))`.
    enum Events: Sendable, Equatable {
        case errors(String, total: String)
        case good(String, total: String)
        /// A histogram's own name and its matchers without braces.
        case histogram(String, matchers: String)
    }
}

/// The objectives of one key under `slos`.
extension Objective {
    /// Name of a latency objective: `latency_p95`, `latency_p99_9`.
    static func name(percentile text: String) -> String { "latency_\(text.replacing(".", with: "_"))" }
}
