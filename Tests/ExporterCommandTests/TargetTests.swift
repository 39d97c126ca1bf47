import ExporterKit
import Synchronization
import Testing

@testable import ExporterCommand

@Suite struct TargetTests {
    static let patterns: [(pattern: String, name: String, fits: Bool)] = [
        ("app", "app", true), ("app", "apps", false), ("app*", "apps", true), ("*", "", true), ("", "", true),
        ("a?c", "abc", true), ("a?c", "ac", false), ("*.db:5432", "x.y.db:5432", true), ("*a*b", "xaab", true),
        ("*a*b", "xaabc", false), ("ä?", "äö", true), ("a.c", "abc", false), ("**", "x", true),
    ]

    @Test(arguments: patterns)
    func patternFitsAsInAShell(pattern: String, name: String, fits: Bool) {
        #expect(ShellPattern(simple: pattern).matches(name) == fits)
    }

    @Test func patternBecomesALikePattern() {
        #expect(ShellPattern(simple: #"a*b?c%d_e\f"#).like == #"a%b_c\%d\_e\\f"#)
    }

    static let servers: [(host: String, port: Int, isAllowed: Bool)] = [
        ("a.db", 1, true), ("b", 6379, true), ("b", 6380, false), ("evil", 6379, false), ("::1", 6379, true),
        ("::1", 1, false),
    ]

    @Test(arguments: servers)
    func listAllowsHostsAndPorts(host: String, port: Int, isAllowed: Bool) {
        let allowed = AllowedTargets(["*.db", "b:6379", "[::1]:6379", "/run/*.sock"])
        #expect(allowed.allows(host: host, port: port) == isAllowed)
        #expect(AllowedTargets([]).allows(host: host, port: port))
    }

    @Test func socketIsNeverAllowedByAccident() {
        #expect(AllowedTargets(["/run/*.sock"]).allows(socket: "/run/redis.sock"))
        for patterns in [[], ["*"], ["/run/other"]] {
            #expect(!AllowedTargets(patterns).allows(socket: "/run/redis.sock"))
        }
    }

    // MARK: - TargetBook

    /// Targets made and closed, by key.
    private final class Ledger: Sendable {
        let made = Mutex<[String]>([])
        let closed = Mutex<[String]>([])

        func target(_ name: String) -> ScrapedTarget {
            made.withLock { $0.append(name) }
            return ScrapedTarget(route: MetricsRoute(sources: [])) { self.closed.withLock { $0.append(name) } }
        }
    }

    @Test func oldestIdleTargetMakesRoom() async {
        let ledger = Ledger()
        let book = TargetBook<String>(limit: 2)
        for name in ["a", "b", "a", "c"] {
            let answer = await book.use(name, make: { ledger.target(name) }, { _ in .text(200, name) })
            #expect(answer?.status == 200)
        }
        #expect(ledger.made.withLock { $0 } == ["a", "b", "c"])
        #expect(ledger.closed.withLock { $0 } == ["b"])
        await book.close()
        #expect(ledger.closed.withLock { $0.sorted() } == ["a", "b", "c"])
    }

    @Test func targetInUseIsNotTakenAway() async {
        let ledger = Ledger()
        let book = TargetBook<String>(limit: 1)
        let outer = await book.use("a", make: { ledger.target("a") }) { _ in
            let inner = await book.use("b", make: { ledger.target("b") }, { _ in .text(200, "b") })
            return .text(inner == nil ? 503 : 200, "")
        }
        #expect(outer?.status == 503)
        #expect(ledger.made.withLock { $0 } == ["a"])
    }
}
