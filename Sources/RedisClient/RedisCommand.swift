/// A command and its arguments: `["CONFIG", "GET", "*"]`. Arguments are bytes and may hold anything.
public struct RedisCommand: Sendable, Hashable, ExpressibleByArrayLiteral, CustomStringConvertible {
    /// The command's name first; any bytes.
    public let arguments: [[UInt8]]
    /// Logical database it is meant for; `nil` for that of the connection, or for a command that needs none.
    public private(set) var database: Int?
    /// The caller says that sending it twice does no harm.
    private var isDeclaredRepeatable = false

    /// A command from its words.
    public init(_ words: [String]) {
        self.arguments = words.map { Array($0.utf8) }
    }

    /// A command from bytes.
    public init(bytes arguments: [[UInt8]]) {
        self.arguments = arguments
    }

    /// A command from its words.
    public init(arrayLiteral words: String...) {
        self.init(words)
    }

    /// The same command for this logical database. A connection selects it for the command and goes back afterwards.
    public func inDatabase(_ number: Int) -> RedisCommand {
        var command = self
        command.database = number
        return command
    }

    /// The same command, which may be sent again when the connection broke before the first answer of its batch: for what the
    /// client cannot know to be harmless, such as a script.
    public func repeatable() -> RedisCommand {
        var command = self
        command.isDeclaredRepeatable = true
        return command
    }

    /// The name in capitals, with its subcommand; other arguments may be private and are left out.
    public var description: String {
        Self.families.contains(verb) ? "\(verb) \(word(1))" : verb
    }

    /// First word in capitals; empty for an empty command.
    var verb: String { word(0) }

    private func word(_ index: Int) -> String {
        guard index < arguments.count else { return "" }
        return String(decoding: arguments[index].prefix(32), as: UTF8.self).uppercased()
    }

    /// Asking twice does the same as asking once, so that it may be sent again on a new connection.
    var isRepeatable: Bool {
        isDeclaredRepeatable || Self.reads.contains(verb) || Self.readsOfFamilies.contains(description)
            || Self.readsOfKeyspace.contains(verb)
    }

    /// Has another number of replies than one, or changes what the commands after it mean: not for a shared connection.
    var breaksConversation: Bool {
        arguments.isEmpty || Self.breaking.contains(verb) || description == "CLIENT REPLY"
    }
}

extension RedisCommand {
    /// Commands whose second word is the name of a subcommand.
    private static let families: Set<String> = [
        "ACL", "CLIENT", "CLUSTER", "COMMAND", "COMMANDLOG", "CONFIG", "HOTKEYS", "LATENCY", "MEMORY", "MODULE",
        "OBJECT", "PUBSUB", "SENTINEL", "SLOWLOG", "XINFO",
    ]

    private static let reads: Set<String> = [
        "BITCOUNT", "DBSIZE", "ECHO", "EXISTS", "FT.INFO", "FT._LIST", "GET", "GETRANGE", "HGET", "HGETALL", "HLEN",
        "HMGET", "INFO",
        "LASTSAVE",
        "LINDEX", "LLEN", "LRANGE", "MGET", "PFCOUNT", "PING", "PTTL", "ROLE", "SCARD", "SERVER", "SISMEMBER", "STRLEN",
        "TIME",
        "TTL", "TYPE", "XLEN", "XPENDING", "XRANGE", "XREVRANGE", "ZCARD", "ZCOUNT", "ZRANGE", "ZRANGEBYSCORE",
        "ZSCORE",
    ]

    /// What walks over keys, and `SELECT`, which only a connection itself sends.
    private static let readsOfKeyspace: Set<String> = ["ARCOUNT", "EVAL_RO", "READONLY", "SCAN", "SELECT"]

    private static let readsOfFamilies: Set<String> = [
        "CLIENT LIST", "CLUSTER INFO", "CLUSTER NODES", "CLUSTER SHARDS", "CLUSTER SLOT-STATS", "CLUSTER SLOTS",
        "COMMAND INFO", "COMMANDLOG GET", "COMMANDLOG LEN", "CONFIG GET", "HOTKEYS GET", "LATENCY HISTOGRAM",
        "LATENCY HISTORY", "LATENCY LATEST", "MEMORY STATS", "MEMORY USAGE", "SENTINEL CKQUORUM", "SENTINEL CONFIG",
        "SENTINEL MASTERS", "SENTINEL REPLICAS", "SENTINEL SENTINELS", "SENTINEL SLAVES", "SLOWLOG GET", "SLOWLOG LEN",
        "XINFO CONSUMERS", "XINFO GROUPS", "XINFO STREAM",
    ]

    private static let breaking: Set<String> = [
        "AUTH", "DISCARD", "EXEC", "HELLO", "MONITOR", "MULTI", "PSUBSCRIBE", "PSYNC", "PUNSUBSCRIBE", "QUIT", "RESET",
        "SELECT", "SHUTDOWN", "SSUBSCRIBE", "SUBSCRIBE", "SUNSUBSCRIBE", "SYNC", "UNSUBSCRIBE", "UNWATCH", "WATCH",
    ]
}
