import ExporterKitTesting
import Foundation
import Testing

/// What searching costs, and what becomes of it when the server is slow, locked or gone.
@Suite struct AppVectorBudgetIntegrationTests {
    private let postgres = PostgresUnderTest(major: 17)
    private static let docs = [
        "CREATE EXTENSION vector", "CREATE EXTENSION pg_stat_statements", "CREATE TABLE docs (id int, v vector(8))",
        """
        INSERT INTO docs SELECT i, (SELECT array_agg(sin(i * j)) FROM generate_series(1, 8) AS j)::vector
        FROM generate_series(1, 2000) AS i
        """,
        "CREATE INDEX docs_v ON docs USING hnsw (v vector_l2_ops)", "ANALYZE docs",
    ]

    private func place(_ database: String) -> AppVectorScene.Place {
        AppVectorScene.Place(database: database, table: "docs", index: "docs_v")
    }

    /// Slow as a server under load is: each row that a search looks at costs some milliseconds.
    private static func slow(_ milliseconds: Double) -> String {
        "overrides: [{ index: public.docs_v, where: \"pg_sleep(\(milliseconds / 1000)) IS NOT NULL\" }]"
    }

    @Test func theBudgetIsKeptWithASlowServer() async throws {
        try await postgres.withDatabase(Self.docs) { database in
            let url = try PostgresUnderTest.url(postgres.superuser(), database: database)
            let app = try AppExporterUnderTest(
                AppVectorScene.configuration(
                    Self.slow(10), probe: "queries: 100, k: 5, timeout: 200ms, vectors: { sample: 4 }"
                )
                .replacing("budget: 100%", with: "budget: 10%"), environment: ["DSN": url])
            let began = ContinuousClock.now
            let skipped = place(database)("vector_search_probes_total", ["result": "skipped"])
            _ = try await app.scrape { ($0[skipped] ?? 0) >= 600 }
            let elapsed = began.duration(to: .now) / .seconds(1)
            let spent = try await AppVectorScene.numbers(
                """
                SELECT sum(total_exec_time) / 1000, sum(calls) FROM pg_stat_statements
                WHERE query LIKE '%/* app-exporter */%' AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
                """, at: url)
            #expect(spent[1] >= 3, "some are made all the same")
            // The advance of one search is earned after 2.2 s.
            #expect(elapsed > 4 && spent[0] <= 0.1 * elapsed, "\(spent[0]) s of \(elapsed) s")
        }
    }

    /// A search of about 60 ms is between the bounds 50 ms and 100 ms, at every percentile.
    @Test func percentilesAreThoseOfTheSearches() async throws {
        try await postgres.withDatabase(Self.docs) { database in
            let url = try PostgresUnderTest.url(postgres.superuser(), database: database)
            let app = try AppExporterUnderTest(
                AppVectorScene.configuration(Self.slow(12), probe: "queries: 5, k: 5, vectors: { sample: 4 }"),
                environment: ["DSN": url])
            let name = "vector_search_probe_duration_seconds"
            let values = try await app.scrape { ($0[place(database)(name + "_count")] ?? 0) >= 8 }
            let count = try #require(values[place(database)(name + "_count")])
            func below(_ bound: String) -> Double {
                values.first { $0.key.hasPrefix(name + "_bucket{") && $0.key.contains("le=\"\(bound)\"") }?.value
                    ?? .nan
            }
            for quantile in [0.5, 0.95] {
                #expect(below("0.05") < quantile * count && below("0.1") >= quantile * count, "\(quantile)")
            }
            #expect((values[place(database)(name + "_sum")] ?? 0) / count > 0.06)
            #expect(values[place(database)("vector_search_probe_short_total")] == 0)
        }
    }

    @Test func searchesThatTakeTooLongAreTimeouts() async throws {
        try await postgres.withDatabase(Self.docs) { database in
            let url = try PostgresUnderTest.url(postgres.superuser(), database: database)
            let app = try AppExporterUnderTest(
                AppVectorScene.configuration(
                    Self.slow(100) + "\ncompat: [dpg]",
                    probe: "queries: 1, k: 5, timeout: 200ms, vectors: { sample: 1 }"), environment: ["DSN": url])
            let place = place(database)
            let values = try await app.scrape {
                ($0[place("vector_search_probes_total", ["result": "timeout"])] ?? 0) >= 2
            }
            #expect(values[place("vector_search_probe_success")] == 0)
            #expect(values["app_exporter_source_up{kind=\"postgres\",source=\"vectors\"}"] != nil)
            #expect((values["app_exporter_group_errors_total{group=\"vector_probe\",reason=\"timeout\"}"] ?? 0) >= 2)
            let old = ["operation": "error", "schema": "public", "table": "docs"]
            #expect((values[AppVectorScene.series("ruvector_index_operations_total", old)] ?? 0) >= 2)
            // The catalogue does not suffer.
            #expect(values[place("vector_index_valid")] == 1)
        }
    }

