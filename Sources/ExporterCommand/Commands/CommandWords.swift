/// Splits a command into its words, by the quoting rules that a shell has too; nothing is expanded.
enum CommandWords {
    /// - Parameter text: words between white space; `'…'` keeps everything as it is, in `"…"` and outside of quotes a
    ///   backslash keeps the next character.
    /// - Returns: `nil` when a quote is not closed or a backslash keeps nothing.
    static func split(_ text: String) -> [String]? {
        var words: [String] = []
        var word: String?
        var quote: Character?
        var rest = text[...]
        while let character = rest.popFirst() {
            if character == quote {
                quote = nil
            } else if character == "\\", quote != "'" {
                guard let kept = rest.popFirst() else { return nil }
                word = (word ?? "") + String(kept)
            } else if quote == nil, character == "'" || character == "\"" {
                quote = character
                word = word ?? ""
            } else if quote == nil, character.isWhitespace {
                if let done = word { words.append(done) }
                word = nil
            } else {
                word = (word ?? "") + String(character)
            }
        }
        guard quote == nil else { return nil }
        return words + (word.map { [$0] } ?? [])
    }
}
