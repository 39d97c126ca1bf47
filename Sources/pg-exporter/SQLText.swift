/// Swift values as PostgreSQL reads them.
enum SQLText {
    /// An array literal of texts: `{"a","b"}`.
    static func array(_ elements: [String]) -> String {
        let quoted = elements.map { element in
            "\"" + element.flatMap { $0 == "\"" || $0 == "\\" ? ["\\", $0] : [$0] } + "\""
        }
        return "{" + quoted.joined(separator: ",") + "}"
    }

    /// A text literal: `'it''s'`.
    static func literal(_ text: String) -> String {
        "'" + text.flatMap { $0 == "'" ? ["'", $0] : [$0] } + "'"
    }
}
