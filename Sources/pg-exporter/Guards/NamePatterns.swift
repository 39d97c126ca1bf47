internal import ExporterCommand

/// Shell patterns for relations: one with a dot is for schema and name (`app.*`), one without for the name in any schema.
struct NamePatterns: Sendable, Equatable {
    /// For the name alone.
    let names: [ShellPattern]
    /// For schema, dot and name.
    let qualified: [ShellPattern]

    /// No pattern.
    static let none = NamePatterns()

    private init() {
        names = []
        qualified = []
    }

    /// - Parameter flag: which one gave them, for messages.
    /// - Throws: which pattern is wrong, and what to give instead.
    init(_ patterns: [String], from flag: String) throws(UsageError) {
        for pattern in patterns {
            if let character = pattern.first(where: "^[](){}|+\\".contains) {
                throw UsageError(
                    "\(flag): \"\(pattern)\" has a \"\(character)\", which no pattern may have; these are no regular "
                        + "expressions: * is any text and ? any one character, as in app.event_*")
            }
        }
        names = [ShellPattern](simple: patterns.filter { !$0.contains(".") })
        qualified = [ShellPattern](simple: patterns.filter { $0.contains(".") })
    }

    var isEmpty: Bool { names.isEmpty && qualified.isEmpty }

    /// Whether a relation's name matches one of them, as SQL.
    ///
    /// - Parameters:
    ///   - schema: SQL of the schema's name.
    ///   - name: SQL of the relation's name.
    func condition(schema: String, name: String) -> String {
        var parts: [String] = []
        if !names.isEmpty { parts.append("\(name)::text LIKE ANY (\(SQLText.arrayOfLiterals(names.map(\.like))))") }
        if !qualified.isEmpty {
            parts.append(
                "\(schema)::text || '.' || \(name)::text LIKE ANY (\(SQLText.arrayOfLiterals(qualified.map(\.like))))")
        }
        return parts.isEmpty ? "false" : "(\(parts.joined(separator: " OR ")))"
    }
}
