internal import ExporterKit
internal import Synchronization

/// What the latency probe tells about each index. Histograms and counters live as long as their index is there.
final class ProbeMetrics: Sendable {
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
    /// Under the names of DPG's exporter, by schema and table.
    private let oldDurations: LabeledFamily<Histogram>?
    private let state = Mutex(State())

    private struct State {
        /// SQLSTATEs seen, by index.
        var known: [[String]: Set<String>] = [:]
        /// Failed searches by schema and table.
        var failures: [[String]: Int] = [:]
        var last: [[String]: LastSearch] = [:]
    }

    /// How the last searches of an index went. It stays when there is no time for another one, until it is too old.
    struct LastSearch: Sendable {
        var at: Duration
        var isIndexUsed: Bool?
        /// Whether it gave rows, and how many.
        var rows: Int?
    }

    /// - Parameter isDpgCompatible: also the names of DPG's exporter.
    init(_ registry: Registry, buckets: [Double], isDpgCompatible: Bool = false) {
        let labels = VectorIndex.labelNames
        oldDurations =
            isDpgCompatible
            ? registry.histogram(
                DpgMetrics.latency.name, DpgMetrics.latency.help, labels: ["schema", "table"],
                buckets: .explicit(buckets)) : nil
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
        let tables = Set(indexes.map(\.tableValues))
        let (gone, empty) = state.withLock { state in
            let gone = state.known.filter { !wanted.contains($0.key) }
            for key in gone.keys { (state.known[key], state.last[key]) = (nil, nil) }
            for key in wanted where state.known[key] == nil { state.known[key] = [] }
            let empty = state.failures.keys.filter { !tables.contains($0) }
            for key in empty { state.failures[key] = nil }
            for key in tables where state.failures[key] == nil { state.failures[key] = 0 }
            return (gone, empty)
        }
        for (place, states) in gone { forget(place, states) }
        for place in empty { oldDurations?.remove(place) }
        for index in indexes {
            let place = index.labelValues
            for outcome in Outcome.allCases { _ = probes.instrument(place + [outcome.rawValue]) }
            _ = (short.instrument(place), duplicates.instrument(place), durations.instrument(place))
            for result in ["hit", "miss"] { _ = selfChecks.instrument(place + [result]) }
            _ = oldDurations?.instrument(index.tableValues)
        }
    }

    private func forget(_ place: [String], _ states: Set<String>) {
        durations.remove(place)
        short.remove(place)
        duplicates.remove(place)
        for outcome in Outcome.allCases { probes.remove(place + [outcome.rawValue]) }
        for result in ["hit", "miss"] { selfChecks.remove(place + [result]) }
        for state in states { errors.remove(place + [state]) }
    }

    func count(_ outcome: Outcome, _ index: VectorIndex) {
        probes.instrument(index.labelValues + [outcome.rawValue]).increment()
        guard outcome == .timeout || outcome == .error else { return }
        state.withLock { $0.failures[index.tableValues, default: 0] += 1 }
    }

    func count(error sqlState: String, _ index: VectorIndex) {
        state.withLock { _ = $0.known[index.labelValues]?.insert(sqlState) }
        errors.instrument(index.labelValues + [sqlState]).increment()
    }

    /// Notes the time of a search that was given up.
    func observe(timeout duration: Duration, _ index: VectorIndex) {
        durations.instrument(index.labelValues).observe(duration)
        oldDurations?.instrument(index.tableValues).observe(duration)
    }

    /// Notes a search that was answered.
    func observe(_ answer: ProbeAnswer, _ index: VectorIndex) {
        observe(timeout: answer.duration, index)
        if answer.isShort { short.instrument(index.labelValues).increment() }
        duplicates.instrument(index.labelValues).increment(by: Double(answer.duplicates))
    }

    /// Notes whether a stored vector found its row.
    func countSelfCheck(found: Bool, _ index: VectorIndex) {
        selfChecks.instrument(index.labelValues + [found ? "hit" : "miss"]).increment()
    }

    /// Notes how the last searches went. What this time tells nothing about stays.
    func note(_ last: LastSearch, _ index: VectorIndex) {
        state.withLock { state in
            var merged = last
            let before = state.last[index.labelValues]
            merged.isIndexUsed = last.isIndexUsed ?? before?.isIndexUsed
            merged.rows = last.rows ?? before?.rows
            state.last[index.labelValues] = merged
        }
    }

    /// What is not counted or observed: the last search of each index, unless it was before that time, and failed searches
    /// under the name of DPG's exporter.
    func tell(since oldest: Duration, into sink: inout MetricSink) {
        let (last, failures) = state.withLock { ($0.last, $0.failures) }
        for (place, search) in last.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) where search.at >= oldest {
            let labels = VectorIndex.labels(place)
            sink.add(Self.success, search.rows.map { $0 > 0 ? 1 : 0 }, labels)
            sink.add(Self.results, search.rows.map { Double($0) }, labels)
            sink.add(Self.indexUsed, search.isIndexUsed.map { $0 ? 1 : 0 }, labels)
        }
        guard oldDurations != nil else { return }
        for (table, count) in failures {
            sink.add(
                DpgMetrics.operations, Double(count), DpgMetrics.labels(table[0], table[1], ("operation", "error")))
        }
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
        "vector_search_probe_self_checks_total",
        "Whether a stored vector found its own row, or only rows as near; unchanged rows alone count.", kind: .counter)
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

extension VectorIndex {
    /// Values of `schema`, `table`.
    fileprivate var tableValues: [String] { [schema, table] }
}
