/// A text with `{variables}` in it. `{{name}}` stands for `{name}` itself; braces around anything but a name are text.
struct FlowText: Sendable, Equatable {
    enum Piece: Sendable, Equatable {
        case text(String)
        case variable(String)
    }
    let pieces: [Piece]

    init(_ source: String) {
        var pieces: [Piece] = []
        var text = ""
        var rest = source[...]
        while let brace = rest.firstIndex(of: "{") {
            text += rest[..<brace]
            rest = rest[brace...]
            if let (name, end) = Self.name(rest, opening: "{{", closing: "}}") {
                text += "{\(name)}"
                rest = rest[end...]
            } else if let (name, end) = Self.name(rest, opening: "{", closing: "}") {
                if !text.isEmpty { pieces.append(.text(text)) }
                text = ""
                pieces.append(.variable(String(name)))
                rest = rest[end...]
            } else {
                text.append("{")
                rest = rest.dropFirst()
            }
        }
        text += rest
        if !text.isEmpty { pieces.append(.text(text)) }
        self.pieces = pieces
    }

    /// Names of the variables, in order.
    var variables: [String] {
        pieces.compactMap { if case .variable(let name) = $0 { name } else { nil } }
    }

    /// The variable when there is nothing else.
    var onlyVariable: String? {
        guard pieces.count == 1, case .variable(let name) = pieces[0] else { return nil }
        return name
    }

    /// The text with the values put in.
    ///
    /// - Parameter encode: what is done to a value before it stands in the text.
    /// - Throws: the name of a variable that has no value.
    func expanded(
        with values: FlowVariables, _ encode: (String) -> String = { $0 }
    ) throws(FlowVariables.Missing) -> String {
        var text = ""
        for piece in pieces {
            switch piece {
            case .text(let part): text += part
            case .variable(let name): text += encode(try values[name].text)
            }
        }
        return text
    }

    /// A variable's name: letters, digits and `_`, no digit first.
    static func isName(_ text: some StringProtocol) -> Bool {
        guard let first = text.utf8.first, !(48...57).contains(first) else { return false }
        return text.utf8.allSatisfy { byte in
            (97...122).contains(byte | 0x20) || (48...57).contains(byte) || byte == UInt8(ascii: "_")
        }
    }

    private static func name(
        _ text: Substring, opening: String, closing: String
    ) -> (name: Substring, end: String.Index)? {
        guard text.hasPrefix(opening) else { return nil }
        let inner = text.dropFirst(opening.count)
        let name = inner.prefix { $0 != "}" && $0 != "{" }
        guard isName(name), inner[name.endIndex...].hasPrefix(closing) else { return nil }
        return (name, inner.index(name.endIndex, offsetBy: closing.count))
    }
}

/// What a run of a flow has found out so far. Never printed.
struct FlowVariables: Sendable {
    /// A value that a step took out of an answer.
    struct Value: Sendable {
        let text: String
        /// As JSON: numbers and booleans stay what they were.
        let json: String

        private init(text: String, json: String) {
            self.text = text
            self.json = json
        }

        init(_ text: String) { self.init(text: text, json: JSONText.quoted(text)) }

        /// - Returns: `nil` for null, arrays and objects.
        init?(_ scalar: JSONScalar) {
            switch scalar {
            case .text(let text): self.init(text)
            case .number, .bool:
                let text = scalar.labelText ?? "null"
                self.init(text: text, json: text)
            case .null, .compound: return nil
            }
        }
    }

    /// A variable that no step has given a value.
    struct Missing: Error, Equatable {
        let name: String
    }

    /// Every run has one: 16 hexadecimal digits, different each time.
    static let runID = "run_id"

    private var values: [String: Value]

    /// The variables at the start of a run.
    init(runID: UInt64 = .random(in: 0 ... .max)) {
        let digits = String(runID, radix: 16)
        values = [Self.runID: Value(String(repeating: "0", count: 16 - digits.count) + digits)]
    }

    subscript(name: String) -> Value {
        get throws(Missing) {
            guard let value = values[name] else { throw Missing(name: name) }
            return value
        }
    }

    func has(_ name: String) -> Bool { values[name] != nil }

    mutating func set(_ name: String, _ value: Value) { values[name] = value }
}

/// How texts stand in JSON.
enum JSONText {
    /// In quotes, with what JSON wants escaped.
    static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            case _ where scalar.value < 0x20:
                quoted += "\\u00" + (scalar.value < 0x10 ? "0" : "") + String(scalar.value, radix: 16)
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}

/// How texts stand in URLs and forms.
enum PercentText {
    /// Everything but letters, digits, `-`, `.`, `_` and `~` as `%XX`.
    static func encoded(_ text: String) -> String {
        var encoded = ""
        for byte in text.utf8 {
            let isPlain =
                (97...122).contains(byte | 0x20) && byte < 0x80 || (48...57).contains(byte)
                || "-._~".utf8.contains(byte)
            if isPlain {
                encoded.unicodeScalars.append(UnicodeScalar(byte))
            } else {
                encoded += "%" + (byte < 0x10 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return encoded
    }
}
