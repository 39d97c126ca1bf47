import ExporterKitTesting
import Foundation
import PostgresClient
import RedisClient
import Synchronization
import TestSupport
import Testing

/// What metrics and log say when a source is at fault, and that nothing else suffers from it.
@Suite struct AppBusinessFaultIntegrationTests {
    private let postgres = PostgresUnderTest(major: 17)

    /// A fault, and what is to be seen of it.
    private struct Fault {
        let name: String
        /// The source, as it stands under `sources`.
        let source: String
        /// The question, without source and metrics.
        let ask: String
        /// Label `reason` of app_exporter_group_errors_total.
        let reason: String
        /// Label `result` of app_exporter_client_requests_total.
        let result: String
        let isUp: Double
        /// In the log line of the group.
        let says: String
    }

    @Test func everyFaultIsTold() async throws {
        let authority = try TestAuthority()
        let expired = try HTTPTestServer(tls: authority.issue(until: -60), ["/x": "1"])
        let hard = try HTTPTestServer { request in
            let one = HTTPTestAnswer("1")
            switch request.path {
            case "/stall": return one.with(\.delay, .seconds(60))
            case "/garbage": return HTTPTestAnswer("<html>secret-content</html>")
            case "/flood":
                return HTTPTestAnswer([UInt8](repeating: 0x20, count: 65_536)).with(\.delivery, .endless)
            case "/huge":
                return HTTPTestAnswer("1").with(\.declaredLength, 10_000_000_000).with(\.delivery, .stall(after: 1))
            case "/bomb": return HTTPTestAnswer([UInt8](repeating: 0x20, count: 1 << 24)).with(\.encoding, .gzip)
            case "/trickle":
                return HTTPTestAnswer(String(repeating: " ", count: 1_000)).with(
                    \.delivery, .trickle(bytes: 1, every: .milliseconds(100)))
            case "/login": return HTTPTestAnswer("", status: 401)
            default: return one
            }
        }
        let dsn = try postgres.superuser()
        var wrong = try #require(URLComponents(string: dsn))
        (wrong.user, wrong.password) = ("app_nobody", "hunter2")
        let redis = try await OwnRedis(["--requirepass", "right"])
        let http = { (path: String) in "http: { base: \"\(hard.url())\" }" }
        let faults = [
            Fault(
                name: "pg_down",
                source: "postgres: { dsn: \"host=127.0.0.1 port=9 dbname=x user=u password=hunter2\" }",
                ask: "sql: SELECT 1 AS n", reason: "connection", result: "refused", isUp: 0, says: "127.0.0.1:9"),
            Fault(
                name: "pg_password", source: "postgres: { dsn: \"\(wrong.string ?? "")\" }", ask: "sql: SELECT 1 AS n",
                reason: "authentication", result: "authentication", isUp: 0, says: "app_nobody"),
            Fault(
                name: "pg_slow", source: "postgres: { dsn: \"\(dsn)\" }", ask: "sql: SELECT pg_sleep(60), 1 AS n",
                reason: "timeout", result: "timeout", isUp: 0, says: "timeout"),
            Fault(
                name: "pg_dns", source: "postgres: { dsn: \"host=gone.invalid dbname=x user=u\" }",
                ask: "sql: SELECT 1 AS n", reason: "connection", result: "refused", isUp: 0, says: "gone.invalid"),
            Fault(
                name: "redis_down", source: "redis: { url: \"redis://:hunter2@127.0.0.1:9\" }", ask: "commands",
                reason: "connection", result: "refused", isUp: 0, says: "127.0.0.1:9"),
            Fault(
                name: "redis_password", source: "redis: { url: \"redis://:hunter2@127.0.0.1:\(redis.port)\" }",
                ask: "commands", reason: "authentication", result: "authentication", isUp: 0,
                says: "refuses the user name or the password"),
            Fault(
                name: "http_down", source: "http: { base: \"http://127.0.0.1:9/\" }", ask: "get: /x",
                reason: "connection", result: "refused", isUp: 0, says: "check that the server runs"),
            Fault(
                name: "http_password", source: "http: { base: \"\(hard.url())\", bearer: hunter2 }", ask: "get: /login",
                reason: "authentication", result: "4xx", isUp: 1, says: "answered 401; check the credentials"),
            Fault(
                name: "http_slow", source: http("/"), ask: "get: /stall", reason: "timeout", result: "timeout", isUp: 0,
                says: "raise the timeout"),
            Fault(
                name: "http_trickle", source: http("/"), ask: "get: /trickle", reason: "timeout", result: "timeout",
                isUp: 0, says: "raise the timeout"),
            Fault(
                name: "http_garbage", source: http("/"), ask: "get: /garbage", reason: "decode", result: "2xx", isUp: 1,
                says: "GET /garbage: Invalid"),
            Fault(
                name: "http_flood", source: http("/"), ask: "get: /flood", reason: "decode", result: "decode", isUp: 1,
                says: "larger than 1048576 bytes"),
            Fault(
                name: "http_huge", source: http("/"), ask: "get: /huge", reason: "decode", result: "decode", isUp: 1,
                says: "ask for less, or raise the limit"),
            Fault(
                name: "http_bomb", source: http("/"), ask: "get: /bomb", reason: "decode", result: "decode", isUp: 1,
                says: "larger than 1048576 bytes"),
            Fault(
                name: "http_expired",
                source: "http: { base: \"\(expired.url())\", tls: { ca: \"\(authority.authorityFile)\" } }",
                ask: "get: /x", reason: "tls", result: "tls", isUp: 0, says: "expired"),
            Fault(
                name: "http_dns", source: "http: { base: \"http://gone.invalid/\" }", ask: "get: /x",
                reason: "connection", result: "dns", isUp: 0, says: "check the host name and the DNS"),
        ]
        let app = try AppExporterUnderTest(configuration(of: faults, good: hard.url()))
        let values = try await app.scrape { values in
            faults.allSatisfy { fault in
                values.contains {
                    $0.key.hasPrefix("app_exporter_group_errors_total{group=\"\(fault.name)\"") && $0.value >= 1
                }
            } && values["good"] == 1
        }
        let log = app.process.standardError.split(separator: "\n")
        for fault in faults {
            let (group, source) = ("{group=\"\(fault.name)\"}", "source=\"\(fault.name)\"}")
            #expect(
                (values["app_exporter_group_errors_total{group=\"\(fault.name)\",reason=\"\(fault.reason)\"}"] ?? 0)
                    >= 1, "\(fault.name)")
            #expect(
                (values["app_exporter_client_requests_total{result=\"\(fault.result)\",\(source)"] ?? 0) >= 1,
                "\(fault.name)")
            #expect(
                values[
                    "app_exporter_source_up{kind=\"\(fault.name.hasPrefix("pg") ? "postgres" : fault.name.hasPrefix("redis") ? "redis" : "http")\",\(source)"
                ] == fault.isUp, "\(fault.name)")
            #expect(
                values["app_exporter_group_success\(group)"] == 0 && values["app_exporter_group_series\(group)"] == 0)
            #expect(values["app_exporter_group_last_success_timestamp_seconds\(group)"] == nil)
            #expect(values[fault.name] == nil)
            let lines = log.filter { $0.contains("group=\(fault.name) ") || $0.hasSuffix("group=\(fault.name)") }
            #expect(
                lines.count == 1 && lines.allSatisfy { $0.contains(fault.says) && $0.contains("level=warn") },
                "\(fault.name): \(lines)")
        }
        for secret in ["hunter2", "secret-content"] { #expect(!app.process.standardError.contains(secret)) }
    }

    private func configuration(of faults: [Fault], good: String) -> String {
        let sources = faults.map { "  \($0.name): { \($0.source) }" }.joined(separator: "\n")
        let groups = faults.map { fault -> String in
            let rest =
                switch fault.ask {
                case "commands": "commands: [{ run: [DBSIZE], gauge: \(fault.name), help: H. }]"
                case let sql where sql.hasPrefix("sql"):
                    "\"sql\": \"\(sql.dropFirst(5))\", metrics: [{ gauge: \(fault.name), value: n, help: H. }]"
                default: "\(fault.ask), metrics: [{ gauge: \(fault.name), value: ., help: H. }]"
                }
            return "  \(fault.name): { source: \(fault.name), \(rest) }"
        }
        return """
            defaults: { interval: 2s, timeout: 700ms, jitter: 0% }
            sources:
              good: { http: { base: "\(good)" } }
            \(sources)
            groups:
              good: { source: good, interval: 1s, get: /fine, metrics: [{ gauge: good, value: ., help: H. }] }
            \(groups.joined(separator: "\n"))
            """
    }

    @Test func sourcesThatHangTrickleAndFloodDelayNobody() async throws {
        let bad = try HTTPTestServer { request in
            switch request.path {
            case "/hang": HTTPTestAnswer("1").with(\.delay, .seconds(600))
            case "/trickle":
                HTTPTestAnswer(String(repeating: " ", count: 100_000)).with(
                    \.delivery, .trickle(bytes: 1, every: .milliseconds(50)))
            default: HTTPTestAnswer([UInt8](repeating: 0x20, count: 65_536)).with(\.delivery, .endless)
            }
        }
        let good = try HTTPTestServer(["/n": "1"])
        let kinds = ["hang", "trickle", "flood"]
        // More groups than a shared limit of connections would bear.
        let groups = (0..<60).map { number in
            "  bad\(number): { source: \(kinds[number % 3]), interval: 1s, timeout: 1s, get: /\(kinds[number % 3]), metrics: [{ gauge: bad\(number), value: ., help: H. }] }"
        }
        let app = try AppExporterUnderTest(
            """
            defaults: { jitter: 10% }
            sources:
              good: { http: { base: "\(good.url())" } }
            \(kinds.map { "  \($0): { http: { base: \"\(bad.url())\", max_connections: 16 } }" }.joined(separator: "\n"))
            groups:
              good: { source: good, interval: 1s, timeout: 900ms, get: /n, metrics: [{ gauge: good, value: ., help: H. }] }
            \(groups.joined(separator: "\n"))
            """)
        let runs = "app_exporter_group_runs_total{group=\"good\",result=\"ok\"}"
        _ = try await app.scrape {
            ($0[runs] ?? 0) >= 1 && ($0["app_exporter_group_errors_total{group=\"bad0\",reason=\"timeout\"}"] ?? 0) >= 1
        }
        let began = ContinuousClock.now
        let before = try await app.scrape()
        var slowest = 0.0
        var count = 0
        while began.duration(to: .now) < .seconds(4) {
            let answer = try await curl(app.url())
            slowest = max(slowest, answer.seconds)
            count += 1
            #expect(answer.status == 200)
        }
        let after = try await app.scrape()
        let passed = began.duration(to: .now) / .seconds(1)
        let good2 = (after[runs] ?? 0) - (before[runs] ?? 0)
        #expect(good2 >= (passed - 1.5).rounded(.down), "\(good2) runs in \(passed) s")
        for result in ["error", "timeout", "skipped", "partial"] {
            #expect(after["app_exporter_group_runs_total{group=\"good\",result=\"\(result)\"}"] == 0)
        }
        #expect(slowest < 0.5, "the slowest of \(count) scrapes took \(slowest) s")
    }

    // MARK: - Secrets

    @Test func rotatedSecretsCountWithoutARestart() async throws {
        let folder = NSTemporaryDirectory() + "rotate-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        func write(_ name: String, _ text: String) throws {
            try Data("\(text)\n".utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"), options: .atomic)
        }
        for name in ["pg", "redis", "http"] { try write(name, "first-secret") }
        let role = "app_rotate_\(UInt32.random(in: 0...UInt32.max))"
        try await PostgresUnderTest.execute(
            ["CREATE ROLE \(role) LOGIN PASSWORD 'first-secret'"], at: postgres.superuser())
        let redis = try await OwnRedis(["--requirepass", "first-secret"])
        let accepted = Mutex("first-secret")
        let http = try HTTPTestServer { request in
            request.header("authorization") == "Bearer \(accepted.withLock { $0 })"
                ? HTTPTestAnswer("1") : HTTPTestAnswer("", status: 401)
        }
        var address = try #require(URLComponents(string: try postgres.superuser()))
        (address.user, address.password) = (role, nil)
        let app = try AppExporterUnderTest(
            """
            defaults: { interval: 1s, jitter: 0% }
            sources:
              pg: { postgres: { dsn: "\(address.string ?? "")", password: { file: "\(folder)/pg" }, max_connections: 1 } }
              redis: { redis: { url: "redis://127.0.0.1:\(redis.port)", password: { file: "\(folder)/redis" } } }
              http: { http: { base: "\(http.url())", bearer: { file: "\(folder)/http" } } }
            groups:
              pg: { source: pg, sql: SELECT 1 AS n, metrics: [{ gauge: pg, value: n, help: H. }] }
              redis: { source: redis, commands: [{ run: [DBSIZE], gauge: redis, help: H. }] }
              http: { source: http, get: /, metrics: [{ gauge: http, value: ., help: H. }] }
            """)
        let groups = ["pg", "redis", "http"]
        let works = { (values: [String: Double]) in
            groups.allSatisfy { values["app_exporter_group_success{group=\"\($0)\"}"] == 1 }
        }
        _ = try await app.scrape(until: works)
        // The secrets change on the servers; connections of the old ones end.
        try await PostgresUnderTest.execute(
            [
                "ALTER ROLE \(role) PASSWORD 'second-secret'",
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '\(role)'",
            ],
            at: postgres.superuser())
        let admin = RedisConnection(try RedisOptions(url: "redis://:first-secret@127.0.0.1:\(redis.port)"))
        try await admin.answer(["CONFIG", "SET", "requirepass", "second-secret"])
        try await admin.answer(["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"])
        accepted.withLock { $0 = "second-secret" }
        let failed = try await app.scrape { values in
            groups.allSatisfy { values["app_exporter_group_success{group=\"\($0)\"}"] == 0 }
        }
        for group in groups {
            #expect(
                (failed["app_exporter_group_errors_total{group=\"\(group)\",reason=\"authentication\"}"] ?? 0) >= 1,
                "\(group)")
            // The last values stay until they are too old.
            #expect(failed[group] != nil)
        }
        for name in groups { try write(name, "second-secret") }
        let again = try await app.scrape(until: works)
        #expect((again["app_exporter_source_connects_total{result=\"error\",source=\"pg\"}"] ?? 0) >= 1)
        #expect((again["app_exporter_source_connects_total{result=\"ok\",source=\"pg\"}"] ?? 0) >= 2)
        for secret in ["first-secret", "second-secret"] { #expect(!app.process.standardError.contains(secret)) }
        #expect(app.process.standardError.contains("The group works again"))
        app.process.signal(SIGTERM)
        _ = try await app.process.exitStatus(within: .seconds(6))
        await admin.close()
        try await PostgresUnderTest.execute(["DROP ROLE \(role)"], at: postgres.superuser())
    }

    @Test func valuesThatAreTooOldDisappear() async throws {
        let isDown = Atomic(false)
        let http = try HTTPTestServer { _ in
            isDown.load(ordering: .relaxed) ? HTTPTestAnswer("", status: 500) : HTTPTestAnswer("42")
        }
        let app = try AppExporterUnderTest(
            """
            sources: { api: { http: { base: "\(http.url())" } } }
            groups: { g: { source: api, interval: 1s, stale_after: 2 intervals, get: /, metrics: [{ gauge: answer, value: ., help: H. }] } }
            """)
        let first = try await app.scrape { $0["answer"] == 42 }
        #expect(
            first["app_exporter_group_stale{group=\"g\"}"] == 0 && first["app_exporter_group_series{group=\"g\"}"] == 1)
        isDown.store(true, ordering: .relaxed)
        let failing = try await app.scrape { $0["app_exporter_group_success{group=\"g\"}"] == 0 }
        #expect(failing["answer"] == 42)
        let stale = try await app.scrape { $0["app_exporter_group_stale{group=\"g\"}"] == 1 }
        #expect(stale["answer"] == nil && stale["app_exporter_group_series{group=\"g\"}"] == 0)
        #expect(stale["app_exporter_group_last_success_timestamp_seconds{group=\"g\"}"] != nil)
        isDown.store(false, ordering: .relaxed)
        _ = try await app.scrape { $0["answer"] == 42 && $0["app_exporter_group_stale{group=\"g\"}"] == 0 }
    }
}
