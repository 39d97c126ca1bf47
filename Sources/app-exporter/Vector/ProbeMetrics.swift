internal import ExporterKit
internal import Synchronization

/// What the latency probe tells about each index. Histograms and counters live as long as their index is there.
final class ProbeMetrics: Sendable {
    private static let labels = ["database", "schema", "table", "index"]

    /// How one search ended; a label value.
    enum Outcome: String, CaseIterable {
        case ok
        case empty
        case timeout
        case error
        case skipped
    }

    private let durations: LabeledFamily<Histogram>
    private let probes: LabeledFamily<Counter>
    private let errors: LabeledFamily<Counter>
    private let short: LabeledFamily<Counter>
    private let duplicates: LabeledFamily<Counter>
    private let selfChecks: LabeledFamily<Counter>
    private let known = Mutex<[[String]: Set<String>]>([:])

    init(_ registry: Registry, buckets: [Double]) {
        let labels = Self.labels
        durations = registry.histogram(
            Self.duration.name, Self.duration.help, labels: labels, buckets: .explicit(buckets))
        probes = registry.counter(Self.probesTotal.name, Self.probesTotal.help, labels: labels + ["result"])
        errors = registry.counter(Self.errorsTotal.name, Self.errorsTotal.help, labels: labels + ["sqlstate"])
        short = registry.counter(Self.shortTotal.name, Self.shortTotal.help, labels: labels)
        duplicates = registry.counter(Self.duplicatesTotal.name, Self.duplicatesTotal.help, labels: labels)
        selfChecks = registry.counter(Self.selfChecksTotal.name, Self.selfChecksTotal.help, labels: labels + ["result"])
    }

    /// Makes the series of these indexes and forgets those of all others.
    func keep(_ indexes: [VectorIndex]) {
        let wanted = Set(indexes.map(\.labelValues))
        let gone = known.withLock { known in
            let gone = known.filter { !wanted.contains($0.key) }
            for key in gone.keys { known[key] = nil }
            for key in wanted where known[key] == nil { known[key] = [] }
            return gone
        }
        for (place, states) in gone { forget(place, states) }
        for index in indexes {
            let (d, s, t, i) = index.parts
            for outcome in Outcome.allCases { _ = probes(d, s, t, i, outcome.rawValue) }
            _ = (short(d, s, t, i), duplicates(d, s, t, i), durations(d, s, t, i))
            _ = (selfChecks(d, s, t, i, "hit"), selfChecks(d, s, t, i, "miss"))
        }
    }

    private func forget(_ place: [String], _ states: Set<String>) {
        let (d, s, t, i) = (place[0], place[1], place[2], place[3])
        durations.remove(d, s, t, i)
        short.remove(d, s, t, i)
        duplicates.remove(d, s, t, i)
        for outcome in Outcome.allCases { probes.remove(d, s, t, i, outcome.rawValue) }
        for result in ["hit", "miss"] { selfChecks.remove(d, s, t, i, result) }
        for state in states { errors.remove(d, s, t, i, state) }
    }

    func count(_ outcome: Outcome, _ index: VectorIndex) {
        let (d, s, t, i) = index.parts
        probes(d, s, t, i, outcome.rawValue).increment()
    }

    func count(error sqlState: String, _ index: VectorIndex) {
        let (d, s, t, i) = index.parts
        known.withLock { _ = $0[index.labelValues]?.insert(sqlState) }
        errors(d, s, t, i, sqlState).increment()
    }

    /// Notes the time of a search that was given up.
    func observe(timeout duration: Duration, _ index: VectorIndex) {
        let (d, s, t, i) = index.parts
        durations(d, s, t, i).observe(duration)
    }

    /// Notes a search that was answered.
    func observe(_ answer: ProbeAnswer, _ index: VectorIndex) {
        let (d, s, t, i) = index.parts
        durations(d, s, t, i).observe(answer.duration)
        if answer.isShort { short(d, s, t, i).increment() }
        duplicates(d, s, t, i).increment(by: Double(answer.duplicates))
        selfChecks(d, s, t, i, answer.foundItself ? "hit" : "miss").increment()
    }

    static let duration = MetricDescriptor(
        "vector_search_probe_duration_seconds",
        "Time of a probe search from sending it to its last row, or until it was given up.",
        kind: .histogram, unit: "seconds")
    static let probesTotal = MetricDescriptor(
        "vector_search_probes_total", "Probe searches by how they ended.", kind: .counter)
    static let errorsTotal = MetricDescriptor(
        "vector_search_probe_errors_total", "Probe searches that failed, by SQLSTATE.", kind: .counter)
    static let shortTotal = MetricDescriptor(
        "vector_search_probe_short_total", "Probe searches with fewer rows than asked for although the index has more.",
        kind: .counter)
    static let duplicatesTotal = MetricDescriptor(
        "vector_search_probe_duplicates_total", "Rows that one probe search gave more than once.", kind: .counter)
    static let selfChecksTotal = MetricDescriptor(
        "vector_search_probe_self_checks_total", "Whether a stored vector found its own row.", kind: .counter)
    static let success = MetricDescriptor(
        "vector_search_probe_success", "Whether the last probe search gave rows in time.", kind: .gauge)
    static let indexUsed = MetricDescriptor(
        "vector_search_probe_index_used", "Whether the planner chooses the index; 0 is a fall to a sequential scan.",
        kind: .gauge)
    static let results = MetricDescriptor(
        "vector_search_probe_results", "Rows of the last probe search.", kind: .gauge)

    static let all = [
        duration, probesTotal, errorsTotal, shortTotal, duplicatesTotal, selfChecksTotal, success, indexUsed, results,
    ]
}

extension ProbeMetrics {
    /// The labels of each; how many indexes there are is up to the database.
    static let planned = all.map { metric in
        switch metric.name {
        case probesTotal.name, selfChecksTotal.name: PlannedFamily(metric, labels + ["result"])
        case errorsTotal.name: PlannedFamily(metric, labels + ["sqlstate"])
        default: PlannedFamily(metric, labels)
        }
    }
}

/// What one search gave.
struct ProbeAnswer: Sendable, Equatable {
    let duration: Duration
    let rows: Int
    /// Fewer than asked for, although the index has more.
    let isShort: Bool
    let duplicates: Int
    /// The row whose vector was searched for is among the answers.
    let foundItself: Bool

    /// - Parameters:
    ///   - places: row addresses as answered, nearest first.
    ///   - own: address of the row whose vector was the query.
    ///   - available: estimated rows that could have been found.
    init(places: [String], own: String, k: Int, available: Double?, took duration: Duration) {
        self.duration = duration
        rows = places.count
        isShort = places.count < k && (available ?? 0) > Double(places.count)
        duplicates = places.count - Set(places).count
        foundItself = places.contains(own)
    }
}

extension VectorIndex {
    fileprivate var parts: (String, String, String, String) { (database, schema, table, name) }
}
