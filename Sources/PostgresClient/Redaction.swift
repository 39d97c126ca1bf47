/// Keeps passwords out of messages.
enum Redaction {
    /// libpq repeats the piece of a connection string that it stumbles over: all of a URI, or half of a password that
    /// has a space in it. Only a piece that looks like one of libpq's own keywords is kept.
    static func conninfoError(_ text: String) -> String {
        let text = oneLine(text)
        // Behind the "?" of a URI; a password with a "?" in it ends before that.
        guard !text.hasPrefix("invalid URI query parameter") else {
            return text + "; a setting of the server goes into options=-c%20name=value"
        }
        let keywords = Conninfo.keywords()
        var isQuoted = false
        var pieces: [String] = []
        for piece in text.split(separator: "\"", omittingEmptySubsequences: false) {
            pieces.append(isQuoted && !isHarmless(piece, keywords) ? "***" : String(piece))
            isQuoted.toggle()
        }
        return pieces.joined(separator: "\"")
    }

    /// A single mark of punctuation, or a misspelt keyword: lower case and alike in its first four letters.
    private static func isHarmless(_ piece: Substring, _ keywords: [String]) -> Bool {
        if piece.count == 1, let character = piece.first { return "=:/]".contains(character) }
        guard piece.allSatisfy({ $0.isASCII && ($0.isLowercase || $0 == "_") }) else { return false }
        return piece.count >= 4 && keywords.contains { $0.hasPrefix(piece.prefix(4)) }
    }

    /// libpq ends lines in messages; a log line has one.
    static func oneLine(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).map { line in
            String(line.drop { $0.isWhitespace })
        }.joined(separator: "; ")
    }
}
