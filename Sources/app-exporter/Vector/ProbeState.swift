internal import Synchronization

/// What the probe remembers between runs.
final class ProbeState: Sendable {
    private struct Pool {
        var vectors: [QueryVector]
        var takenAt: Duration
        /// Share of the pages in percent that gave them.
        var percent: Double
    }
    private struct State {
        var pools: [[String]: Pool] = [:]
        var budget: ProbeBudget
        var runs = 0
    }
    private let state: Mutex<State>

    init(_ budget: ProbeBudget) { state = Mutex(State(budget: budget)) }

    // MARK: - Budget

    func allows(_ longest: Duration, at now: Duration) -> Bool {
        state.withLock { $0.budget.allows(longest, at: now) }
    }

    func spend(_ duration: Duration) { state.withLock { $0.budget.spend(duration) } }

    /// Another order for every run, so that a short budget does not always end before the same indexes.
    func rotated(_ indexes: [VectorIndex]) -> [VectorIndex] {
        guard !indexes.isEmpty else { return [] }
        let first = state.withLock { state in
            defer { state.runs += 1 }
            return state.runs % indexes.count
        }
        return Array(indexes[first...] + indexes[..<first])
    }

    // MARK: - Query vectors

    func vectors(of index: VectorIndex) -> [QueryVector] {
        state.withLock { $0.pools[index.labelValues]?.vectors ?? [] }
    }

    func needsVectors(_ index: VectorIndex, at now: Duration, refresh: Duration) -> Bool {
        state.withLock { state in
            guard let pool = state.pools[index.labelValues] else { return true }
            return pool.vectors.isEmpty || now - pool.takenAt >= refresh
        }
    }

    /// Share of the pages that gave vectors the last time.
    func percent(of index: VectorIndex) -> Double? { state.withLock { $0.pools[index.labelValues]?.percent } }

    func keep(_ vectors: [QueryVector], of index: VectorIndex, percent: Double, at now: Duration) {
        state.withLock { $0.pools[index.labelValues] = Pool(vectors: vectors, takenAt: now, percent: percent) }
    }

    /// The row of the vector has changed or is gone.
    func forget(_ vector: QueryVector, of index: VectorIndex) {
        state.withLock { $0.pools[index.labelValues]?.vectors.removeAll { $0 == vector } }
    }

    func forget(except indexes: [VectorIndex]) {
        let wanted = Set(indexes.map(\.labelValues))
        state.withLock { state in state.pools = state.pools.filter { wanted.contains($0.key) } }
    }
}
