/// A reply of the server (RESP2), owned by Swift.
/// Source: https://redis.io/docs/latest/develop/reference/protocol-spec/
public indirect enum RedisValue: Sendable, Equatable {
    /// A status such as `OK`.
    case simple(String)
    /// Any bytes.
    case bulk([UInt8])
    /// A number.
    case integer(Int64)
    /// Replies in a row; at most seven levels deep.
    case array([RedisValue])
    /// No such thing.
    case null
    /// An error inside an array. An error that is the whole reply is a `RedisError` instead.
    case error(String)

    /// The text of a status, of bytes (invalid UTF-8 repaired) or of a number; `nil` for everything else.
    public var text: String? {
        switch self {
        case .simple(let text): text
        case .bulk(let bytes): String(decoding: bytes, as: UTF8.self)
        case .integer(let number): String(number)
        case .array, .null, .error: nil
        }
    }

    /// The number, or what the text says as a decimal number; `nil` when it says none, or is not finite.
    public var number: Double? {
        if case .integer(let number) = self { return Double(number) }
        guard let text, let number = Double(text), number.isFinite else { return nil }
        return number
    }

    /// The whole number, or what the text says as one.
    public var integer: Int64? {
        if case .integer(let number) = self { return number }
        return text.flatMap { Int64($0) }
    }

    /// The elements of an array; `nil` for everything else.
    public var array: [RedisValue]? {
        if case .array(let elements) = self { return elements }
        return nil
    }

    /// An array of names and values in turn (`CONFIG GET`, `XINFO`), in server order. Entries whose name is no text are
    /// left out, and so is a name without a value. `nil` when this is no array.
    public var pairs: [(name: String, value: RedisValue)]? {
        guard let elements = array else { return nil }
        return stride(from: 0, to: elements.count - 1, by: 2).compactMap { index in
            elements[index].text.map { ($0, elements[index + 1]) }
        }
    }
}

/// Answer to one command, and what it took.
public struct CommandReply: Sendable {
    /// The answer; an error of the server is a failure.
    public let result: Result<RedisValue, RedisError>
    /// Time from the previous answer (or from sending) to this one. Zero for a command that was not sent.
    public let duration: Duration

    /// A reply from its parts.
    public init(_ result: Result<RedisValue, RedisError>, took duration: Duration) {
        self.result = result
        self.duration = duration
    }
}
