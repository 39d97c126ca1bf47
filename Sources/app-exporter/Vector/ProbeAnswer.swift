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
