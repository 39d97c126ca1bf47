import Foundation
import Testing

/// The vector part against PostgreSQL with pgvector.
@Suite struct AppVectorIntegrationTests {
    private let postgres = PostgresUnderTest(major: 17)
    private static let docs = [
        "CREATE EXTENSION vector",
        "CREATE TABLE docs (id int, embedding vector(8), tenant int)",
        """
        INSERT INTO docs SELECT i, (SELECT array_agg(sin(i * j)) FROM generate_series(1, 8) AS j)::vector, i % 2
        FROM generate_series(1, 2000) AS i
        """,
        "CREATE INDEX docs_hnsw ON docs USING hnsw (embedding vector_cosine_ops) WITH (m = 8)",
        "CREATE INDEX \"Docs half\" ON docs USING ivfflat ((embedding::halfvec(8)) halfvec_l2_ops) WITH (lists = 4) WHERE tenant = 1",
        "CREATE TABLE plain (id int)",
        "ANALYZE",
    ]
    private static let configuration = """
        defaults: { interval: 1s, timeout: 1s }
        sources: { vectors: { postgres: { dsn: { env: DSN } } } }
        vector:
          source: vectors
          catalog: { interval: 1s, timeout: 1s }
          probe: { interval: 1s, budget: 100%, queries: 3, k: 5, buckets: [1ms, 10ms, 100ms, 1s] }
        """

    private func place(_ database: String, _ index: String? = nil) -> String {
        let index = index.map { "index=\"\($0)\"," } ?? ""
        return "database=\"\(database)\",\(index)schema=\"public\",table=\"docs\""
    }

    @Test func catalogueAndProbeDescribeEveryIndex() async throws {
        try await postgres.withDatabase(Self.docs) { database in
            let url = try PostgresUnderTest.url(postgres.superuser(), database: database)
            let app = try AppExporterUnderTest(Self.configuration, environment: ["DSN": url])
            let (hnsw, half) = (place(database, "docs_hnsw"), place(database, "Docs half"))
            let values = try await app.scrape { values in
                [hnsw, half].allSatisfy { (values["vector_search_probe_duration_seconds_count{\($0)}"] ?? 0) >= 6 }
                    && values["vector_index_valid{\(half)}"] != nil
                    && (values["vector_search_probe_self_checks_total{\(check(database, "docs_hnsw", "hit"))}"] ?? 0)
                        >= 6
            }
            let expected: [String: Double] = [
                "vector_table_rows{\(place(database))}": 2000, "vector_index_rows{\(half)}": 1000,
                "vector_index_valid{\(hnsw)}": 1, "vector_search_probe_index_used{\(hnsw)}": 1,
                "vector_search_probe_success{\(hnsw)}": 1, "vector_search_probe_success{\(half)}": 1,
                "vector_search_probe_results{\(hnsw)}": 5, "vector_search_probe_short_total{\(hnsw)}": 0,
                "vector_search_probe_duplicates_total{\(hnsw)}": 0,
                "vector_column_dimensions{column=\"embedding\",\(place(database))}": 8,
                "vector_setting_value{database=\"\(database)\",name=\"hnsw.ef_search\"}": 40,
                "app_exporter_group_success{group=\"vector_catalog\"}": 1,
                "app_exporter_group_success{group=\"vector_probe\"}": 1,
            ]
            for (series, value) in expected { #expect(values[series] == value, "\(series)") }
            #expect((values["vector_index_size_bytes{\(hnsw)}"] ?? 0) > 8192)
            #expect(
                values.keys.contains {
                    $0.hasPrefix(
                        "vector_extension_info{database=\"\(database)\",engine_version=\"\",extension=\"vector\"")
                })
            #expect(values.keys.contains { $0.contains("index=\"docs_hnsw\",lists=\"\",m=\"8\",method=\"hnsw\"") })
            #expect(!values.keys.contains { $0.contains("table=\"plain\"") })
            let hits = values["vector_search_probe_self_checks_total{\(self.check(database, "docs_hnsw", "hit"))}"] ?? 0
            #expect(hits >= 6)
            // The server sees the searches too.
            _ = try await app.scrape { ($0["vector_index_scans_total{\(hnsw)}"] ?? 0) >= 6 }
        }
    }

