internal import ExporterKit
internal import PostgresClient

/// Searches each index with stored vectors and measures how long it takes and how good the answers are.
///
/// The session is read-only, has short time limits of its own and never plans parallel or compiled; every search is a
/// transaction of its own, because an open one would freeze the server's statistics views. All that is asked here, the
/// samples, the plans and the guard too, comes out of one budget.
struct LatencyProbe: ScheduledWork {
    let settings: VectorProbeSettings
    let source: PostgresSource
    let catalog: VectorCatalog
    let metrics: ProbeMetrics
    let time: Timekeeper
    let state: ProbeState

    init(
        _ settings: VectorProbeSettings, _ source: PostgresSource, _ catalog: VectorCatalog, _ metrics: ProbeMetrics,
        _ time: Timekeeper
    ) {
        self.settings = settings
        self.source = source
        self.catalog = catalog
        self.metrics = metrics
        self.time = time
        state = ProbeState(
            ProbeBudget(
                settings.budget, over: settings.timing.interval, largest: Self.longest(settings), at: time.elapsed()))
    }

    var name: String { "vector_probe" }
    var kind: WorkKind { .group }
    var timing: Timing { settings.timing }
    var planned: [PlannedFamily] { VectorPlan.probe(catalog.configuration) }

    /// A question may come back a little after its limit.
    private static func longest(_ settings: VectorProbeSettings) -> Duration { settings.timeout + .milliseconds(20) }

    func run(until deadline: ContinuousClock.Instant) async -> Findings {
        var findings = Findings()
        var sink = MetricSink()
        do throws(CollectorError) {
            let all = try await catalog.indexes(until: deadline)
            if let error = catalog.misplaced(all) { findings.note(error) }
            let indexes = permitted(all, &findings)
            metrics.keep(indexes)
            state.forget(except: indexes)
            let searchable = state.rotated(indexes.filter(\.isSearchable))
            var isHalted = !(try await isAllowed(until: deadline))
            for index in searchable {
                guard !isHalted else {
                    metrics.count(.skipped, index)
                    continue
                }
                guard let error = await probe(index, into: &sink, until: deadline) else { continue }
                findings.note(error)
                isHalted = [.connection, .authentication, .tls, .cancelled].contains(error.reason)
            }
        } catch {
            findings.note(error)
        }
        metrics.tell(since: time.elapsed() - timing.staleAfter, into: &sink)
        if findings.error?.reason != .cancelled { findings.families[0] = sink.families }
        return findings
    }

    private func permitted(_ indexes: [VectorIndex], _ findings: inout Findings) -> [VectorIndex] {
        indexes.filter { index in
            switch catalog.configuration.ruvector.permission(for: index) {
            case .granted: return true
            case .notAsked: return false
            case .refused(let why):
                findings.note(CollectorError(.unsupported, why))
                return false
            }
        }
    }

    /// What the guard says, when there is one.
    private func isAllowed(until deadline: ContinuousClock.Instant) async throws(CollectorError) -> Bool {
        guard let sql = settings.guardSQL else { return true }
        guard let reply = try await ask([Statement(sql, searchPath: .server)], until: deadline)?.first else {
            return false
        }
        do throws(PostgresError) {
            return try reply.result.get().number(0, 0, booleans: true).map { $0 != 0 } ?? false
        } catch {
            throw CollectorError(error)
        }
    }

    // MARK: - Asking

    /// Asks within the budget.
    ///
    /// - Returns: `nil` when the budget or the time of the run does not allow it.
    private func ask(
        _ statements: [Statement], about index: VectorIndex? = nil, until deadline: ContinuousClock.Instant
    ) async throws(CollectorError) -> [StatementReply]? {
        guard deadline > .now, state.allows(Self.longest(settings), at: time.elapsed()) else { return nil }
        let replies = try await source.ask(statements, until: min(deadline, .now.advanced(by: settings.timeout)))
        state.spend(replies.reduce(.zero) { $0 + $1.duration })
        for reply in replies {
            guard let index, case .failure(let error) = reply.result, let sqlState = error.sqlState else { continue }
            metrics.count(error: sqlState, index)
        }
        return replies
    }

    private func table(
        _ statement: Statement, about index: VectorIndex, until deadline: ContinuousClock.Instant
    ) async throws(CollectorError) -> ResultTable? {
        guard let reply = try await ask([statement], about: index, until: deadline)?.first else { return nil }
        do throws(PostgresError) { return try reply.result.get() } catch { throw CollectorError(error) }
    }

    // MARK: - One index

