import ExporterKitTesting
import Foundation
import PostgresClient
import Testing

/// Recall as the exporter measures it, against an exact search computed here, outside of the database.
@Suite struct AppVectorRecallIntegrationTests {
    private let postgres = PostgresUnderTest(major: 17)
    private static let rows = 400
    private static let k = 10

    /// Poor indexes on purpose.
    private static let statements = [
        "CREATE EXTENSION vector", "CREATE TABLE docs (id int, v vector(24))", "SELECT setseed(0.5)",
        """
        INSERT INTO docs SELECT i, (SELECT array_agg(random() + 0 * (i + j)) FROM generate_series(1, 24) AS j)::vector
        FROM generate_series(1, \(rows)) AS i
        """,
        "CREATE INDEX docs_l2 ON docs USING hnsw (v vector_l2_ops) WITH (m = 2, ef_construction = 4)",
        "CREATE INDEX docs_ip ON docs USING hnsw (v vector_ip_ops) WITH (m = 2, ef_construction = 4)",
        "CREATE INDEX docs_cosine ON docs USING ivfflat (v vector_cosine_ops) WITH (lists = 20)", "ANALYZE docs",
    ]

    private typealias Distance = @Sendable ([Double], [Double]) -> Double
    @Sendable private static func sum(_ a: [Double], _ b: [Double], _ each: (Double, Double) -> Double) -> Double {
        var sum = 0.0
        for index in a.indices { sum += each(a[index], b[index]) }
        return sum
    }
    private static let distances: [(index: String, sign: String, distance: Distance)] = [
        ("docs_l2", "<->", { a, b in sum(a, b) { ($0 - $1) * ($0 - $1) } }),
        ("docs_ip", "<#>", { a, b in -sum(a, b, *) }),
        ("docs_cosine", "<=>", { a, b in -sum(a, b, *) / (sum(a, a, *) * sum(b, b, *)).squareRoot() }),
    ]

    @Test func recallIsThatOfAnExactComputationOutside() async throws {
        try await postgres.withDatabase(Self.statements) { database in
            let url = try PostgresUnderTest.url(postgres.superuser(), database: database)
            let settings = "{ enable_seqscan: off, hnsw.ef_search: 12 }"
            let overrides = Self.distances.map { "  - { index: public.\($0.index), settings: \(settings) }" }
            // Every row is searched for, so that chance has no part in it.
            let app = try AppExporterUnderTest(
                AppVectorScene.configuration(
                    "recall: { interval: 5s, queries: \(Self.rows), k: \(Self.k) }\noverrides:\n"
                        + overrides.joined(separator: "\n")), environment: ["DSN": url])
            let truth = try await Self.truth(at: url)
            let values = try await app.scrape { values in
                Self.distances.allSatisfy {
                    values[Self.place(database, $0.index)("vector_search_recall_ratio", Self.label)] != nil
                }
            }
            for (index, mean, worst) in truth {
                let place = Self.place(database, index)
                let told = try #require(values[place("vector_search_recall_ratio", Self.label)])
                #expect(abs(told - mean) <= 0.01, "\(index): \(told), outside \(mean)")
                #expect(values[place("vector_search_recall_worst_ratio", Self.label)] == worst, "\(index)")
                #expect(mean < 0.99, "\(index) is too good to show anything: \(mean)")
                #expect(values[place("vector_search_exact_duration_seconds_count")] == Double(Self.rows))
            }
        }
    }

    private static let label = ["k": "\(k)"]
    private static func place(_ database: String, _ index: String) -> AppVectorScene.Place {
        AppVectorScene.Place(database: database, table: "docs", index: index)
    }

    /// Mean and worst share of the nearest rows that searches by the test itself give.
    private static func truth(at url: String) async throws -> [(index: String, mean: Double, worst: Double)] {
        let table = try #require(
            try await PostgresUnderTest.execute(["SELECT id, v FROM docs ORDER BY id"], at: url))
        let texts = (0..<table.rowCount).map { table.text($0, 1) ?? "" }
        let vectors = texts.map { $0.dropFirst().dropLast().split(separator: ",").map { Double($0) ?? .nan } }
        let connection = PostgresConnection.forTests(url)
        defer { Task { await connection.close() } }
        for set in ["enable_seqscan = off", "hnsw.ef_search = 12"] { _ = try await connection.query("SET \(set)") }
        var result: [(index: String, mean: Double, worst: Double)] = []
        for (index, sign, distance) in distances {
            var ratios: [Double] = []
            for (row, text) in texts.enumerated() {
                let found = try await connection.query(
                    "SELECT id FROM docs ORDER BY v \(sign) '\(text)' LIMIT \(k)")
                let all = vectors.map { distance($0, vectors[row]) }
                let limit = all.sorted()[k - 1] + 1e-6
                let near = (0..<found.rowCount).count { all[Int(found.number($0, 0) ?? 0) - 1] <= limit }
                ratios.append(Double(near) / Double(k))
            }
            result.append((index, ratios.reduce(0, +) / Double(rows), ratios.min() ?? .nan))
        }
        return result
    }

    @Test func largeTablesAreLeftAloneAndSlowOnesGivenUp() async throws {
        try await postgres.withDatabase(Self.statements) { database in
            let url = try PostgresUnderTest.url(postgres.superuser(), database: database)
            let large = try AppExporterUnderTest(
                AppVectorScene.configuration("recall: { interval: 1s, max_rows: \(Self.rows - 1) }"),
                environment: ["DSN": url])
            let slow = try AppExporterUnderTest(
                AppVectorScene.configuration(
                    """
                    recall: { interval: 3s, queries: 1, timeout: 200ms }
                    overrides: [{ index: public.docs_l2, where: "pg_sleep(0.01) IS NOT NULL" }]
                    """), environment: ["DSN": url])
            let values = try await large.scrape {
                ($0["app_exporter_group_runs_total{group=\"vector_recall\",result=\"ok\"}"] ?? 0) >= 2
            }
            #expect(
                !values.keys.contains {
                    $0.hasPrefix("vector_search_recall") || $0.hasPrefix("vector_search_exact_duration_seconds_b")
                })
            let (l2, ip) = (Self.place(database, "docs_l2"), Self.place(database, "docs_ip"))
            let given = try await slow.scrape {
                ($0["app_exporter_group_errors_total{group=\"vector_recall\",reason=\"timeout\"}"] ?? 0) >= 1
                    && $0[ip("vector_search_recall_ratio", Self.label)] != nil
            }
            #expect(given[l2("vector_search_recall_ratio", Self.label)] == nil, "one that fails costs only its own")
        }
    }
}
