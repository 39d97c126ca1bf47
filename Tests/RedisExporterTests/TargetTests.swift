import ExporterCommand
import ExporterKit
import Foundation
import Logging
import RedisClient
import Testing

@testable import redis_exporter

/// What a request names, and as whom it is asked.
@Suite struct TargetTests {
    private func file(_ text: String) throws -> String {
        let path = NSTemporaryDirectory() + "redis-targets-\(UUID().uuidString).yml"
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    private func access(_ arguments: [String]) throws -> AccessBook {
        try AccessBook(RedisExporter.parse(arguments), Logger(label: "test"))
    }

    private func login(_ access: AccessBook, _ target: String) throws -> [String?] {
        let address = try ServerAddress(target: target)
        let options = try access.options(for: address, access.module(for: address)).renewed()
        return [options.username, options.password]
    }

    // MARK: - Addresses

    static let targets: [(text: String, scheme: String, place: String, user: String?)] = [
        ("h:1", "redis", "h:1", nil), ("redis://h", "redis", "h", nil), ("VALKEYS://h:2/3", "valkeys", "h:2/3", nil),
        ("redis://me@h", "redis", "h", "me"), ("redis://me:pw@h", "redis", "h", "me"),
        ("redis://:pw@h", "redis", "h", nil), ("me:p@ss@h:1", "redis", "h:1", "me"),
        ("redis://m%40e:x@[::1]:7", "redis", "[::1]:7", "m@e"), ("unix:///run/r.sock", "unix", "/run/r.sock", nil),
    ]

    @Test(arguments: targets)
    func targetKeepsItsUserAndNeverItsPassword(text: String, scheme: String, place: String, user: String?) throws {
        let address = try ServerAddress(target: text)
        #expect([address.scheme, address.place, address.user] == [scheme, place, user])
        #expect(address.password == nil && address.options.password == nil)
    }

    @Test func addressOfTheFlagKeepsItsPassword() throws {
        #expect(try ServerAddress("redis://pw@h").password == "pw")
        #expect(try ServerAddress("redis://me:pw@h").options.username == "me")
    }

    @Test(arguments: ["://nope", "http://h", "redis://h:6379-", "unix://relative", "redis://me%zz@h", "h/x"])
    func targetThatIsNoneIsRefused(text: String) {
        #expect(throws: RedisAddressError.self) { try ServerAddress(target: text) }
    }

    // MARK: - Credentials

    @Test func flagsCountForEveryTarget() throws {
        let access = try access(["-redis.user", "u", "-redis.password", "p"])
        #expect(try login(access, "h:1") == ["u", "p"])
        #expect(try login(access, "redis://other:x@h:1") == ["other", "p"])
    }

    @Test func passwordFileIsReadByAddressAndUser() throws {
        let path = try file(
            #"{"redis://h:1": "one", "redis://me@h:1": "two", "rediss://s": "three", "redis://u@v": "four"}"#)
        let access = try access(["-redis.password-file", path])
        #expect(try login(access, "h:1") == [nil, "one"])
        #expect(try login(access, "redis://me:x@h:1") == ["me", "two"])
        #expect(try login(access, "rediss://s") == [nil, "three"])
        #expect(try login(access, "valkeys://s") == [nil, "three"])
        #expect(try login(access, "h:2") == [nil, nil])
        let named = try self.access(["-redis.password-file", path, "-redis.user", "u"])
        #expect(try login(named, "v") == ["u", "four"])
    }

    @Test func moduleCountsBeforeFlagsAndTheFirstThatFits() throws {
        let secret = try file("from-file\n")
        let path = try file(
            """
            modules:
              one: { targets: ["a*:1"], user: u1, password: { file: \(secret) } }
              two: { targets: ["a*", "[::1]:6379"], password: p2 }
              open: { targets: ["free"] }
            """)
        let access = try access(["-config.file", path, "-redis.user", "flag", "-redis.password", "flag-pw"])
        #expect(try login(access, "abc:1") == ["u1", "from-file"])
        #expect(try login(access, "redis://me@abc:2") == ["me", "p2"])
        #expect(try login(access, "[::1]") == [nil, "p2"])
        #expect(try login(access, "free") == [nil, nil])
        #expect(try login(access, "b") == ["flag", "flag-pw"])
        try Data("rotated\n".utf8).write(to: URL(fileURLWithPath: secret))
        #expect(try login(access, "abc:1") == ["u1", "rotated"])
    }

    @Test func passwordFileIsReadAgainWhenItChangesAndOnlyWhenItIsGood() throws {
        let path = try file(#"{"redis://h": "one"}"#)
        let access = try access(["-redis.password-file", path])
        #expect(try login(access, "h") == [nil, "one"])
        try Data(#"{"redis://h": "two"}"#.utf8).write(to: URL(fileURLWithPath: path))
        #expect(try login(access, "h") == [nil, "two"])
        try Data("{".utf8).write(to: URL(fileURLWithPath: path))
        #expect(try login(access, "h") == [nil, "two"])
        #expect(throws: ConfigurationError.self) { try access.reload() }
        #expect(try login(access, "h") == [nil, "two"])
    }

    @Test func ownServerFollowsTheModulesOfAReload() throws {
        let path = try file("modules: { m: { targets: [h], password: one, tls: {} } }")
        let access = try access(["-config.file", path])
        let options = access.options(following: try ServerAddress("h"))
        let first = try options.renewed()
        #expect(first.password == "one" && first.tls != nil)
        try Data("modules: { m: { targets: [h], user: u, password: two } }".utf8).write(
            to: URL(fileURLWithPath: path))
        try access.reload()
        let second = try options.renewed()
        #expect(second.username == "u" && second.password == "two" && second.tls == nil)
    }

    @Test func moduleWithTLSIsNeverAskedInPlainText() throws {
        let path = try file("modules: { m: { targets: [h], tls: { server_name: n } } }")
        let access = try access(["-config.file", path])
        let address = try ServerAddress(target: "redis://h")
        let options = access.options(for: address, access.module(for: address))
        #expect(options.tls?.serverName == "n")
        #expect(access.options(for: address, access.module(for: address), serverName: "x").tls?.serverName == "x")
    }

    static let mistakes: [(text: String, message: String)] = [
        ("module: {}", ":1:1: unknown key module in the configuration (did you mean modules?)"),
        ("modules:\n  m: { user: u }", ":2:6: targets is missing in the module m"),
        ("modules:\n  m: { targets: [] }", ":2:17: targets must name the servers"),
        ("modules:\n  m: { targets: [a], pasword: x }", ":2:22: unknown key pasword in the module m"),
        ("modules:\n  m: { targets: [a], password: { file: /nowhere } }", ":2:32: password: /nowhere"),
        ("modules:\n  m: { targets: [a], tls: { ca_file: /nowhere } }", ":2:27: /nowhere"),
    ]

    @Test(arguments: mistakes)
    func mistakeInTheFileHasAPlace(text: String, message: String) throws {
        let path = try file(text)
        let error = #expect(throws: ConfigurationError.self) { try access(["-config.file", path]) }
        #expect(error?.description.hasPrefix(path + message) == true, "\(error?.description ?? "")")
    }

    // MARK: - Keys

    @Test func keysOfARequestAreReadAsInTheFlags() throws {
        let request = HTTPRequest(
            target: "/scrape?check-keys=db1%3Da*,,b&check-single-keys=a%252Cb&count-keys=+db3%3Ds%3A*&check-streams=x")
        let keys = try KeyRequest(request)
        #expect(keys.patterns == [KeyName(database: 1, name: "a*"), KeyName(database: 0, name: "b")])
        #expect(keys.keys == [KeyName(database: 0, name: "a,b")])
        #expect(keys.counts == [KeyName(database: 3, name: "s:*")])
        #expect(keys.streamPatterns == [KeyName(database: 0, name: "x")] && keys.streams.isEmpty)
    }

    @Test(arguments: ["1=2=3", "dbx=a", "-1=a", "a%2"])
    func listOfKeysThatIsNoneSaysWhy(text: String) {
        let error = #expect(throws: KeyName.Malformed.self) { try KeyName.list(text, from: "check-keys") }
        #expect(error?.description.hasPrefix("check-keys: ") == true)
    }

    // MARK: - Nodes

    private static let id = "eaf69c70d876558a948ba62af0884a37d42c9627"

    static let nodes: [(line: String, node: [String], isThere: Bool)] = [
        (
            "\(id) 127.0.0.1:7002@17002 myself,master - 0 1742836359057 3 connected 10923-16383 5 [7-<-\(id)]",
            ["127.0.0.1", "7002", "", "master", id, "10923-16383,5"], true
        ),
        (
            "a1 ::1:7002@17002,h.example slave,fail? \(id) 0 1742836359057 3 connected",
            ["::1", "7002", "h.example", "slave", id, ""], true
        ),
        (
            "a1 10.0.0.1:6379@16379,,shard-id=s9 slave \(id) 0 1 3 connected",
            ["10.0.0.1", "6379", "", "slave", "s9", ""], true
        ),
        ("a1 h:7001 master - 0 1 3 connected", ["h", "7001", "", "master", "a1", ""], true),
        ("a1 :0@0 slave,fail,noaddr \(id) 0 1 3 disconnected", ["", "0", "", "slave", id, ""], false),
        ("a1 h:1@2 master,fail - 0 1 3 disconnected", ["h", "1", "", "master", "a1", ""], false),
        ("a1 h:1@2 handshake - 0 0 0 disconnected", ["h", "1", "", "master", "a1", ""], false),
    ]

    @Test(arguments: nodes)
    func lineOfANodeIsRead(line: String, expected: [String], isThere: Bool) throws {
        let node = try #require(ClusterNode(line))
        #expect([node.host, node.port, node.hostname, node.role, node.shard, node.slots] == expected)
        #expect(node.isThere == isThere)
    }

    @Test(arguments: ["", "x", "a b c d e f g h", "vars currentEpoch 6 lastVoteEpoch 0"])
    func lineOfSomethingElseIsNoNode(line: String) {
        #expect(ClusterNode(line) == nil)
    }
}
