internal import ExporterKit
internal import RedisClient

/// Finds out what a stream, its groups and their consumers are at.
struct StreamProbe: KeyProbing {
    /// What is wanted.
    struct Wish: Sendable {
        /// Ask for consumers.
        let includesConsumers: Bool
        /// The server tells entries that consumers have given back: Redis from 8.8 on.
        let includesNacks: Bool
    }

    /// A group of consumers.
    struct Group {
        let name: [UInt8]
        let fields: StreamFields
        var consumers: [StreamFields] = []
        var nacked: Double?
    }

    private enum Stage {
        case type, info, consumers, done
    }

    let key: StoredKey
    private let wish: Wish
    private var stage = Stage.type
    /// `XINFO STREAM`; `nil` for what is no stream.
    private(set) var stream: StreamFields?
    private(set) var groups: [Group] = []
    /// Why something is not known.
    private(set) var trouble: CollectorError?

    init(_ key: StoredKey, _ wish: Wish) {
        self.key = key
        self.wish = wish
    }

    var questions: [RedisCommand] {
        switch stage {
        case .type: return [key.command("TYPE")]
        case .info:
            let nacks = key.command("XINFO", "STREAM", then: ["FULL", "COUNT", "1"])
            return [key.command("XINFO", "STREAM"), key.command("XINFO", "GROUPS")]
                + (wish.includesNacks ? [nacks] : [])
        case .consumers:
            return groups.map { group in
                RedisCommand(bytes: [Array("XINFO".utf8), Array("CONSUMERS".utf8), key.name, group.name])
                    .inDatabase(key.database)
            }
        case .done: return []
        }
    }

    mutating func take(_ replies: [KeyReply]) {
        let stage = stage
        self.stage = .done
        switch stage {
        case .type:
            guard let type = answer(replies.first) else { return }
            if type.text == "stream" { self.stage = .info }
        case .info:
            guard let info = answer(replies.first), info.array != nil else { return }
            stream = StreamFields(info)
            guard replies.count > 1, let list = answer(replies[1])?.array else { return }
            groups = list.compactMap { Self.group($0) }
            if replies.count > 2, let full = answer(replies[2]) { takeNacks(full) }
            if wish.includesConsumers, !groups.isEmpty { self.stage = .consumers }
        case .consumers:
            for (index, reply) in zip(groups.indices, replies) {
                groups[index].consumers = answer(reply)?.array?.map { StreamFields($0) } ?? []
            }
        case .done: break
        }
    }

    /// What vanished in between is no trouble: it has no series, that is all.
    private mutating func answer(_ reply: KeyReply?) -> RedisValue? {
        switch reply {
        case .success(let value)?: return value
        case .failure(let error)?:
            if !["no such key", "NOGROUP", "WRONGTYPE"].contains(where: { error.message.suffix(from: $0) != nil }) {
                trouble = error
            }
            return nil
        case nil: return nil
        }
    }

    private mutating func takeNacks(_ full: RedisValue) {
        let list = StreamFields(full).value("groups")?.array ?? []
        for group in list.map({ StreamFields($0) }) {
            guard let index = groups.firstIndex(where: { $0.name == group.bytes("name") }) else { continue }
            groups[index].nacked = group.number("nacked-count")
        }
    }

    private static func group(_ value: RedisValue) -> Group? {
        let fields = StreamFields(value)
        return fields.bytes("name").map { Group(name: $0, fields: fields) }
    }
}

/// Names and values as `XINFO` tells them.
struct StreamFields {
    private let pairs: [(name: String, value: RedisValue)]

    init(_ value: RedisValue) { pairs = value.pairs ?? [] }

    func value(_ name: String) -> RedisValue? { pairs.first { $0.name == name }?.value }

    /// `nil` when absent or null: not known.
    func number(_ name: String) -> Double? { value(name)?.number }

    func bytes(_ name: String) -> [UInt8]? {
        switch value(name) {
        case .bulk(let bytes)?: bytes
        case .simple(let text)?: Array(text.utf8)
        default: nil
        }
    }

    /// Milliseconds of an entry's ID: what stands before the `-`.
    func time(_ name: String) -> Double? { Self.time(value(name)?.text) }

    /// The same of an entry: its ID comes first.
    func entryTime(_ name: String) -> Double? { Self.time(value(name)?.array?.first?.text) }

    private static func time(_ id: String?) -> Double? { id.flatMap { Double($0.prefix { $0 != "-" }) } }
}
