/// Texts of statements, remembered: to read one the server reads the file of all.
struct StatementTexts {
    private var texts: [String: String] = [:]
    /// Ids that the server had no text for, and until when it is not asked again.
    private var missing: [String: ContinuousClock.Instant] = [:]
    /// Ids to ask for; `nil` when nothing is known yet.
    private(set) var wanted: [String]? = nil

    private static let pause = Duration.seconds(600)

    /// The text of a statement.
    subscript(id: String) -> String? { texts[id] }

    /// Takes what the server gave for the ids that it was asked for.
    mutating func learn(_ answer: [String: String], asked: [String]?, at now: ContinuousClock.Instant) {
        texts.merge(answer) { $1 }
        for id in asked ?? [] where answer[id] == nil { missing[id] = now + Self.pause }
    }

    /// Looks which of the ids shown now have no text, and forgets others when they are many.
    mutating func want(_ ids: [String], at now: ContinuousClock.Instant) {
        let shown = Set(ids)
        if texts.count > 2 * shown.count + 100 { texts = texts.filter { shown.contains($0.key) } }
        missing = missing.filter { $0.value > now && shown.contains($0.key) }
        wanted = shown.filter { texts[$0] == nil && missing[$0] == nil }.sorted()
    }
}
