/// Swift values as PostgreSQL reads them.
enum SQLText {
    /// An array literal of texts: `{"a","b"}`.
    static func array(_ elements: [String]) -> String {
        let quoted = elements.map { element in
            "\"" + element.flatMap { $0 == "\"" || $0 == "\\" ? ["\\", $0] : [$0] } + "\""
        }
        return "{" + quoted.joined(separator: ",") + "}"
    }

    /// A text literal: `'it''s'`, `E'a\\b'`. Right whatever `standard_conforming_strings` says.
    static func literal(_ text: String) -> String {
        let doubled = String(text.flatMap { $0 == "'" || $0 == "\\" ? [$0, $0] : [$0] })
        return text.contains("\\") ? "E'\(doubled)'" : "'\(doubled)'"
    }

    /// An array of text literals.
    static func arrayOfLiterals(_ elements: [String]) -> String {
        "ARRAY[\(elements.map(literal).joined(separator: ", "))]::text[]"
    }
}
