/// Why an expression is refused, and where in it.
struct PromError: Error, Equatable {
    let text: String
    /// Bytes from the beginning of the expression.
    let offset: Int
}

/// A word or sign of PromQL.
struct PromToken: Equatable {
    enum Kind: Equatable {
        case name
        /// A number or a time such as `5m`.
        case number
        case string
        /// Something with a variable of Grafana in it, such as `$job` or `node_${x}`.
        case variable
        case sign
        case end
    }

    let kind: Kind
    /// As written; of a string the text itself, escapes undone.
    let text: String
    /// Bytes from the beginning of the expression.
    let offset: Int
}

/// Cuts an expression into words and signs.
struct PromLexer {
    private let bytes: [UInt8]
    private var position = 0
    /// Between brackets a colon divides two times; elsewhere it is part of a name.
    private var isInRange = false

    init(_ text: String) { bytes = Array(text.utf8) }

    /// All of it, with an end.
    static func tokens(of text: String) throws(PromError) -> [PromToken] {
        var lexer = PromLexer(text)
        var tokens: [PromToken] = []
        repeat { tokens.append(try lexer.next()) } while tokens[tokens.count - 1].kind != .end
        return tokens
    }

    private mutating func next() throws(PromError) -> PromToken {
        skip()
        guard let byte = peek() else { return PromToken(kind: .end, text: "", offset: position) }
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "`"): return try string(byte)
        case UInt8(ascii: "$"): return word()
        case UInt8(ascii: "."),
            _ where Self.isDigit(byte):
            return number()
        case _ where isNamePart(byte): return word()
        default: return try sign()
        }
    }

    /// White space and comments.
    private mutating func skip() {
        while let byte = peek() {
            if byte == UInt8(ascii: "#") {
                while let byte = peek(), byte != UInt8(ascii: "\n") { position += 1 }
            } else if byte == 0x20 || (0x09...0x0d).contains(byte) {
                position += 1
            } else {
                return
            }
        }
    }

    private mutating func word() -> PromToken {
        let start = position
        var hasVariable = false
        while let byte = peek() {
            if byte == UInt8(ascii: "$") {
                hasVariable = true
                position += 1
                if peek() == UInt8(ascii: "{") {
                    while let byte = peek(), byte != UInt8(ascii: "}") { position += 1 }
                    position = min(position + 1, bytes.count)
                }
            } else if isNamePart(byte) {
                position += 1
            } else {
                break
            }
        }
        return token(hasVariable ? .variable : .name, from: start)
    }

    private mutating func number() -> PromToken {
        let start = position
        while let byte = peek() {
            let isSigned = byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
            let afterExponent = position > start && bytes[position - 1] | 0x20 == UInt8(ascii: "e")
            let isHex = position > start + 1 && bytes[start + 1] | 0x20 == UInt8(ascii: "x")
            guard Self.isWordByte(byte) || byte == UInt8(ascii: ".") || (isSigned && afterExponent && !isHex) else {
                break
            }
            position += 1
        }
        return token(.number, from: start)
    }

    private mutating func string(_ quote: UInt8) throws(PromError) -> PromToken {
        let start = position
        position += 1
        var text: [UInt8] = []
        while let byte = peek() {
            position += 1
            if byte == quote {
                return PromToken(kind: .string, text: String(decoding: text, as: UTF8.self), offset: start)
            }
            if byte == UInt8(ascii: "\\"), quote != UInt8(ascii: "`"), let escaped = peek() {
                position += 1
                switch escaped {
                case UInt8(ascii: "n"): text.append(UInt8(ascii: "\n"))
                case UInt8(ascii: "t"): text.append(UInt8(ascii: "\t"))
                default: text.append(escaped)
                }
            } else {
                text.append(byte)
            }
        }
        throw PromError(text: "the string has no end", offset: start)
    }

    private mutating func sign() throws(PromError) -> PromToken {
        let start = position
        for sign in ["==", "!=", ">=", "<=", "=~", "!~"] where bytes[start...].starts(with: sign.utf8) {
            position += 2
            return token(.sign, from: start)
        }
        guard "(){}[],:+-*/%^<>=@".utf8.contains(bytes[start]) else {
            throw PromError(text: "`\(Character(UnicodeScalar(bytes[start])))` is not PromQL", offset: start)
        }
        position += 1
        if bytes[start] == UInt8(ascii: "[") { isInRange = true }
        if bytes[start] == UInt8(ascii: "]") { isInRange = false }
        return token(.sign, from: start)
    }

    private func token(_ kind: PromToken.Kind, from start: Int) -> PromToken {
        PromToken(kind: kind, text: String(decoding: bytes[start..<position], as: UTF8.self), offset: start)
    }

    private func peek() -> UInt8? { position < bytes.count ? bytes[position] : nil }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    /// Letters, digits, `_`.
    static func isWordByte(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "_")
    }

    private func isNamePart(_ byte: UInt8) -> Bool {
        Self.isWordByte(byte) || (byte == UInt8(ascii: ":") && !isInRange)
    }
}