    private func check(_ database: String, _ index: String, _ result: String) -> String {
        "database=\"\(database)\",index=\"\(index)\",result=\"\(result)\",schema=\"public\",table=\"docs\""
    }

    @Test func aDroppedIndexTakesItsSeriesAlong() async throws {
        try await postgres.withDatabase(Self.docs) { database in
            let url = try PostgresUnderTest.url(postgres.superuser(), database: database)
            let app = try AppExporterUnderTest(Self.configuration, environment: ["DSN": url])
            _ = try await app.scrape { $0["vector_search_probe_success{\(place(database, "docs_hnsw"))}"] == 1 }
            try await PostgresUnderTest.execute(["DROP INDEX docs_hnsw"], at: url)
            let half = place(database, "Docs half")
            _ = try await app.scrape { values in
                !values.keys.contains { $0.contains("index=\"docs_hnsw\"") }
                    && values["vector_search_probe_success{\(half)}"] == 1
            }
        }
    }

    @Test func missingRightsAreAStateAndNotTheEnd() async throws {
        try await postgres.withDatabase(Self.docs) { database in
            let url = try PostgresUnderTest.url(postgres.monitor(), database: database)
            let app = try AppExporterUnderTest(Self.configuration, environment: ["DSN": url])
            let hnsw = place(database, "docs_hnsw")
            let values = try await app.scrape {
                ($0["app_exporter_group_errors_total{group=\"vector_probe\",reason=\"permission\"}"] ?? 0) >= 2
                    && $0["vector_index_valid{\(hnsw)}"] == 1
            }
            #expect(values["vector_search_probe_success{\(hnsw)}"] == 0)
            #expect(values["app_exporter_group_success{group=\"vector_catalog\"}"] == 1)
            let lines = app.process.standardError.split(separator: "\n").filter { $0.contains("group=vector_probe") }
            #expect(lines.count == 1, "\(lines)")
            // The columns alone are enough.
            try await PostgresUnderTest.execute(
                ["GRANT SELECT (embedding, tenant, ctid) ON docs TO monitor"],
                at: PostgresUnderTest.url(postgres.superuser(), database: database))
            _ = try await app.scrape { $0["vector_search_probe_success{\(hnsw)}"] == 1 }
        }
    }

    @Test func aServerWithoutTheExtensionIsToldPlainly() async throws {
        let app = try AppExporterUnderTest(
            Self.configuration, environment: ["DSN": try PostgresUnderTest(major: 15).superuser()])
        let values = try await app.scrape {
            ($0["app_exporter_group_errors_total{group=\"vector_catalog\",reason=\"unsupported\"}"] ?? 0) >= 2
        }
        #expect(values["app_exporter_group_success{group=\"vector_catalog\"}"] == 0)
        #expect(!values.keys.contains { $0.hasPrefix("vector_") })
        #expect(app.process.standardError.contains("run CREATE EXTENSION vector there"))
    }

    @Test func aGuardThatSaysNoSkipsTheSearches() async throws {
        try await postgres.withDatabase(Self.docs) { database in
            let url = try PostgresUnderTest.url(postgres.superuser(), database: database)
            let app = try AppExporterUnderTest(
                Self.configuration.replacingOccurrences(of: "queries: 3,", with: "queries: 3, guard: SELECT false,"),
                environment: ["DSN": url])
            let skipped = "vector_search_probes_total{\(check(database, "docs_hnsw", "skipped"))}"
            let values = try await app.scrape { ($0[skipped] ?? 0) >= 2 }
            #expect(values["vector_search_probe_duration_seconds_count{\(place(database, "docs_hnsw"))}"] == 0)
        }
    }
}
