extension LabelSet: ExpressibleByDictionaryLiteral {
    /// Labels of a literal: `["trace_id": id]`, by the rules of `init(_:)`.
    public init(dictionaryLiteral elements: (String, String)...) {
        var kept: [(name: String, value: String)] = []
        for (name, value) in elements where !kept.contains(where: { $0.name == name }) {
            if LabelSet(checking: [(name, value)]) != nil { kept.append((name, value)) }
        }
        self = LabelSet(checking: kept) ?? .empty
    }
}
