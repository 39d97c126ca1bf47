/// The first record of a CSV text, by RFC 4180: fields between commas, quoted where they hold a comma or a quote.
enum CSVLine {
    /// - Returns: the fields without the space around them; `nil` when a quote is misplaced.
    static func fields(_ text: String) -> [String]? {
        var fields: [String] = []
        var rest = Substring(text.drop { $0.isNewline })
        while !rest.isEmpty {
            guard let field = rest.first == "\"" ? quoted(&rest) : plain(&rest) else { return nil }
            fields.append(trimmed(field))
            guard rest.popFirst() == "," else { break }
        }
        return fields
    }

    private static func plain(_ rest: inout Substring) -> String? {
        let field = rest.prefix { $0 != "," && !$0.isNewline }
        rest = rest[field.endIndex...]
        return field.contains("\"") ? nil : String(field)
    }

    private static func quoted(_ rest: inout Substring) -> String? {
        rest.removeFirst()
        var field = ""
        while let character = rest.popFirst() {
            guard character == "\"" else {
                field.append(character)
                continue
            }
            guard rest.first == "\"" else {
                return rest.isEmpty || rest.first == "," || rest.first?.isNewline == true ? field : nil
            }
            rest.removeFirst()
            field.append("\"")
        }
        return nil
    }

    private static func trimmed(_ text: String) -> String {
        var text = text.drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
