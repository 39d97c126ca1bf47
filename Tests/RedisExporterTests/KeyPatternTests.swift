import RedisClient
import Testing

@testable import redis_exporter

@Suite struct KeyPatternTests {
    @Test(arguments: [
        ("*", "", true), ("*", "anything", true), ("a*c", "abbbc", true), ("a*c", "abbb", false), ("a**c", "ac", true),
        ("?", "a", true), ("?", "", false), ("a?c", "abc", true), ("[ab]c", "bc", true), ("[ab]c", "cc", false),
        ("[a-c]", "b", true), ("[c-a]", "b", true), ("[^a-c]", "b", false), ("[^a-c]", "d", true), ("[]", "x", false),
        ("a\\*", "a*", true), ("a\\*", "ab", false), ("[\\]]", "]", true), ("[a", "a", true), ("key:", "key:1", false),
        ("*:a:*:b", "x:a:a:b:a:c:b", true), ("a\\", "a\\", true), ("abc", "abc", true), ("[a-]x", "-x", false),
    ])
    func globIsThatOfTheServer(pattern: String, key: String, matches: Bool) {
        #expect(GlobPattern(Array(pattern.utf8)).matches(Array(key.utf8)) == matches)
    }

    @Test func globIsFastWhereBacktrackingIsNot() {
        let pattern = GlobPattern(Array(String(repeating: "a*", count: 40).utf8) + Array("b".utf8))
        #expect(!pattern.matches(Array(repeating: UInt8(ascii: "a"), count: 5_000)))
    }

    @Test(arguments: [
        ("^(.*):[^:]+$", "user:1:name", "user:1"), ("^(.*):[^:]+$", "plain", nil), ("(%a+)_(%d+)", "x-ab_12y", "ab12"),
        ("^user", "user:1", ""), ("^user", "a user", nil), ("()b", "ab", "2"), ("(a-)b", "aab", "aa"),
        ("(a?)(a?)$", "aaa", "aa"), ("%b()", "f(a(b)c)d", ""), ("(%b[])", "x[y[z]]", "[y[z]]"),
        ("%f[%w](%w+)%f[%W]", "::foo::", "foo"), ("(%w)%1", "abccd", "c"), ("[%]](.)", "]x", "x"),
        ("[]x]+(.)", "x]y", "y"),
        ("a.c", "abc", ""), ("%.", "abc", nil), ("^([^:]+):", "tenant:7:x", "tenant"), ("(x*)", "yyy", ""),
        ("([a-c]+)[^%d]", "abcde", "abc"), ("(%z)", "a", nil), ("a$b", "a$b", ""), ("(%u)%l", "aBc", "B"),
        ("-(.)", "a-b", "b"), ("(.-)$", "abc", "abc"), ("^(%s*)x", "  x", "  "), ("(%p)", "a!b", "!"),
    ])
    func luaCapturesAreThoseOfLua(pattern: String, key: String, group: String?) throws {
        #expect(try LuaPattern(pattern).group(of: Array(key.utf8)) == group.map { Array($0.utf8) })
    }

    @Test(arguments: ["(a", "a)", "%", "[a", "[^", "%b", "%bx", "%fa", "%1", "(a%1)", "[%", "(()"])
    func malformedLuaPatternIsRefusedAtStart(pattern: String) {
        #expect(throws: LuaPattern.Malformed.self) { try LuaPattern(pattern) }
    }

    @Test func luaPatternGivesUpInsteadOfHanging() throws {
        let pattern = try LuaPattern(String(repeating: "(.-)", count: 12) + "x")
        #expect(pattern.group(of: Array(repeating: UInt8(ascii: "a"), count: 500)) == nil)
    }

    @Test(arguments: [
        ("a,b", ["a", "b"]), ("", []), ("\"a,b\",c", ["a,b", "c"]), ("\"a\"\"b\"", ["a\"b"]), (" a , b", ["a", "b"]),
        ("a,,b", ["a", "", "b"]),
    ])
    func csvIsRead(text: String, fields: [String]) {
        #expect(CSVLine.fields(text) == fields)
    }

    @Test(arguments: ["\"a", "a\"b", "\"a\"b"])
    func brokenCSVIsRefused(text: String) {
        #expect(CSVLine.fields(text) == nil)
    }

    @Test func slotIsThatOfTheClusterSpecification() {
        #expect(ClusterShard.slot(of: Array("123456789".utf8)) == 12_739)
        #expect(
            ClusterShard.slot(of: Array("{user1000}.following".utf8)) == ClusterShard.slot(of: Array("user1000".utf8)))
        #expect(ClusterShard.slot(of: Array("foo{}{bar}".utf8)) == 8_363)
        #expect(ClusterShard.slot(of: Array("foo{{bar}}zap".utf8)) == ClusterShard.slot(of: Array("{bar".utf8)))
    }

    @Test func shardsAreReadWithTheirReplicas() {
        func node(_ host: String, _ port: Int64) -> RedisValue { .array([.bulk(host), .integer(port), .bulk("id")]) }
        let reply = RedisValue.array([
            .array([.integer(0), .integer(10), node("", 7_000), node("10.0.0.2", 7_001)]),
            .array([.integer(11), .integer(20), node("10.0.0.3", 7_002)]),
            .array([.integer(21), .integer(30), node("", 7_000), node("10.0.0.2", 7_001)]),
            .array([.integer(31)]),
        ])
        let shards = ClusterShard.all(in: reply, seed: .tcp(host: "seed", port: 1))
        #expect(shards.count == 2)
        #expect(shards[0].primary == .tcp(host: "seed", port: 7_000))
        #expect(shards[0].replicas == [.tcp(host: "10.0.0.2", port: 7_001)])
        #expect(shards[0].owns(25) && !shards[0].owns(11) && shards[1].owns(11))
    }
}
