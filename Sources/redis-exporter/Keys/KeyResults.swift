internal import ExporterKit

/// What a walk gives: series, ready to be exposed, and what went wrong without ending it.
struct KeyResults: Sendable {
    /// Keys and counts of keys.
    var keys = MetricSink()
    /// Streams.
    var streams = MetricSink()
    /// Groups of keys.
    var groups = MetricSink()
    /// Keys that SCAN told.
    var seen = 0
    /// Keys and streams beyond the limit.
    var omitted = 0
    /// What the server refused, the first of each kind.
    private(set) var troubles: [CollectorError] = []

    /// Keeps one error of each reason: a keyspace of errors is no news.
    mutating func note(_ error: CollectorError) {
        guard !troubles.contains(where: { $0.reason == error.reason }) else { return }
        troubles.append(error)
    }
}

/// All series of a walk.
struct KeyWalkMetrics: Sendable {
    let keys: KeyMetrics
    let streams: StreamMetrics
    let groups: KeyGroupMetrics

    init(_ namespace: String) {
        keys = KeyMetrics(namespace)
        streams = StreamMetrics(namespace)
        groups = KeyGroupMetrics(namespace)
    }
}

/// A walk that came to its end.
struct FinishedWalk: Sendable {
    let results: KeyResults
    let ended: ContinuousClock.Instant
    let duration: Duration
    let commands: Int
}