    private func probe(
        _ index: VectorIndex, into sink: inout MetricSink, until deadline: ContinuousClock.Instant
    ) async -> CollectorError? {
        let k = min(settings.k, index.adapter.maximumRows)
        var last = ProbeMetrics.LastSearch(at: time.elapsed())
        defer { metrics.note(last, index) }
        do throws(CollectorError) {
            guard try await refillVectors(of: index, until: deadline) else {
                metrics.count(.skipped, index)
                return nil
            }
            guard let example = state.vectors(of: index).randomElement() else { return nil }
            tellDimensions(of: index, example, into: &sink)
            if let plan = try await table(index.plan(example.text, k: k), about: index, until: deadline) {
                last.isIndexUsed = index.isUsed(in: plan)
            }
        } catch {
            metrics.count(error.reason == .timeout ? .timeout : .error, index)
            last.rows = 0
            return error
        }
        var trouble: CollectorError?
        for _ in 0..<settings.queries {
            guard let vector = state.vectors(of: index).randomElement() else { break }
            do throws(CollectorError) {
                guard let rows = try await search(index, vector, k: k, until: deadline) else {
                    metrics.count(.skipped, index)
                    continue
                }
                last.rows = rows
            } catch {
                last.rows = 0
                if trouble == nil { trouble = error }
            }
        }
        return trouble
    }

    /// - Returns: number of rows; `nil` when there was no time for it.
    private func search(
        _ index: VectorIndex, _ vector: QueryVector, k: Int, until deadline: ContinuousClock.Instant
    ) async throws(CollectorError) -> Int? {
        let replies: [StatementReply]?
        do throws(CollectorError) {
            replies = try await ask([index.search(vector.text, k: k)], about: index, until: deadline)
        } catch {
            metrics.count(error.reason == .timeout ? .timeout : .error, index)
            throw error
        }
        guard let reply = replies?.first else { return nil }
        switch reply.result {
        case .success(let table):
            let answer = ProbeAnswer(
                places: index.places(in: table), own: vector.place, k: k,
                available: index.isNarrowed ? nil : index.rows, took: reply.duration)
            metrics.count(answer.rows == 0 ? .empty : .ok, index)
            metrics.observe(answer, index)
            try await judge(answer, index, vector, k: k, until: deadline)
            return answer.rows
        case .failure(let error):
            metrics.count(error.kind == .timeout ? .timeout : .error, index)
            // Without them the slowest searches would be missing from the percentiles.
            if error.kind == .timeout { metrics.observe(timeout: reply.duration, index) }
            throw CollectorError(error)
        }
    }

    /// A stored vector that did not find its row: that is a miss only when the row is still there as it was, and farther
    /// than something nearer was not found (by inner product others may be nearer, and equal vectors are as near).
    private func judge(
        _ answer: ProbeAnswer, _ index: VectorIndex, _ vector: QueryVector, k: Int,
        until deadline: ContinuousClock.Instant
    ) async throws(CollectorError) {
        guard !answer.foundItself else { return metrics.countSelfCheck(found: true, index) }
        guard
            let replies = try await ask(
                [index.row(of: vector), index.judgedSearch(vector.text, k: k)], until: deadline),
            let row = try? replies.first?.result.get(), let found = try? replies.last?.result.get()
        else { return }
        guard row.text(0, 0) == vector.text, let own = row.number(0, 1) else {
            return state.forget(vector, of: index)
        }
        let farthest = (0..<found.rowCount).compactMap { found.number($0, index.placeWidth) }.max()
        metrics.countSelfCheck(found: found.rowCount >= k && (farthest ?? .infinity) <= own, index)
    }

    /// Dimensions of a column that declares none.
    private func tellDimensions(of index: VectorIndex, _ vector: QueryVector, into sink: inout MetricSink) {
        guard index.dimensions == nil, !index.column.isEmpty, let dimensions = vector.dimensions,
            let labels = LabelSet(checking: [
                ("database", index.database), ("schema", index.schema), ("table", index.table),
                ("column", index.column),
            ])
        else { return }
        let slot = sink.open(VectorMetrics.columnDimensions)
        guard
            !sink.families.contains(where: { family in
                family.descriptor.name == VectorMetrics.columnDimensions.name
                    && family.samples.contains { $0.labels == labels }
            })
        else { return }
        sink.append(Double(dimensions), labels, to: slot)
    }

    // MARK: - Query vectors

    /// Takes stored vectors out of a few pages; more pages when these are empty.
    ///
    /// - Returns: `false` when there was no time for it.
    private func refillVectors(
        of index: VectorIndex, until deadline: ContinuousClock.Instant
    ) async throws(CollectorError) -> Bool {
        guard state.needsVectors(index, at: time.elapsed(), refresh: settings.refresh) else { return true }
        var percent = state.percent(of: index) ?? VectorSample.percent(settings.sample, of: index)
        while true {
            let statement = index.sample(percent: percent, limit: settings.sample)
            guard let table = try await table(statement, about: index, until: deadline) else { return false }
            let vectors = index.vectors(in: table)
            if !vectors.isEmpty || percent >= 100 {
                state.keep(vectors, of: index, percent: percent, at: time.elapsed())
                return true
            }
            percent = VectorSample.more(than: percent)
        }
    }
}

/// How much of a table to read for some vectors.
enum VectorSample {
    /// Share of the pages in percent: about one for each vector.
    static func percent(_ count: Int, of index: VectorIndex) -> Double {
        min(100, max(0.001, Double(count) / index.pages * 100))
    }

    static func more(than percent: Double) -> Double { min(100, percent * 8) }
}
