/// The headers that `http_server_config` may add to every answer.
enum ResponseHeader {
    /// Their names, and what they may say; nothing means anything.
    private static let known: KeyValuePairs<String, [String]> = [
        "Content-Security-Policy": [], "X-Frame-Options": ["deny", "sameorigin"],
        "X-Content-Type-Options": ["nosniff"], "X-XSS-Protection": [], "Strict-Transport-Security": [],
    ]

    static func read(_ entry: YAMLEntry) throws(ConfigurationError) -> (name: String, value: String) {
        guard let allowed = known.value(of: entry.key) else {
            throw entry.error(
                "HTTP header \(TextSafety.quoted(Shown.clipped(entry.key))) can not be configured; known are \(known.words)"
            )
        }
        // A block of YAML ends with a line break; in a header that is a space, as in Go.
        let lines = try entry.value.string().split(whereSeparator: \.isNewline)
        let value = lines.joined(separator: " ")
        guard allowed.isEmpty || allowed.contains(value) else {
            let list = allowed.map(TextSafety.quoted).joined(separator: " ")
            throw entry.value.error(
                "invalid value for \(entry.key). Expected one of: [\(list)], but got: \(TextSafety.quoted(Shown.clipped(value)))"
            )
        }
        guard value.unicodeScalars.allSatisfy({ $0 == "\t" || (0x20..<0x7f).contains($0.value) }) else {
            throw entry.value.error("\(entry.key) has characters that a header cannot carry; use printable ASCII")
        }
        return (entry.key, value)
    }
}
