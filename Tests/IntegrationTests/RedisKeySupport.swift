import ExporterKit
import Foundation
import Glibc
import RedisClient
import Synchronization
import Testing

@testable import ExporterCommand
@testable import redis_exporter

/// A server of a test's own, of each kind: keys may be put into it.
enum OwnServer: String, CaseIterable, CustomTestStringConvertible {
    case redis7 = "Redis 7"
    case redis8 = "Redis 8"
    case valkey8 = "Valkey 8.1"

    var testDescription: String { rawValue }

    func start(_ arguments: [String] = []) async throws -> OwnRedis {
        switch self {
        case .redis7: try await OwnRedis(arguments)
        case .redis8: try await OwnRedis(arguments, program: FleetServers()("FLEET_REDIS_SERVER_TRIXIE"))
        case .valkey8: try await OwnRedis(arguments, program: FleetServers()("FLEET_VALKEY_SERVER"))
        }
    }
}

extension OwnRedis {
    /// Runs commands, all in one round trip; each has to succeed.
    @discardableResult
    func run(_ commands: [RedisCommand]) async throws -> [RedisValue] {
        let connection = RedisConnection(try RedisOptions(url: url))
        let replies = try await connection.run(commands, until: .now + .seconds(60)).map { try $0.result.get() }
        await connection.close()
        return replies
    }

    /// Calls of each command so far, by name, those of this question itself left out.
    func calls() async throws -> [String: Int] {
        let text = try await run([["INFO", "commandstats"]])[0].text ?? ""
        var calls: [String: Int] = [:]
        for entry in InfoDocument(text).entries(in: "Commandstats") {
            calls[String(entry.name.dropFirst("cmdstat_".count))] = InfoRecord(entry.value).number("calls").map {
                Int($0)
            }
        }
        return calls
    }
}

/// Keys of every type in two databases, with what tells them apart.
enum SampleKeys {
    static let commands: [RedisCommand] =
        [
            ["SET", "text", "hello"], ["SET", "number", "12.5"], ["SET", "empty", ""],
            ["SET", "quote\"\n\\", "a\"b"], ["PFADD", "hll", "a", "b", "c"], ["SET", "HYLL", "HYLLnot one"],
            ["RPUSH", "list", "a", "b"], ["SADD", "set", "a", "b", "c"], ["ZADD", "zset", "1", "a"],
            ["HSET", "hash", "f", "v", "g", "w"], ["XADD", "stream", "1000-1", "f", "v"],
            ["XADD", "stream", "2000-1", "f", "v"], ["XADD", "stream", "3000-1", "f", "v"],
            ["XGROUP", "CREATE", "stream", "first", "0"], ["XGROUP", "CREATE", "stream", "odd", "1500-1"],
            ["XREADGROUP", "GROUP", "first", "worker", "COUNT", "2", "STREAMS", "stream", ">"],
            ["XADD", "stream:empty", "5-1", "f", "v"], ["XDEL", "stream:empty", "5-1"],
        ]
        + [["SET", "there", "3"], ["SET", "user:1:name", "x"], ["SET", "user:2:name", "y"], ["SET", "job:1", "z"]].map {
            (command: RedisCommand) in command.inDatabase(3)
        }
}

extension Scrape {
    /// Series of families whose names begin so, as text lines in order.
    func lines(_ prefixes: String...) -> [String] {
        text.split(separator: "\n").map(String.init).filter { line in prefixes.contains { line.hasPrefix($0) } }
            .sorted()
    }
}

/// A listener on loopback that answers each command by a function: what a real server does only at one moment in a million.
final class CommandServer: Sendable {
    let port: Int
    private let listener: Int32
    private let answer: @Sendable ([String]) -> String
    private let kept = Mutex<[[String]]>([])

    /// - Parameter answer: the bytes to send for a command, from its words.
    init(_ answer: @escaping @Sendable ([String]) -> String) throws {
        self.answer = answer
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = listener
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, length) == 0 && listen(descriptor, 16) == 0
                    && getsockname(descriptor, address, &length) == 0
            }
        }
        guard isBound else { throw POSIXError(.EADDRINUSE) }
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [self] in accept() }
    }

    var url: String { "redis://127.0.0.1:\(port)" }
    /// Every command so far, by its words.
    var commands: [[String]] { kept.withLock { $0 } }

    /// Wakes the accepting thread, which alone closes the descriptor.
    func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    private func accept() {
        defer { close(listener) }
        while true {
            let client = Glibc.accept(listener, nil, nil)
            guard client >= 0 else { return }
            Thread.detachNewThread { [self] in serve(client) }
        }
    }

    private func serve(_ client: Int32) {
        defer { close(client) }
        var pending: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(client, &buffer, buffer.count, 0)
            guard count > 0 else { return }
            pending += buffer[..<count]
            var reply = ""
            while let words = Self.command(&pending) {
                kept.withLock { $0.append(words) }
                reply += answer(words)
            }
            let bytes = Array(reply.utf8)
            _ = send(client, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        }
    }

    /// Takes one whole command off the front.
    private static func command(_ bytes: inout [UInt8]) -> [String]? {
        var rest = bytes[...]
        func number(after mark: Character) -> Int? {
            guard let end = rest.firstIndex(of: 10) else { return nil }
            defer { rest = rest[(end + 1)...] }
            let line = String(decoding: rest[..<end], as: UTF8.self)
            return line.first == mark ? Int(line.dropFirst().filter(\.isNumber)) : nil
        }
        guard let count = number(after: "*") else { return nil }
        var words: [String] = []
        for _ in 0..<count {
            guard let length = number(after: "$"), rest.count >= length + 2 else { return nil }
            words.append(String(decoding: rest.prefix(length), as: UTF8.self))
            rest = rest.dropFirst(length + 2)
        }
        bytes = Array(rest)
        return words
    }

    /// A bulk text.
    static func bulk(_ text: String) -> String { "$\(text.utf8.count)\r\n\(text)\r\n" }
    /// An array of bulk texts.
    static func bulks(_ texts: [String]) -> String { "*\(texts.count)\r\n" + texts.map { bulk($0) }.joined() }
    /// What SCAN answers when it is at its end.
    static func page(_ keys: [String]) -> String { "*2\r\n" + bulk("0") + bulks(keys) }

    /// The answers that every scrape and walk needs besides those about keys.
    static func basics(_ words: [String], version: String = "7.0.15") -> String {
        switch words[0] {
        case "INFO":
            bulk(
                "# Server\r\nredis_version:\(version)\r\nrun_id:x\r\n# Replication\r\nrole:master\r\n"
                    + "# Keyspace\r\ndb0:keys=1,expires=0\r\ndb3:keys=1,expires=0\r\n")
        case "CLIENT", "SELECT": "+OK\r\n"
        case "PING": "+PONG\r\n"
        default: "-ERR unknown command '\(words[0])'\r\n"
        }
    }
}
