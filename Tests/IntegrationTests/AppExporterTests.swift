import Foundation
import PostgresClient
import RedisClient
import TestSupport
import Testing

/// Groups and checks of app-exporter against real servers.
@Suite struct AppExporterTests {
    private let postgres = PostgresUnderTest(major: 17)

    @Test func groupsOfEveryKindGiveTheirMetrics() async throws {
        let servers = FleetServers()
        let key = "app-test-\(UUID().uuidString)"
        let redis = try RedisUnderTest.redis8.connection()
        let pushed = await redis.run(
            [["RPUSH", "\(key):a", "1", "2", "3"], ["SET", "\(key):n", "4.5"]], until: .now + .seconds(5))
        #expect(pushed.count == 2)
        defer { Task { _ = await redis.run([["DEL", "\(key):a", "\(key):n"]], until: .now + .seconds(5)) } }
        let http = try HTTPTestServer([
            "/api/answers":
                #"{"responses":[{"class":"promoter","score":10},{"class":"promoter","score":9},{"class":"passive"}]}"#,
            "/health": #"{"status":"ok"}"#,
        ])
        let payments = [
            "CREATE TABLE payments (amount numeric, currency text, at timestamptz)",
            "INSERT INTO payments VALUES (10, 'usd', now()), (5.5, 'usd', now()), (7, 'eur', NULL)",
        ]
        try await postgres.withDatabase(payments) { database in
            let app = try AppExporterUnderTest(
                """
                defaults: { interval: 1s, labels: { env: test } }
                sources:
                  db: { postgres: { dsn: { env: DSN } } }
                  cache: { redis: { url: { env: REDIS } } }
                  api: { http: { base: "\(http.url("/api"))", bearer: { env: TOKEN }, headers: { X-Test: "yes" } } }
                groups:
                  pay:
                    source: db
                    sql: SELECT currency, sum(amount) AS total, max(at) IS NULL AS undated, NULL AS nothing FROM payments GROUP BY 1
                    metrics:
                      - { gauge: pay_amount, value: total, labels: { cur: currency }, help: Sum. }
                      - { gauge: pay_undated, value: undated, labels: [currency], help: Whether none has a date. }
                      - { gauge: pay_nothing, value: nothing, labels: [currency], help: Nothing. }
                  queues:
                    source: cache
                    commands:
                      - { run: [LLEN, "\(key):{queue}"], for: { queue: [a, b] }, gauge: queue_depth, help: Jobs. }
                      - { run: [GET, "\(key):n"], gauge: queue_factor, help: A number. }
                  nps:
                    source: api
                    get: /answers?days=90
                    items: .responses[]
                    metrics:
                      - { gauge: nps_answers, reduce: count, labels: { class: .class }, help: Answers. }
                      - { gauge: nps_score, reduce: avg, value: .score, help: Mean. }
                probes:
                  health: { http: "\(http.url("/health?key=secret"))", interval: 1s, timeout: 1s, expect: { json: '.status == "ok"' } }
                  gone: { http: "\(http.url("/gone"))", interval: 1s, timeout: 1s }
                """,
                environment: [
                    "DSN": try PostgresUnderTest.url(postgres.superuser(), database: database),
                    "REDIS": try servers("FLEET_REDIS8_URL"), "TOKEN": "top-secret",
                ])
            let values = try await app.scrape { values in
                values["nps_score{env=\"test\"}"] != nil && values["queue_factor{env=\"test\"}"] != nil
                    && values["pay_amount{cur=\"usd\",env=\"test\"}"] != nil
                    && values.contains {
                        $0.key.hasPrefix("probe_success{kind=\"http\",probe=\"health\"") && $0.value == 1
                    }
                    && values.contains { $0.key.hasPrefix("probe_http_status_code{kind=\"http\",probe=\"gone\"") }
            }
            let expected: [String: Double] = [
                "pay_amount{cur=\"usd\",env=\"test\"}": 15.5, "pay_amount{cur=\"eur\",env=\"test\"}": 7,
                "pay_undated{currency=\"eur\",env=\"test\"}": 1, "pay_undated{currency=\"usd\",env=\"test\"}": 0,
                "queue_depth{env=\"test\",queue=\"a\"}": 3, "queue_depth{env=\"test\",queue=\"b\"}": 0,
                "queue_factor{env=\"test\"}": 4.5, "nps_answers{class=\"promoter\",env=\"test\"}": 2,
                "nps_answers{class=\"passive\",env=\"test\"}": 1, "nps_score{env=\"test\"}": 9.5,
                "app_exporter_source_up{kind=\"http\",source=\"api\"}": 1,
                "app_exporter_source_up{kind=\"postgres\",source=\"db\"}": 1,
                "app_exporter_source_up{kind=\"redis\",source=\"cache\"}": 1,
                "app_exporter_group_success{group=\"pay\"}": 1,
                "probe_success{kind=\"http\",probe=\"gone\",target=\"\(http.url("/gone"))\"}": 0,
                "probe_http_status_code{kind=\"http\",probe=\"gone\",target=\"\(http.url("/gone"))\"}": 404,
                "probe_success{kind=\"http\",probe=\"health\",target=\"\(http.url("/health"))\"}": 1,
            ]
            for (series, value) in expected { #expect(values[series] == value, "\(series)") }
            #expect(!values.keys.contains { $0.hasPrefix("pay_nothing") })
            #expect((values["app_exporter_samples_dropped_total{group=\"pay\",reason=\"null\"}"] ?? 0) >= 2)
            let asked = http.requests.map(\.head).filter { $0.hasPrefix("GET /api/answers?days=90 ") }
            #expect(asked.allSatisfy { $0.contains("Authorization: Bearer top-secret") && $0.contains("X-Test: yes") })
            #expect(!app.process.standardError.contains("secret"))
            try await checkWithPromtool(app, servers("FLEET_PROMTOOL"))
        }
    }

    private func checkWithPromtool(_ app: AppExporterUnderTest, _ promtool: String) async throws {
        let file = URL(fileURLWithPath: try FleetServers()("FLEET_DIR")).appendingPathComponent(
            "app-\(UUID().uuidString).txt")
        defer { try? FileManager.default.removeItem(at: file) }
        let isWritten = try await eventually(within: .seconds(10)) {
            (try? await curl(app.url(), ["--output", file.path]))?.status == 200
        }
        #expect(isWritten)
        let check = try FleetProcess("/bin/sh", ["-c", "exec \"$0\" check metrics < \"$1\"", promtool, file.path])
        #expect(try await check.exitStatus() == 0, "\(check.standardOutput)\(check.standardError)")
    }

    @Test func aSlowGroupDelaysNobody() async throws {
        let app = try AppExporterUnderTest(
            """
            sources: { db: { postgres: { dsn: { env: DSN }, max_connections: 2 } } }
            groups:
              slow: { source: db, interval: 30s, timeout: 30s, sql: "SELECT pg_sleep(30), 1 AS n", metrics: [{ gauge: slow, value: n, help: N. }] }
              fast: { source: db, interval: 1s, sql: SELECT 2 AS n, metrics: [{ gauge: fast, value: n, help: N. }] }
            defaults: { jitter: 0% }
            """, environment: ["DSN": try postgres.superuser()])
        let values = try await app.scrape {
            ($0["app_exporter_group_runs_total{group=\"fast\",result=\"ok\"}"] ?? 0) >= 3
        }
        #expect(values["fast"] == 2)
        #expect(values["slow"] == nil)
        let isQuick = try await eventually(within: .seconds(10)) {
            let answer = try? await curl(app.url())
            return answer.map { $0.status == 200 && $0.seconds < 2 } ?? false
        }
        #expect(isQuick)
        app.process.signal(SIGTERM)
        #expect(try await app.process.exitStatus(within: .seconds(6)) == 0)
    }

    @Test func connectionsStayWithinTheirNumber() async throws {
        try await postgres.withDatabase { database in
            let groups = (0..<6).map {
                "  g\($0): { source: db, interval: 1s, sql: \"SELECT pg_sleep(0.2), \($0) AS n\", metrics: [{ gauge: m\($0), value: n, help: N. }] }"
            }
            let url = try PostgresUnderTest.url(postgres.superuser(), database: database)
            let app = try AppExporterUnderTest(
                """
                sources: { db: { postgres: { dsn: { env: DSN }, max_connections: 2 } } }
                groups:
                \(groups.joined(separator: "\n"))
                """, environment: ["DSN": url])
            _ = try await app.scrape { values in (0..<6).allSatisfy { values["m\($0)"] == Double($0) } }
            let count = try await PostgresUnderTest.execute(
                [
                    "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'app-exporter' AND datname = '\(database)'"
                ], at: postgres.superuser())
            let connections = try #require(count?.number(0, 0))
            #expect((1...2).contains(connections))
        }
    }

    @Test func groupsCannotWrite() async throws {
        try await postgres.withDatabase { database in
            let url = try PostgresUnderTest.url(postgres.superuser(), database: database)
            let app = try AppExporterUnderTest(
                """
                sources: { db: { postgres: { dsn: { env: DSN } } } }
                groups: { g: { source: db, interval: 1s, sql: CREATE TABLE written (), metrics: [{ gauge: m, value: n, help: N. }] } }
                """, environment: ["DSN": url])
            let values = try await app.scrape {
                ($0["app_exporter_group_runs_total{group=\"g\",result=\"error\"}"] ?? 0) >= 2
            }
            #expect(values["app_exporter_group_success{group=\"g\"}"] == 0)
            let table = try await PostgresUnderTest.execute(["SELECT to_regclass('written') IS NULL"], at: url)
            #expect(table?.text(0, 0) == "t")
            #expect(app.process.standardError.components(separatedBy: "A group fails").count == 2)
            #expect(app.process.standardError.contains("read-only transaction"))
        }
    }

    @Test func sourcesThatAreDownAreReportedOnce() async throws {
        let app = try AppExporterUnderTest(
            """
            defaults: { interval: 1s }
            sources:
              db: { postgres: { dsn: "host=127.0.0.1 port=9 dbname=x user=u password=hunter2" } }
              cache: { redis: { url: "redis://:hunter2@127.0.0.1:9" } }
              api: { http: { base: "http://127.0.0.1:9/" } }
            groups:
              a: { source: db, sql: SELECT 1 AS n, metrics: [{ gauge: a, value: n, help: N. }] }
              b: { source: cache, commands: [{ run: [DBSIZE], gauge: b, help: N. }] }
              c: { source: api, get: /x, metrics: [{ gauge: c, value: ., help: N. }] }
            """)
        let values = try await app.scrape { values in
            ["a", "b", "c"].allSatisfy {
                (values["app_exporter_group_runs_total{group=\"\($0)\",result=\"error\"}"] ?? 0) >= 2
            }
        }
        for source in [
            "kind=\"postgres\",source=\"db\"", "kind=\"redis\",source=\"cache\"", "kind=\"http\",source=\"api\"",
        ] {
            #expect(values["app_exporter_source_up{\(source)}"] == 0)
        }
        let log = app.process.standardError
        for group in ["group=a", "group=b", "group=c"] {
            #expect(log.split(separator: "\n").filter { $0.contains(group) }.count == 1, "\(log)")
        }
        #expect(!log.contains("hunter2"))
    }

    @Test func aCertificateThatIsTrustedIsDescribed() async throws {
        let servers = FleetServers()
        let folder = URL(fileURLWithPath: NSTemporaryDirectory()).appendingPathComponent("app-tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        _ = try servers("FLEET_DIR")
        let (certificate, key) = (folder.path + "/cert.pem", folder.path + "/key.pem")
        let made = try FleetProcess(
            "/usr/bin/openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key,
                "-out",
                certificate, "-days", "10", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
            ])
        #expect(try await made.exitStatus() == 0)
        let server = try FleetProcess(
            "/usr/bin/openssl", ["s_server", "-www", "-accept", "localhost:0", "-cert", certificate, "-key", key])
        defer { server.signal(SIGKILL) }
        let isUp = try await eventually(within: .seconds(10)) { server.standardOutput.contains("ACCEPT") }
        let port = try #require(server.standardOutput.firstMatch(of: /ACCEPT .*:(\d+)/)?.1)
        #expect(isUp)
        let app = try AppExporterUnderTest(
            """
            probes:
              good: { http: "https://localhost:\(port)/", interval: 1s, timeout: 1s, tls: { ca: "\(certificate)" } }
              bad: { http: "https://localhost:\(port)/", interval: 1s, timeout: 1s }
            """)
        let labels = { (probe: String) in "{kind=\"http\",probe=\"\(probe)\",target=\"https://localhost:\(port)/\"}" }
        let values = try await app.scrape {
            $0["probe_success\(labels("good"))"] == 1 && $0["probe_ssl_verified\(labels("bad"))"] == 0
        }
        let days =
            ((values["probe_ssl_earliest_cert_expiry\(labels("good"))"] ?? 0) - Date().timeIntervalSince1970) / 86_400
        #expect((9.9...10.1).contains(days))
        #expect(values["probe_ssl_verified\(labels("good"))"] == 1)
        #expect(values["probe_success\(labels("bad"))"] == 0)
    }

    @Test(arguments: [
        ([], "/nonexistent/app.yaml", 1, "/nonexistent/app.yaml: cannot read the file"),
        (["--no-such-flag"], nil as String?, 2, "no-such-flag"),
    ])
    func badInputExitsWithOneLine(flags: [String], file: String?, status: Int32, text: String) async throws {
        let app = try AppExporterUnderTest("groups: {}", flags + ["--check-config"], file: file)
        #expect(try await app.process.exitStatus() == status)
        let lines = app.process.standardError.split(separator: "\n")
        #expect(lines.count == 1 && lines[0].contains(text), "\(lines)")
    }

    @Test func unknownKeyIsNamedWithItsPlace() async throws {
        let app = try AppExporterUnderTest("groups: {}\nsloz: {}\n", ["--check-config"])
        #expect(try await app.process.exitStatus() == 1)
        #expect(app.process.standardError.contains("app.yaml:2:1: unknown key sloz in the configuration"))
    }

    @Test func configuredMetricsAreListed() async throws {
        let app = try AppExporterUnderTest(
            """
            sources: { db: { postgres: { dsn: "dbname=x" } } }
            groups: { g: { source: db, sql: SELECT 1, metrics: [{ gauge: listed_here, value: n, help: Told in the list. }] } }
            """, ["--list-metrics"])
        #expect(try await app.process.exitStatus() == 0)
        #expect(app.process.standardOutput.contains("| `listed_here` | gauge | Told in the list. |"))
        #expect(app.process.standardOutput.contains("`vector_search_probe_duration_seconds`"))
    }
}
