internal import ExporterKit
internal import PostgresClient
internal import Synchronization

/// Searches each index with stored vectors and measures how long it takes and how good the answers are.
///
/// The session is read-only, has short time limits of its own and never plans parallel or compiled; every search is a
/// transaction of its own, because an open one would freeze the server's statistics views.
struct LatencyProbe: ScheduledWork {
    let settings: VectorProbeSettings
    let source: PostgresSource
    let catalog: VectorCatalog
    let metrics: ProbeMetrics
    let time: Timekeeper
    let state = ProbeState()

    var name: String { "vector_probe" }
    var kind: WorkKind { .group }
    var timing: Timing { settings.timing }
    var planned: [PlannedFamily] { ProbeMetrics.planned }

    func run(until deadline: ContinuousClock.Instant) async -> Findings {
        var findings = Findings()
        var sink = MetricSink()
        do throws(CollectorError) {
            let indexes = try await indexes(until: deadline).filter(\.isValid)
            metrics.keep(indexes)
            state.forget(except: indexes)
            state.budget.withLock { $0.refill(settings.budget, over: timing.interval) }
            let isAllowed = try await isAllowed(until: deadline)
            for index in indexes {
                guard isAllowed else {
                    metrics.count(.skipped, index)
                    continue
                }
                if let error = await probe(index, into: &sink, until: deadline) { findings.note(error) }
            }
        } catch {
            findings.note(error)
        }
        if findings.error?.reason != .cancelled { findings.families[0] = sink.families }
        return findings
    }

    private func indexes(until deadline: ContinuousClock.Instant) async throws(CollectorError) -> [VectorIndex] {
        if let known = catalog.book.indexes { return known }
        return try await catalog.discover(until: deadline)
    }

    /// What the guard says, when there is one.
    private func isAllowed(until deadline: ContinuousClock.Instant) async throws(CollectorError) -> Bool {
        guard let sql = settings.guardSQL else { return true }
        let table = try await source.run(Statement(sql), until: deadline)
        return table.number(0, 0, booleans: true).map { $0 != 0 } ?? false
    }

    // MARK: - One index

    private func probe(
        _ index: VectorIndex, into sink: inout MetricSink, until deadline: ContinuousClock.Instant
    ) async -> CollectorError? {
        let labels = catalog.labels(of: index)
        do throws(CollectorError) {
            try await refillVectors(of: index, until: deadline)
            guard let plan = state.vectors(of: index).randomElement() else { return nil }
            sink.add(ProbeMetrics.indexUsed, try await usesIndex(index, plan.text, until: deadline) ? 1 : 0, labels)
        } catch {
            metrics.count(.error, index)
            sink.add(ProbeMetrics.success, 0, labels)
            return error
        }
        var last: (rows: Int, isGood: Bool)?
        var trouble: CollectorError?
        for _ in 0..<settings.queries {
            guard let vector = state.vectors(of: index).randomElement() else { break }
            guard state.budget.withLock({ $0.hasLeft }), deadline > .now else {
                metrics.count(.skipped, index)
                continue
            }
            switch await search(index, vector, until: deadline) {
            case .success(let answer): last = (answer.rows, answer.rows > 0)
            case .failure(let error):
                last = (0, false)
                if trouble == nil { trouble = error }
            }
        }
        if let last {
            sink.add(ProbeMetrics.success, last.isGood ? 1 : 0, labels)
            sink.add(ProbeMetrics.results, Double(last.rows), labels)
        }
        return trouble
    }

    private func search(
        _ index: VectorIndex, _ vector: QueryVector, until deadline: ContinuousClock.Instant
    ) async -> Result<ProbeAnswer, CollectorError> {
        let statement = Statement(index.search(k: settings.k), [vector.text])
        let limit = min(deadline, .now.advanced(by: settings.timeout))
        let replies: [StatementReply]
        do throws(CollectorError) {
            replies = try await source.ask([statement], until: limit)
        } catch {
            metrics.count(error.reason == .timeout ? .timeout : .error, index)
            return .failure(error)
        }
        guard let reply = replies.first else { return .failure(CollectorError(.connection, "no answer")) }
        state.budget.withLock { $0.spend(reply.duration) }
        switch reply.result {
        case .success(let table):
            let places = (0..<table.rowCount).compactMap { table.text($0, 0) }
            let answer = ProbeAnswer(
                places: places, own: vector.place, k: settings.k, available: index.rows, took: reply.duration)
            metrics.count(answer.rows == 0 ? .empty : .ok, index)
            metrics.observe(answer, index)
            return .success(answer)
        case .failure(let error):
            metrics.count(error.kind == .timeout ? .timeout : .error, index)
            // Without them the slowest searches would be missing from the percentiles.
            if error.kind == .timeout { metrics.observe(timeout: reply.duration, index) }
            if let sqlState = error.sqlState { metrics.count(error: sqlState, index) }
            return .failure(CollectorError(error))
        }
    }

