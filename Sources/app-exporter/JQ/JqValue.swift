internal import CJq

/// Owns one `jv`: a JSON value inside libjq. Confined to the thread that made it, because libjq counts references without
/// atomics; it is not `Sendable`, so the compiler sees to that.
final class JqValue {
    private let raw: jv

    /// Takes over the reference.
    init(adopting raw: jv) {
        self.raw = raw
    }

    deinit { jv_free(raw) }

    /// Parses exactly one JSON text.
    ///
    /// By the incremental parser, because `jv_parse_sized` of jq 1.6 reads beyond bytes without a NUL behind them, and
    /// repeats the whole text in its message.
    ///
    /// - Throws: libjq's own words with line and column.
    convenience init(parsing bytes: [UInt8]) throws(JqError) {
        guard bytes.count < Int(Int32.max) else { throw JqError(description: "the text is too long") }
        // libjq would read it as the number 0.
        guard !bytes.contains(0) else { throw JqError(description: "the text has a NUL byte in it") }
        guard let parser = jv_parser_new(0) else { throw JqError(description: "libjq has no memory") }
        defer { jv_parser_free(parser) }
        let (first, second) = bytes.withUnsafeBytes { buffer -> (jv, jv) in
            jv_parser_set_buf(parser, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(buffer.count), 0)
            let first = jv_parser_next(parser)
            guard jv_get_kind(first) != JV_KIND_INVALID else { return (first, jv_invalid()) }
            return (first, jv_parser_next(parser))
        }
        if let trouble = Self.trouble(first, ifNothing: "the text is empty") {
            jv_free(second)
            throw trouble
        }
        guard jv_get_kind(second) == JV_KIND_INVALID else {
            jv_free(first)
            jv_free(second)
            throw JqError(description: "there is more than one JSON value")
        }
        if let trouble = Self.trouble(second, ifNothing: nil) {
            jv_free(first)
            throw trouble
        }
        self.init(adopting: first)
    }

    /// A string.
    convenience init(text: String) {
        var text = text
        self.init(adopting: text.withUTF8 { jv_string_sized($0.baseAddress, Int32(clamping: $0.count)) })
    }

    /// What is wrong with what the parser gave; consumes an invalid value and leaves a valid one alone.
    private static func trouble(_ value: jv, ifNothing text: String?) -> JqError? {
        guard jv_get_kind(value) == JV_KIND_INVALID else { return nil }
        guard jv_invalid_has_msg(jv_copy(value)) != 0 else {
            jv_free(value)
            return text.map { JqError(description: $0) }
        }
        return JqError(description: JqValue(adopting: jv_invalid_get_msg(value)).text ?? "not JSON")
    }

    /// A reference of its own, for a function that consumes it.
    func copied() -> jv { jv_copy(raw) }

    /// The text of a string; `nil` for anything else.
    var text: String? {
        guard jv_get_kind(raw) == JV_KIND_STRING else { return nil }
        let length = Int(jv_string_length_bytes(jv_copy(raw)))
        // Borrowed: the pointer lives as long as `raw`.
        guard let start = jv_string_value(raw) else { return nil }
        return String(decoding: UnsafeRawBufferPointer(start: start, count: length), as: UTF8.self)
    }

    /// The value as plain Swift.
    var scalar: JSONScalar {
        switch jv_get_kind(raw) {
        case JV_KIND_NULL: .null
        case JV_KIND_TRUE: .bool(true)
        case JV_KIND_FALSE: .bool(false)
        case JV_KIND_NUMBER: .number(jv_number_value(raw))
        case JV_KIND_STRING: .text(text ?? "")
        default: .compound
        }
    }
}

/// A JSON value as far as metrics need it.
enum JSONScalar: Sendable, Equatable {
    case null
    case bool(Bool)
    case number(Double)
    case text(String)
    /// An array or object.
    case compound

    /// Everything but `false` and `null`, as jq has it.
    var isTrue: Bool { self != .null && self != .bool(false) }

    /// As the value of a label; `nil` for arrays and objects. `null` is the empty text.
    var labelText: String? {
        switch self {
        case .null: ""
        case .bool(let value): "\(value)"
        case .number(let value): Int64(exactly: value).map { "\($0)" } ?? "\(value)"
        case .text(let text): text
        case .compound: nil
        }
    }
}
