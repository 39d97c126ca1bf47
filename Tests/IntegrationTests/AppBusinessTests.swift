import ExporterKitTesting
import Foundation
import PostgresClient
import RedisClient
import TestSupport
import Testing

/// Business metrics of app-exporter against PostgreSQL, Redis, an HTTP API and a server with Stripe's ledger.
@Suite struct AppBusinessIntegrationTests {
    private let postgres = PostgresUnderTest(major: 17)

    /// The values of one run of everything.
    private func once(_ configuration: String, _ environment: [String: String] = [:]) async throws -> [String: Double] {
        let app = try AppExporterUnderTest(configuration, ["--once"], environment: environment)
        #expect(try await app.process.exitStatus() == 0)
        let samples = try Exposition(parsing: app.process.standardOutput).samples
        return Dictionary(samples.map { ($0.series, $0.value) }) { _, last in last }
    }

    // MARK: - SQL

    @Test func everyTypeOfColumnIsReadAsTheServerMeansIt() async throws {
        try await postgres.withDatabase { database in
            let values = try await once(
                """
                sources: { db: { postgres: { dsn: { env: DSN } } } }
                groups:
                  types:
                    source: db
                    sql: |
                      SELECT true AS bool, 12.50::numeric AS num, '7.5'::text AS txt, 3::bigint AS big, 0.25::real AS re,
                             interval '1 day 02:03:04.5' AS span, timestamptz '2026-03-01 00:00:00.25-06' AS at,
                             timestamp '2026-03-01 06:00:00' AS local, date '1970-01-02' AS day, NULL::int AS nothing,
                             'infinity'::timestamptz AS never, 'seven' AS word, 'NaN'::float8 AS nan, 'x' AS l, false AS no
                    metrics:
                      - { gauge: t_bool, value: bool, labels: { l: "no" }, help: H. }
                      - { gauge: t_num, value: num, help: H. }
                      - { gauge: t_txt, value: txt, help: H. }
                      - { gauge: t_big, value: big, help: H. }
                      - { gauge: t_re, value: re, help: H. }
                      - { gauge: t_span, value: span, help: H. }
                      - { gauge: t_at, value: at, help: H. }
                      - { gauge: t_local, value: local, help: H. }
                      - { gauge: t_day, value: day, help: H. }
                      - { gauge: t_nothing, value: nothing, help: H. }
                      - { gauge: t_zero, value: nothing, on_null: zero, help: H. }
                      - { gauge: t_never, value: never, help: H. }
                      - { gauge: t_word, value: word, help: H. }
                      - { gauge: t_nan, value: nan, help: H. }
                """, ["DSN": try PostgresUnderTest.url(postgres.superuser(), database: database)])
            let expected: [String: Double] = [
                "t_bool{l=\"false\"}": 1, "t_num": 12.5, "t_txt": 7.5, "t_big": 3, "t_re": 0.25,
                "t_span": 86_400 + 7_384.5, "t_at": 1_772_344_800.25, "t_local": 1_772_344_800, "t_day": 86_400,
                "t_zero": 0,
            ]
            #expect(values.filter { $0.key.hasPrefix("t_") } == expected)
            for (reason, count) in [("null", 1.0), ("wrong_type", 2), ("not_a_number", 1)] {
                #expect(values["app_exporter_samples_dropped_total{group=\"types\",reason=\"\(reason)\"}"] == count)
            }
            #expect(values["app_exporter_group_success{group=\"types\"}"] == 1)
            #expect(values["app_exporter_source_connects_total{result=\"ok\",source=\"db\"}"] == 1)
        }
    }

    @Test func histogramsComeOutOfArraysAndColumns() async throws {
        let amounts = [1.5, 9, 10, 10.5, 99, 250]
        let rows = amounts.map { "(\($0))" }.joined(separator: ",")
        try await postgres.withDatabase(["CREATE TABLE p (a float8)", "INSERT INTO p VALUES \(rows)"]) { database in
            let values = try await once(
                """
                sources: { db: { postgres: { dsn: { env: DSN } } } }
                groups:
                  arrays:
                    source: db
                    sql: |
                      SELECT array[10.0, 100] AS v, array[count(*) FILTER (WHERE a <= 10), count(*) FILTER (WHERE a <= 100)] AS v_bucket,
                             sum(a) AS v_sum, count(*) AS v_count FROM p
                    metrics: [{ histogram: arrays_value, value: v, help: H. }]
                  columns:
                    source: db
                    sql: SELECT count(*) FILTER (WHERE a <= 10) AS x, count(*) FILTER (WHERE a <= 100) AS y, sum(a) AS s, count(*) AS n FROM p
                    metrics: [{ histogram: columns_value, buckets: { 100: y, 10: x }, sum: s, count: n, help: H. }]
                """, ["DSN": try PostgresUnderTest.url(postgres.superuser(), database: database)])
            for name in ["arrays_value", "columns_value"] {
                for bound in [10.0, 100] {
                    let expected = Double(amounts.filter { $0 <= bound }.count)
                    let series =
                        values["\(name)_bucket{le=\"\(Int(bound))\"}"] ?? values["\(name)_bucket{le=\"\(bound)\"}"]
                    #expect(series == expected, "\(name) \(bound)")
                }
                #expect(values["\(name)_bucket{le=\"+Inf\"}"] == 6 && values["\(name)_count"] == 6)
                #expect(values["\(name)_sum"] == amounts.reduce(0, +))
            }
        }
    }

