import Foundation
import PostgresClient
import Testing

/// What the tests of the vector part share.
enum AppVectorScene {
    /// A series as it is printed.
    static func series(_ name: String, _ labels: [String: String]) -> String {
        name + "{" + labels.sorted { $0.key < $1.key }.map { "\($0.key)=\"\($0.value)\"" }.joined(separator: ",") + "}"
    }

    /// Series of one index.
    struct Place {
        let database: String
        let table: String
        var index: String?

        func callAsFunction(_ name: String, _ more: [String: String] = [:]) -> String {
            var labels = ["database": database, "schema": "public", "table": table].merging(more) { $1 }
            labels["index"] = index
            return AppVectorScene.series(name, labels)
        }
    }

    /// A configuration that asks often; `more` are keys of the vector section.
    static func configuration(_ more: String, probe: String = "queries: 3, k: 5") -> String {
        """
        defaults: { interval: 1s, timeout: 1s, jitter: 0% }
        sources: { vectors: { postgres: { dsn: { env: DSN } } } }
        vector:
          source: vectors
          catalog: { interval: 1s, timeout: 1s }
          probe: { interval: 1s, budget: 100%, \(probe) }
        \(more.split(separator: "\n").map { "  " + $0 }.joined(separator: "\n"))
        """
    }

    /// One row of one number, or several, asked by the test itself.
    static func numbers(_ sql: String, at url: String) async throws -> [Double] {
        let table = try #require(try await PostgresUnderTest.execute([sql], at: url))
        return table.columns.indices.map { table.number(0, $0, booleans: true) ?? .nan }
    }

    /// Every kind of index that pgvector has, and a few ways to make one.
    static let kinds = [
        "CREATE EXTENSION vector", "CREATE EXTENSION pg_stat_statements", "CREATE EXTENSION pg_buffercache",
        "CREATE TABLE docs (id int, embedding vector(8), tenant int, bits bit(16), sparse sparsevec(8), half halfvec(8))",
        """
        INSERT INTO docs SELECT i, e, i % 2, binary_quantize((e::real[] || e::real[])::vector(16)), e::sparsevec, e::halfvec
        FROM (SELECT i, (SELECT array_agg(sin(i * j)) FROM generate_series(1, 8) AS j)::vector AS e
              FROM generate_series(1, 2000) AS i) AS made
        """,
        "CREATE INDEX docs_hnsw ON docs USING hnsw (embedding vector_cosine_ops) WITH (m = 8, ef_construction = 32)",
        "CREATE INDEX docs_ip ON docs USING hnsw (embedding vector_ip_ops)",
        "CREATE INDEX docs_l1 ON docs USING hnsw (embedding vector_l1_ops)",
        "CREATE INDEX docs_bits ON docs USING hnsw (bits bit_hamming_ops)",
        "CREATE INDEX docs_quantized ON docs USING hnsw ((binary_quantize(embedding)::bit(8)) bit_jaccard_ops)",
        "CREATE INDEX docs_sparse ON docs USING hnsw (sparse sparsevec_l2_ops)",
        "CREATE INDEX docs_halfvec ON docs USING ivfflat (half halfvec_cosine_ops) WITH (lists = 4)",
        "CREATE INDEX \"Docs half\" ON docs USING ivfflat ((embedding::halfvec(8)) halfvec_l2_ops) WITH (lists = 4) WHERE tenant = 1",
        "ANALYZE",
    ]
    /// Index, column or nothing for an expression.
    static let names = [
        "docs_hnsw", "docs_ip", "docs_l1", "docs_bits", "docs_quantized", "docs_sparse", "docs_halfvec", "Docs half",
    ]
}
