internal import ExporterCommand
internal import ExporterKit

/// What a text must or must not be like.
struct TextRule: Sendable {
    enum Test: Sendable {
        case contains(String)
        case equals(String)
        case matches(Pattern)
    }
    let test: Test
    /// False for texts that must not pass the test.
    var isWanted = true

    /// - Returns: what was expected, in words: `to contain x`; `nil` when the text is right.
    func violation(by text: [UInt8]) -> String? {
        guard holds(for: text) != isWanted else { return nil }
        let test =
            switch test {
            case .contains(let part): "contain `\(part)`"
            case .equals(let whole): "be `\(whole)`"
            case .matches(let pattern): "match `\(pattern.source)`"
            }
        return isWanted ? "to \(test)" : "not to \(test)"
    }

    private func holds(for text: [UInt8]) -> Bool {
        switch test {
        case .contains(let part): Self.contains(text, part)
        case .equals(let whole): text.elementsEqual(whole.utf8)
        case .matches(let pattern): pattern.matches(text)
        }
    }

    private static func contains(_ text: [UInt8], _ part: String) -> Bool {
        let needle = Array(part.utf8)
        guard let first = needle.first else { return true }
        guard text.count >= needle.count else { return false }
        return (0...(text.count - needle.count)).contains { start in
            text[start] == first && text[start..<(start + needle.count)].elementsEqual(needle)
        }
    }
}

extension YAMLNode {
    /// A compiled regular expression.
    func pattern() throws(ConfigurationError) -> Pattern {
        let text = try string()
        do throws(PatternError) { return try Pattern(text) } catch {
            throw self.error("`\(text)` is not a regular expression that works here: \(error)")
        }
    }

    /// `text`, `{ contains: text }`, `{ equals: text }`, `{ matches: expression }`, or their opposites with `not_` in
    /// front; a list of them for all at once.
    ///
    /// - Parameter plain: what text alone means.
    func textRules(plain: (String) -> TextRule.Test) throws(ConfigurationError) -> [TextRule] {
        var nodes = [self]
        if case .sequence(let items) = content { nodes = items }
        var rules: [TextRule] = []
        for node in nodes { rules += try node.textRule(plain: plain) }
        return rules
    }

    private func textRule(plain: (String) -> TextRule.Test) throws(ConfigurationError) -> [TextRule] {
        guard case .mapping = content else { return [TextRule(test: plain(try string()))] }
        var map = try mapping(label ?? "a rule")
        var rules: [TextRule] = []
        for (prefix, isWanted) in [("", true), ("not_", false)] {
            if let text = try map.optionalString(prefix + "contains") {
                rules.append(TextRule(test: .contains(text), isWanted: isWanted))
            }
            if let text = try map.optionalString(prefix + "equals") {
                rules.append(TextRule(test: .equals(text), isWanted: isWanted))
            }
            if let node = map.optionalNode(prefix + "matches") {
                rules.append(TextRule(test: .matches(try node.pattern()), isWanted: isWanted))
            }
        }
        try map.finish()
        guard !rules.isEmpty else { throw error("a rule needs contains, equals or matches") }
        return rules
    }
}
