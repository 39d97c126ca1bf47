/// The first of a ranking, chosen so that those at the edge do not come and go: what was chosen stays until it has fallen
/// well below the limit, and what rises well above it is chosen at once.
struct StableChoice<Element: Hashable> {
    private let limit: Int
    private let slack: Int
    private var last: Set<Element> = []

    /// - Parameter limit: most elements to choose.
    init(limit: Int) {
        self.limit = limit
        slack = limit / 10
    }

    /// How much of a ranking is looked at.
    var width: Int { limit + slack }

    /// Chooses.
    ///
    /// - Parameter ranking: best first, not longer than `width`, nothing twice.
    /// - Returns: positions in the ranking, ascending.
    mutating func choose(_ ranking: [Element]) -> [Int] {
        let sure = ranking.indices.prefix(ranking.count <= limit ? limit : limit - slack)
        let edge = ranking.indices.dropFirst(sure.count)
        let before = edge.filter { last.contains(ranking[$0]) }
        let new = edge.filter { !last.contains(ranking[$0]) }
        let chosen = (sure + (before + new).prefix(limit - sure.count)).sorted()
        last = Set(chosen.map { ranking[$0] })
        return chosen
    }
}
