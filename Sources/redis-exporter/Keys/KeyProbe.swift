internal import ExporterKit
internal import RedisClient

/// Finds out type, memory, size and value of one key.
///
/// The type decides what is asked next. A key that is deleted or changes its type in between is told as missing or not at
/// all, never with the size of what it was before. Whether a string is a HyperLogLog is seen in its first bytes, so PFCOUNT
/// is sent to HyperLogLogs only and leaves no error on the server.
struct KeyProbe: KeyProbing {
    /// What is wanted of the value.
    struct Wish: Sendable {
        /// Leave values out.
        let hidesValues: Bool
        /// Bytes of the longest value.
        let longest: Int
        /// Ask for the memory; not of a server that does not know the question.
        var asksMemory = true
    }

    private enum Stage {
        case type
        case count(verb: String, mayBeZero: Bool)
        case length
        case value
        /// Value, and then the number of different elements.
        case cardinality(value: [UInt8])
        /// What redis_exporter does: for users who may not GET.
        case guess
        case done
    }

    let key: StoredKey
    private let wish: Wish
    private var stage = Stage.type
    /// The key does not exist.
    private(set) var isMissing = false
    /// `MEMORY USAGE`, in bytes.
    private(set) var memory: Double?
    /// Length of a string, number of elements of everything else.
    private(set) var size: Double?
    /// Of a string that is no HyperLogLog.
    private(set) var value: [UInt8]?
    /// Why something is not known.
    private(set) var trouble: CollectorError?

    init(_ key: StoredKey, _ wish: Wish) {
        self.key = key
        self.wish = wish
    }

    /// A HyperLogLog has at most 12,304 bytes; with what the server keeps besides, a key that takes more is none.
    private var longestFetch: Int { max(16_384, wish.hidesValues ? 0 : wish.longest) }

    var questions: [RedisCommand] {
        switch stage {
        case .type: [key.command("TYPE")] + (wish.asksMemory ? [key.command("MEMORY", "USAGE")] : [])
        case .count(let verb, _): [key.command(verb)]
        case .length: [key.command("STRLEN")]
        case .value: [key.command("GET")]
        case .cardinality: [key.command("PFCOUNT")]
        case .guess: [key.command("PFCOUNT"), key.command("STRLEN")]
        case .done: []
        }
    }

    mutating func take(_ replies: [KeyReply]) {
        let stage = stage
        self.stage = .done
        guard let first = replies.first else { return }
        switch stage {
        case .type:
            if replies.count > 1 { takeMemory(replies[1]) }
            takeType(first)
        case .count(_, let mayBeZero): takeCount(first, mayBeZero: mayBeZero)
        case .length: takeLength(first)
        case .value: takeValue(first)
        case .cardinality(let value): takeCardinality(first, of: value)
        case .guess: takeGuess(first, replies.last)
        case .done: break
        }
    }

    private mutating func takeMemory(_ reply: KeyReply) {
        switch reply {
        case .success(let value): memory = value.number
        case .failure(let error): trouble = error
        }
    }

    private mutating func takeType(_ reply: KeyReply) {
        switch reply {
        case .success(let value): stage = next(for: value.text ?? "")
        case .failure(let error):
            trouble = error
            memory = nil
        }
    }

    private mutating func next(for type: String) -> Stage {
        switch type {
        case "none":
            vanished()
            return .done
        case "string": return memory.map { Int($0) <= longestFetch + key.name.count } == true ? .value : .length
        case "list": return .count(verb: "LLEN", mayBeZero: false)
        case "set": return .count(verb: "SCARD", mayBeZero: false)
        case "zset": return .count(verb: "ZCARD", mayBeZero: false)
        case "hash": return .count(verb: "HLEN", mayBeZero: false)
        case "stream": return .count(verb: "XLEN", mayBeZero: true)
        case "array": return .count(verb: "ARCOUNT", mayBeZero: true)
        default: return .done
        }
    }

    private mutating func takeCount(_ reply: KeyReply, mayBeZero: Bool) {
        guard let count = number(reply) else { return changed(reply) }
        guard count > 0 || mayBeZero else { return vanished() }
        size = count
    }

    private mutating func takeLength(_ reply: KeyReply) {
        guard let length = number(reply) else { return changed(reply) }
        size = length
        // Without its memory a short string may still be a HyperLogLog, and may have a value to tell.
        if memory == nil, Int(length) <= longestFetch { stage = .value }
    }

    private mutating func takeValue(_ reply: KeyReply) {
        switch reply {
        case .success(.bulk(let bytes)):
            if bytes.starts(with: Self.magic) {
                stage = .cardinality(value: bytes)
            } else {
                isString(bytes)
            }
        case .success: vanished()
        case .failure(let error) where error.reason == .permission || error.reason == .unsupported: stage = .guess
        case .failure: changed(reply)
        }
    }

    private mutating func takeCardinality(_ reply: KeyReply, of bytes: [UInt8]) {
        if let count = number(reply) {
            size = count
        } else {
            isString(bytes)
        }
    }

    private mutating func takeGuess(_ cardinality: KeyReply, _ length: KeyReply?) {
        size = number(cardinality) ?? length.flatMap { number($0) }
        if size == nil { changed(cardinality) }
    }

    private mutating func isString(_ bytes: [UInt8]) {
        size = Double(bytes.count)
        if !wish.hidesValues, !bytes.isEmpty, bytes.count <= wish.longest { value = bytes }
    }

    private mutating func vanished() {
        isMissing = true
        memory = nil
        size = nil
    }

    /// It is another key by now: what was learned before is not about it.
    private mutating func changed(_ reply: KeyReply) {
        if case .failure(let error) = reply, error.message.suffix(from: "WRONGTYPE") == nil { trouble = error }
        memory = nil
        size = nil
    }

    private func number(_ reply: KeyReply) -> Double? {
        if case .success(.integer(let number)) = reply { Double(number) } else { nil }
    }

    /// First bytes of a HyperLogLog.
    private static let magic = Array("HYLL".utf8)
}
