/// `schema.table` patterns with `*` for any text.
struct TableFilter: Sendable {
    let patterns: [String]

    /// True when some pattern fits, or there is none.
    func includes(schema: String, table: String) -> Bool {
        patterns.isEmpty
            || patterns.contains { Self.matches(Array($0.utf8)[...], Array("\(schema).\(table)".utf8)[...]) }
    }

    private static func matches(_ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> Bool {
        guard let star = pattern.firstIndex(of: UInt8(ascii: "*")) else { return pattern.elementsEqual(text) }
        let head = pattern[..<star]
        guard text.starts(with: head) else { return false }
        let (rest, tail) = (text.dropFirst(head.count), pattern[(star + 1)...])
        return (0...rest.count).contains { matches(tail, rest.dropFirst($0)) }
    }
}