    @Test func errorsOfSearchesAreToldByTheirState() async throws {
        try await postgres.withDatabase(Self.docs) { database in
            let url = try PostgresUnderTest.url(postgres.superuser(), database: database)
            let failing =
                "overrides: [{ index: public.docs_v, where: \"1 / (ctid = ctid)::int / (random() > 2)::int = 1\" }]"
            let app = try AppExporterUnderTest(
                AppVectorScene.configuration(failing), environment: ["DSN": url])
            let place = place(database)
            let values = try await app.scrape {
                ($0["app_exporter_group_errors_total{group=\"vector_probe\",reason=\"query\"}"] ?? 0) >= 2
            }
            #expect((values[place("vector_search_probes_total", ["result": "error"])] ?? 0) >= 2)
            #expect(values[place("vector_search_probe_errors_total", ["sqlstate": "22012"])] ?? 0 >= 1)
            #expect(app.process.standardError.contains("division by zero"))
        }
    }

    @Test func aLockedTableCostsItsSizesAlone() async throws {
        try await postgres.withDatabase(Self.docs + ["CREATE TABLE free (v vector(3))"]) { database in
            let url = try PostgresUnderTest.url(postgres.superuser(), database: database)
            let app = try AppExporterUnderTest(AppVectorScene.configuration(""), environment: ["DSN": url])
            let place = place(database)
            _ = try await app.scrape { $0[place("vector_search_probe_success")] == 1 }
            async let held: Void = {
                _ = try await PostgresUnderTest.execute(
                    ["DO $$BEGIN LOCK TABLE docs; PERFORM pg_sleep(4); END$$"], at: url)
            }()
            let values = try await app.scrape { $0[place("vector_index_size_bytes")] == nil }
            #expect(values[place("vector_index_valid")] == 1)
            #expect(values["app_exporter_group_success{group=\"vector_catalog\"}"] == 1)
            let free = AppVectorScene.Place(database: database, table: "free")
            #expect(values[free("vector_table_size_bytes")] != nil)
            try await held
            _ = try await app.scrape { $0[place("vector_index_size_bytes")] != nil }
        }
    }

    @Test func aLostConnectionIsOpenedAgain() async throws {
        try await postgres.withDatabase(Self.docs) { database in
            let url = try PostgresUnderTest.url(postgres.superuser(), database: database)
            let app = try AppExporterUnderTest(AppVectorScene.configuration(""), environment: ["DSN": url])
            let count = place(database)("vector_search_probe_duration_seconds_count")
            let first = try await app.scrape { ($0[count] ?? 0) >= 3 }
            let before = try #require(first[count])
            let ended = try await AppVectorScene.numbers(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'app-exporter' AND datname = '\(database)'",
                at: url)
            #expect(ended == [1], "one connection for catalogue and searches")
            _ = try await app.scrape {
                ($0[count] ?? 0) >= before + 6 && $0["app_exporter_group_success{group=\"vector_probe\"}"] == 1
            }
        }
    }

    @Test func anOverrideThatMeansNothingIsTold() async throws {
        try await postgres.withDatabase(Self.docs) { database in
            let url = try PostgresUnderTest.url(postgres.superuser(), database: database)
            let app = try AppExporterUnderTest(
                AppVectorScene.configuration("overrides: [{ index: public.docs_w }]"), environment: ["DSN": url])
            let place = place(database)
            let values = try await app.scrape {
                ($0["app_exporter_group_errors_total{group=\"vector_probe\",reason=\"unsupported\"}"] ?? 0) >= 2
            }
            #expect(values[place("vector_search_probe_success")] == 1)
            #expect(app.process.standardError.contains("there is no index public.docs_w for vector.overrides"))
        }
    }

    /// The same row twice, as after a concurrent build that went wrong, and fewer than there are.
    @Test func shortAnswersAreCounted() async throws {
        let statements = [
            "CREATE EXTENSION vector", "CREATE TABLE docs (id int, v vector(8))",
            """
            INSERT INTO docs SELECT i, (SELECT array_agg(sin(i * j)) FROM generate_series(1, 8) AS j)::vector
            FROM generate_series(1, 3000) AS i
            """,
            "CREATE INDEX docs_v ON docs USING hnsw (v vector_l2_ops)", "ANALYZE docs",
        ]
        try await postgres.withDatabase(statements) { database in
            let url = try PostgresUnderTest.url(postgres.superuser(), database: database)
            // ef_search bounds what one search can give.
            let app = try AppExporterUnderTest(
                AppVectorScene.configuration(
                    "overrides: [{ index: public.docs_v, settings: { hnsw.ef_search: 5 } }]", probe: "queries: 3, k: 50"
                ),
                environment: ["DSN": url])
            let place = place(database)
            let values = try await app.scrape { ($0[place("vector_search_probe_short_total")] ?? 0) >= 3 }
            #expect((values[place("vector_search_probe_results")] ?? 50) < 50)
            #expect(values[place("vector_search_probe_success")] == 1)
            // A row that was deleted since is no miss.
            try await PostgresUnderTest.execute(["DELETE FROM docs WHERE id % 2 = 0"], at: url)
            let count = place("vector_search_probe_duration_seconds_count")
            let then = try await app.scrape()
            let before = try #require(then[count])
            let later = try await app.scrape { ($0[count] ?? 0) >= before + 30 }
            #expect(later[place("vector_search_probe_self_checks_total", ["result": "miss"])] == 0)
        }
    }
}
