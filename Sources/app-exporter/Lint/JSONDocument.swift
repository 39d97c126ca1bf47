internal import ExporterCommand

/// A value of a JSON text that remembers where it stands. Source: RFC 8259
///
/// libjq reads JSON too, but keeps no places.
struct JSONDocument {
    indirect enum Value {
        case object([(key: String, value: JSONDocument)])
        case array([JSONDocument])
        case string(String)
        case other
    }

    let value: Value
    /// Bytes from the beginning of the file.
    let offset: Int

    /// - Throws: the place and what is wrong there.
    init(_ file: LintFile) throws(ConfigurationError) {
        var reader = Reader(bytes: file.bytes)
        do throws(PromError) {
            self = try reader.document()
        } catch {
            throw ConfigurationError("this is not JSON: \(error.text)", at: file.place(error.offset))
        }
    }

    private init(_ value: Value, _ offset: Int) {
        self.value = value
        self.offset = offset
    }

    /// The member of this name.
    subscript(_ key: String) -> JSONDocument? {
        guard case .object(let members) = value else { return nil }
        return members.first { $0.key == key }?.value
    }

    /// The text of a string.
    var text: String? {
        if case .string(let text) = value { text } else { nil }
    }

    /// The items of an array.
    var items: [JSONDocument] {
        if case .array(let items) = value { items } else { [] }
    }

    private struct Reader {
        let bytes: [UInt8]
        var position = 0
        var depth = 0

        mutating func document() throws(PromError) -> JSONDocument {
            let document = try value()
            skip()
            guard position == bytes.count else { throw error("something follows the end") }
            return document
        }

        private mutating func value() throws(PromError) -> JSONDocument {
            skip()
            depth += 1
            defer { depth -= 1 }
            guard depth < 200 else { throw error("it is nested too deeply") }
            let start = position
            switch peek {
            case UInt8(ascii: "{"): return JSONDocument(.object(try object()), start)
            case UInt8(ascii: "["): return JSONDocument(.array(try array()), start)
            case UInt8(ascii: "\""): return JSONDocument(.string(try string()), start)
            default:
                while let byte = peek, PromLexer.isWordByte(byte) || "+-.".utf8.contains(byte) { position += 1 }
                let word = String(decoding: bytes[start..<position], as: UTF8.self)
                guard ["true", "false", "null"].contains(word) || Double(word) != nil else {
                    throw error("a value is missing")
                }
                return JSONDocument(.other, start)
            }
        }

        private mutating func object() throws(PromError) -> [(key: String, value: JSONDocument)] {
            position += 1
            var members: [(key: String, value: JSONDocument)] = []
            skip()
            if take("}") { return [] }
            while true {
                skip()
                guard peek == UInt8(ascii: "\"") else { throw error("a key in quotes is missing") }
                let key = try string()
                skip()
                guard take(":") else { throw error("a colon is missing") }
                members.append((key, try value()))
                skip()
                if take("}") { return members }
                guard take(",") else { throw error("a comma or } is missing") }
            }
        }

        private mutating func array() throws(PromError) -> [JSONDocument] {
            position += 1
            var items: [JSONDocument] = []
            skip()
            if take("]") { return [] }
            while true {
                items.append(try value())
                skip()
                if take("]") { return items }
                guard take(",") else { throw error("a comma or ] is missing") }
            }
        }

        private mutating func string() throws(PromError) -> String {
            position += 1
            var units: [UInt8] = []
            while let byte = peek {
                position += 1
                if byte == UInt8(ascii: "\"") { return String(decoding: units, as: UTF8.self) }
                guard byte == UInt8(ascii: "\\") else {
                    units.append(byte)
                    continue
                }
                guard let escaped = peek else { break }
                position += 1
                switch escaped {
                case UInt8(ascii: "n"): units.append(0x0a)
                case UInt8(ascii: "t"): units.append(0x09)
                case UInt8(ascii: "r"): units.append(0x0d)
                case UInt8(ascii: "b"), UInt8(ascii: "f"): units.append(0x20)
                case UInt8(ascii: "u"):
                    let digits = String(decoding: bytes[position..<min(position + 4, bytes.count)], as: UTF8.self)
                    guard let number = UInt32(digits, radix: 16) else { throw error("\\u needs four digits") }
                    position += 4
                    // Halves of surrogate pairs matter to nobody here.
                    units += Array(String(UnicodeScalar(number).map(Character.init) ?? "\u{fffd}").utf8)
                default: units.append(escaped)
                }
            }
            throw error("a string has no end")
        }

        private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

        private mutating func take(_ sign: Unicode.Scalar) -> Bool {
            guard peek == UInt8(ascii: sign) else { return false }
            position += 1
            return true
        }

        private mutating func skip() {
            while let byte = peek, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { position += 1 }
        }

        private func error(_ text: String) -> PromError { PromError(text: text, offset: position) }
    }
}
