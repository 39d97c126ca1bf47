internal import ExporterKit
internal import PostgresClient
internal import Synchronization

/// Compares each index with an exact search, rarely: every comparison looks at all rows of a table.
///
/// The exact search orders by the distance function, which no planner can answer from an index. A connection of its own
/// is opened for each run, so that neither the catalogue nor the latency probe waits for it.
struct RecallProbe: ScheduledWork {
    let settings: VectorRecallSettings
    let catalog: VectorCatalog
    let metrics: RecallMetrics
    let time: Timekeeper
    /// Opens the connection for one run.
    let open: @Sendable () -> PostgresSource

    var name: String { "vector_recall" }
    var kind: WorkKind { .group }
    var planned: [PlannedFamily] { VectorPlan.recall }
    var timing: Timing { settings.timing }

    func run(until deadline: ContinuousClock.Instant) async -> Findings {
        var findings = Findings()
        let source = open()
        do throws(CollectorError) {
            let all = try await catalog.indexes(until: deadline)
            metrics.keep(all)
            for index in all where isMeasured(index) {
                if let error = await measure(index, source, until: deadline) { findings.note(error) }
            }
        } catch {
            findings.note(error)
        }
        await source.close()
        var sink = MetricSink()
        metrics.tell(k: settings.k, into: &sink)
        if findings.error?.reason != .cancelled { findings.families[0] = sink.families }
        return findings
    }

    /// A table of unknown size may be a large one.
    private func isMeasured(_ index: VectorIndex) -> Bool {
        guard index.isSearchable, let rows = index.tableRows, rows > 0, rows <= Double(settings.maximumRows) else {
            return false
        }
        return catalog.configuration.ruvector.permission(for: index) == .granted
    }

    private func measure(
        _ index: VectorIndex, _ source: PostgresSource, until deadline: ContinuousClock.Instant
    ) async -> CollectorError? {
        let k = min(settings.k, index.adapter.maximumRows)
        var ratios: [Double] = []
        do throws(CollectorError) {
            for vector in try await vectors(of: index, source, until: deadline) {
                let statements = [index.judgedSearch(vector.text, k: k), index.exactSearch(vector.text, k: k)]
                let replies = try await source.ask(statements, until: limit(deadline))
                let found = try VectorCatalog.table(replies, 0)
                let exact = try VectorCatalog.table(replies, 1)
                metrics.observe(replies[1].duration, index)
                let sample = RecallSample(
                    places: index.places(in: found),
                    distances: (0..<found.rowCount).map { found.number($0, index.placeWidth) },
                    exact: (0..<exact.rowCount).compactMap { exact.number($0, 0) }, k: k)
                if let sample { ratios.append(sample.ratio) }
            }
        } catch {
            return error
        }
        metrics.take(ratios, of: index, at: time.unixSeconds())
        return nil
    }

    private func limit(_ deadline: ContinuousClock.Instant) -> ContinuousClock.Instant {
        min(deadline, .now.advanced(by: settings.timeout))
    }

    private func vectors(
        of index: VectorIndex, _ source: PostgresSource, until deadline: ContinuousClock.Instant
    ) async throws(CollectorError) -> [QueryVector] {
        var percent = VectorSample.percent(settings.queries * 4, of: index)
        while true {
            let statement = index.sample(percent: percent, limit: settings.queries, isMixed: true)
            let vectors = index.vectors(in: try await source.run(statement, until: limit(deadline)))
            if vectors.count >= settings.queries || percent >= 100 { return vectors }
            percent = VectorSample.more(than: percent)
        }
    }
}

/// What comparisons with exact searches gave. A result stays until there is a newer one; its time is told beside it.
final class RecallMetrics: Sendable {
    private struct Result {
        let mean: Double
        let worst: Double
        let at: Double
    }
    private let durations: LabeledFamily<Histogram>
    private let results = Mutex<[[String]: Result]>([:])

    init(_ registry: Registry) {
        durations = registry.histogram(
            Self.exactDuration.name, Self.exactDuration.help, labels: VectorIndex.labelNames,
            buckets: .explicit([0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60]))
    }

    /// Forgets all other indexes.
    func keep(_ indexes: [VectorIndex]) {
        let wanted = Set(indexes.map(\.labelValues))
        let gone = results.withLock { results in
            let gone = results.keys.filter { !wanted.contains($0) }
            for key in gone { results[key] = nil }
            return gone
        }
        for place in gone { durations.remove(place) }
    }

    func observe(_ duration: Duration, _ index: VectorIndex) {
        durations.instrument(index.labelValues).observe(duration)
    }

    /// - Parameter ratios: one for each search of a run.
    func take(_ ratios: [Double], of index: VectorIndex, at now: Double) {
        guard let worst = ratios.min() else { return }
        let mean = ratios.reduce(0, +) / Double(ratios.count)
        results.withLock { $0[index.labelValues] = Result(mean: mean, worst: worst, at: now) }
    }

    func tell(k: Int, into sink: inout MetricSink) {
        for (place, result) in results.withLock({ $0 }).sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            let labels = VectorIndex.labels(place)
            let exact = labels.adding("k", String(k)) ?? .empty
            sink.add(Self.ratio, result.mean, exact)
            sink.add(Self.worst, result.worst, exact)
            sink.add(Self.lastRun, result.at, labels)
        }
    }

    static let ratio = MetricDescriptor(
        "vector_search_recall_ratio",
        "Mean share of the true k nearest rows that searches of the last comparison gave, 0 to 1.", kind: .gauge,
        unit: "ratio")
    static let worst = MetricDescriptor(
        "vector_search_recall_worst_ratio",
        "Smallest share of the true k nearest rows that a search of the last comparison gave, 0 to 1.", kind: .gauge,
        unit: "ratio")
    static let lastRun = MetricDescriptor(
        "vector_search_recall_last_run_timestamp_seconds", "When searches were last compared with exact ones.",
        kind: .gauge, unit: "seconds")
    static let exactDuration = MetricDescriptor(
        "vector_search_exact_duration_seconds", "Time of an exact search, the truth that recall is measured by.",
        kind: .histogram, unit: "seconds")

    static let all = [ratio, worst, lastRun, exactDuration]
}
