/// Sums by group, of which only the largest get a series of their own: what comes from outside never makes more series
/// than are wanted.
struct TopGroups<Value: Sendable> {
    /// Name under which the rest is summed up.
    static var rest: String { "other" }
    /// Name of what has none.
    static var unnamed: String { "none" }

    private var groups: [String: Value] = [:]
    private let start: Value
    private let merge: (inout Value, Value) -> Void

    /// - Parameters:
    ///   - start: value of a group with nothing in it.
    ///   - merge: adds one value to another.
    init(from start: Value, merging merge: @escaping (inout Value, Value) -> Void) {
        self.start = start
        self.merge = merge
    }

    mutating func add(_ value: Value, to group: some StringProtocol) {
        let name = group.isEmpty ? Self.unnamed : String(group.prefix(100))
        var sum = groups[name] ?? start
        merge(&sum, value)
        groups[name] = sum
    }

    /// The `limit` groups with the largest weight, then `other` with the sum of all others.
    func top(_ limit: Int, by weight: (Value) -> Double) -> [(group: String, value: Value)] {
        var sorted = groups.filter { $0.key != Self.rest }.map { (group: $0.key, value: $0.value) }
        sorted.sort { (weight($1.value), $0.group) < (weight($0.value), $1.group) }
        let hidden = sorted.dropFirst(limit).map(\.value) + (groups[Self.rest].map { [$0] } ?? [])
        let shown = Array(sorted.prefix(limit))
        guard !hidden.isEmpty else { return shown }
        return shown + [(Self.rest, hidden.reduce(into: start) { merge(&$0, $1) })]
    }
}