    // MARK: - Redis

    @Test func theLeastRightsAreEnoughAndWhatIsRefusedIsNamed() async throws {
        let server = try await OwnRedis()
        let admin = RedisConnection(try RedisOptions(url: server.url))
        // The line of the guide.
        try await admin.answer([
            "ACL", "SETUSER", "metrics", "on", ">pw", "resetchannels", "-@all", "+zcount", "+llen", "+select",
            "+client|setname",
            "~sessions:*", "~queue:*",
        ])
        for member in 1...5 {
            try await admin.answer([
                "ZADD", "sessions:seen", "\(Int(Date().timeIntervalSince1970) - member * 100)", "u\(member)",
            ])
        }
        try await admin.answer(["RPUSH", "queue:a", "1", "2", "3"])
        let app = try AppExporterUnderTest(
            """
            defaults: { interval: 1s }
            sources: { cache: { redis: { url: "redis://metrics@127.0.0.1:\(server.port)", password: { env: PW } } } }
            groups:
              good:
                source: cache
                commands:
                  - { run: [ZCOUNT, "sessions:seen", now-250, "+inf"], gauge: active, help: H. }
                  - { run: [LLEN, "queue:{q}"], for: { q: [a, b] }, gauge: depth, help: H. }
              refused:
                source: cache
                commands:
                  - { run: [HLEN, "queue:a"], gauge: forbidden_command, help: H. }
                  - { run: [LLEN, "private"], gauge: forbidden_key, help: H. }
                  - { run: [LLEN, "queue:a"], gauge: allowed, help: H. }
            """, environment: ["PW": "pw"])
        let values = try await app.scrape {
            $0["active"] != nil && $0["allowed"] != nil
                && $0["app_exporter_group_runs_total{group=\"refused\",result=\"partial\"}"] ?? 0 > 0
        }
        #expect(values["active"] == 2 && values["depth{q=\"a\"}"] == 3 && values["depth{q=\"b\"}"] == 0)
        #expect(values["allowed"] == 3 && values["forbidden_command"] == nil && values["forbidden_key"] == nil)
        #expect(values["app_exporter_group_success{group=\"good\"}"] == 1)
        #expect(values["app_exporter_group_success{group=\"refused\"}"] == 0)
        #expect((values["app_exporter_group_errors_total{group=\"refused\",reason=\"permission\"}"] ?? 0) > 0)
        #expect(app.process.standardError.lowercased().contains("hlen"), "\(app.process.standardError)")
        await admin.close()
    }

    // MARK: - Everything at once

    @Test func thePanelsOfTheExampleShowWhatIsThere() async throws {
        let scene = try await BusinessScene()
        try await postgres.withDatabase(BusinessScene.tables) { database in
            let text = try scene.example(
                postgres: PostgresUnderTest.url(postgres.superuser(), database: database))
            let app = try AppExporterUnderTest(text, ["--once"], environment: scene.environment)
            #expect(try await app.process.exitStatus() == 0)
            let samples = try Exposition(parsing: app.process.standardOutput).samples
            let values = Dictionary(samples.map { ($0.series, $0.value) }) { _, last in last }
            for (series, value) in scene.expected() {
                let found = values[series]
                #expect(
                    found != nil && abs((found ?? .nan) - value) < 1e-9,
                    "\(series) is \(String(describing: found)), not \(value)")
            }
            for group in ["sessions", "people", "market", "orders", "freshness", "nps", "revenue"] {
                #expect(
                    values["app_exporter_group_success{group=\"\(group)\"}"] == 1,
                    "\(group)\n\(app.process.standardError)")
            }
            for secret in scene.secrets {
                #expect(!(app.process.standardError + app.process.standardOutput).contains(secret))
            }
        }
        await scene.close()
    }

    @Test func theExampleIsAccepted() async throws {
        let app = try AppExporterUnderTest("", ["--check-config"], file: BusinessScene.examplePath)
        #expect(try await app.process.exitStatus() == 0)
        #expect(app.process.standardError.isEmpty)
    }
}
