/// What one search gave, held against the exact answer.
struct RecallSample: Sendable, Equatable {
    /// Share of the truly nearest that the search gave, 0 to 1.
    let ratio: Double

    /// Rows count that are as near as the farthest of the truly nearest: ties are no misses, and wrong distances show.
    ///
    /// - Parameters:
    ///   - places: addresses of the rows that the search gave.
    ///   - distances: their true distances; `nil` where there is none.
    ///   - exact: distances of the truly nearest rows.
    ///   - k: rows asked for.
    /// - Returns: `nil` when there is nothing to find.
    init?(places: [String], distances: [Double?], exact: [Double], k: Int) {
        let truth = exact.filter(\.isFinite)
        guard let farthest = truth.max() else { return nil }
        let limit = farthest + abs(farthest) * 1e-6 + 1e-12
        let near = zip(places, distances).filter { $0.1.map { $0 <= limit } ?? false }.map(\.0)
        ratio = min(1, Double(Set(near).count) / Double(min(k, truth.count)))
    }
}