    /// Asks the planner, without running the search.
    private func usesIndex(
        _ index: VectorIndex, _ vector: String, until deadline: ContinuousClock.Instant
    ) async throws(CollectorError) -> Bool {
        let sql = "EXPLAIN (FORMAT JSON) \(index.search(k: settings.k))"
        let table = try await source.run(Statement(sql, [vector], prepared: false), until: deadline)
        let name = index.name.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        return (0..<table.rowCount).contains { table.text($0, 0)?.contains("\"Index Name\": \"\(name)\"") == true }
    }

    // MARK: - Query vectors

    /// Takes stored vectors out of a few pages; more pages when these are empty.
    private func refillVectors(
        of index: VectorIndex, until deadline: ContinuousClock.Instant
    ) async throws(CollectorError) {
        guard state.needsVectors(index, at: time.elapsed(), refresh: settings.refresh) else { return }
        var percent = min(100, max(0.001, Double(settings.sample) / index.pages * 100))
        while true {
            let sql = index.sample(percent: percent, limit: settings.sample)
            let table = try await source.run(Statement(sql, prepared: false), until: deadline)
            let vectors = (0..<table.rowCount).compactMap { row -> QueryVector? in
                guard let place = table.text(row, 0), let text = table.text(row, 1), QueryVector.canBeSearched(text)
                else {
                    return nil
                }
                return QueryVector(place: place, text: text)
            }
            if !vectors.isEmpty || percent >= 100 {
                state.keep(vectors, of: index, at: time.elapsed())
                return
            }
            percent = min(100, percent * 8)
        }
    }
}

/// A stored vector that is searched for.
struct QueryVector: Sendable, Equatable {
    /// Address of its row.
    let place: String
    /// As the type prints it.
    let text: String

    /// A vector of nothing but zeros has no direction, and no index on a cosine distance holds it. In the text of a sparse
    /// vector, `{1:0.5}/3`, and of a bit string any other digit is enough too.
    static func canBeSearched(_ text: String) -> Bool {
        text.utf8.contains { (UInt8(ascii: "1")...UInt8(ascii: "9")).contains($0) }
    }
}

/// What the probe remembers between runs.
final class ProbeState: Sendable {
    private struct Vectors {
        var list: [QueryVector]
        var takenAt: Duration
    }
    private let pools = Mutex<[[String]: Vectors]>([:])
    let budget = Mutex(ProbeBudget())

    func vectors(of index: VectorIndex) -> [QueryVector] { pools.withLock { $0[index.labelValues]?.list ?? [] } }

    func needsVectors(_ index: VectorIndex, at now: Duration, refresh: Duration) -> Bool {
        pools.withLock { pools in
            guard let pool = pools[index.labelValues] else { return true }
            return pool.list.isEmpty || now - pool.takenAt >= refresh
        }
    }

    func keep(_ vectors: [QueryVector], of index: VectorIndex, at now: Duration) {
        pools.withLock { $0[index.labelValues] = Vectors(list: vectors, takenAt: now) }
    }

    func forget(except indexes: [VectorIndex]) {
        let wanted = Set(indexes.map(\.labelValues))
        pools.withLock { pools in pools = pools.filter { wanted.contains($0.key) } }
    }
}

/// Time that searches may take: a share of wall clock, saved up for one interval at most.
struct ProbeBudget: Sendable {
    private var left: Duration = .zero

    /// False when the share is used up; an overdraft is paid back first.
    var hasLeft: Bool { left > .zero }

    mutating func refill(_ share: Double, over interval: Duration) {
        let portion = interval * share
        left = min(left + portion, portion)
    }

    mutating func spend(_ duration: Duration) { left -= duration }
}
