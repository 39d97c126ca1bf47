internal import ExporterKit
internal import RedisClient

/// How to ask the server for its configuration. Collectors that need it ask the same, so it is asked once.
struct ConfigQuestion: Sendable {
    /// Name of the command, `CONFIG` unless renamed on the server; `nil` for never.
    let command: String?
    /// Ask for every parameter. Otherwise only for those that become metrics, where the server can: the answer then
    /// holds no password.
    let wantsAll: Bool
    /// Ask where the snapshot file is.
    var wantsFile = false

    func commands(for server: RedisServer) -> [RedisCommand] {
        guard let command, !server.isSentinel else { return [] }
        // Several names in one command came with Redis 7; others ignore or refuse them.
        let takesNames = server.isAtLeast(ServerVersion(7)) && !server.isDragonfly
        return [RedisCommand([command, "GET"] + (wantsAll || !takesNames ? ["*"] : names))]
    }

    private var names: [String] { Self.names + (wantsFile ? ["dir", "dbfilename"] : []) }

    private static let names = [
        "databases", "maxclients", "maxmemory", "io-threads", "repl-backlog-size", "client-output-buffer-limit",
        "commandlog-*",
    ]
}

/// The answer: parameters and their values.
struct ConfigReply: Sendable {
    /// In server order.
    let pairs: [(name: String, value: String)]

    /// - Returns: `nil` when it was not asked, was refused, or is no list.
    init?(_ replies: [Reply<RedisValue>]) {
        guard let value = try? replies.first?.result.get(), let pairs = value.pairs else { return nil }
        self.pairs = pairs.compactMap { pair in pair.value.text.map { (pair.name, $0) } }
    }

    func text(_ name: String) -> String? { pairs.first { $0.name == name }?.value }
    func number(_ name: String) -> Double? { text(name).flatMap(InfoNumber.init)?.value }
}

extension Reply<RedisValue> {
    /// The elements of an answer that is promised to be a list.
    ///
    /// - Throws: why there is no answer, or `.decode`.
    func list(_ command: String) throws(CollectorError) -> [RedisValue] {
        guard let elements = try result.get().array else {
            throw CollectorError(.decode, "\(command): the answer is no list")
        }
        return elements
    }

    /// An answer that is promised to be a number.
    ///
    /// - Throws: why there is no answer, or `.decode`.
    func number(_ command: String) throws(CollectorError) -> Double {
        guard let number = try result.get().number else {
            throw CollectorError(.decode, "\(command): the answer is no number")
        }
        return number
    }
}
