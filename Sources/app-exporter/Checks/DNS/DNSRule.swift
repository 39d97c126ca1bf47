/// What the records of a section must be like.
struct DNSRule: Sendable {
    /// How many of the records must pass the test.
    enum Demand: String, Sendable, CaseIterable {
        case some
        case every
        case none
        case notEvery = "not_every"
    }
    enum Test: Sendable {
        /// The data is this.
        case data(String)
        /// The record as zone files write it matches.
        case matches(Pattern)
        /// It does not.
        case lacks(Pattern)
        /// One of these matches.
        case matchesAmong([Pattern])
    }
    let demand: Demand
    let test: Test

    /// - Returns: what was expected, in words; `nil` when the records are right.
    func violation(by records: [DNSRecord]) -> String? {
        let passed = records.count { record in
            switch test {
            case .data(let data): record.hasData(data)
            case .matches(let pattern): pattern.matches(Array("\(record)".utf8))
            case .lacks(let pattern): !pattern.matches(Array("\(record)".utf8))
            case .matchesAmong(let patterns): patterns.contains { $0.matches(Array("\(record)".utf8)) }
            }
        }
        let holds =
            switch demand {
            case .some: passed > 0
            case .every: passed == records.count && passed > 0
            case .none: passed == 0
            case .notEvery: passed < records.count
            }
        guard !holds else { return nil }
        let what =
            switch test {
            case .data(let data): "`\(data)`"
            case .matches(let pattern): "a match of `\(pattern.source)`"
            case .lacks(let pattern): "no match of `\(pattern.source)`"
            case .matchesAmong(let patterns):
                "a match of \(patterns.map { "`\($0.source)`" }.joined(separator: " or "))"
            }
        return "\(demand.rawValue.replacing("_", with: " ")) of the records to be \(what)"
    }
}
