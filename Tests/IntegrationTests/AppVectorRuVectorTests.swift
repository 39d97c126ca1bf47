import ExporterKitTesting
import Foundation
import Testing

/// RuVector cannot be had. What its catalogues are documented to look like can: its type, functions, operators, operator
/// classes and access method by name, over pgvector's library, owned by an extension that only the catalogue knows.
@Suite struct AppVectorRuVectorIntegrationTests {
    private let postgres = PostgresUnderTest(major: 17)

    /// - Parameters:
    ///   - engine: what its version function tells.
    ///   - type: forks rename it, and the extension.
    static func statements(engine: String, type: String = "ruvector", method: String = "ruhnsw") -> [String] {
        func function(_ name: String, _ arguments: String, _ result: String, _ symbol: String) -> String {
            "CREATE FUNCTION \(name)(\(arguments)) RETURNS \(result) AS '$libdir/vector', '\(symbol)' "
                + "LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE"
        }
        let pair = "\(type), \(type)"
        func operatorClass(_ name: String, _ sign: String, _ metric: String) -> String {
            "CREATE OPERATOR CLASS \(type)_\(name)_ops FOR TYPE \(type) USING \(method) AS "
                + "OPERATOR 1 \(sign) (\(pair)) FOR ORDER BY float_ops, FUNCTION 1 \(type)_\(metric)(\(pair))"
        }
        return [
            "SET allow_system_table_mods = on",
            """
            INSERT INTO pg_extension (oid, extname, extowner, extnamespace, extrelocatable, extversion)
            VALUES (999999, '\(type)', 10, 'public'::regnamespace, false, '0.3.0')
            """,
            "CREATE TYPE \(type)",
            function("\(type)_in", "cstring, oid, integer", type, "vector_in"),
            function("\(type)_out", type, "cstring", "vector_out"),
            function("\(type)_typmod_in", "cstring[]", "integer", "vector_typmod_in"),
            "CREATE TYPE \(type) (INPUT = \(type)_in, OUTPUT = \(type)_out, TYPMOD_IN = \(type)_typmod_in, STORAGE = external)",
            function(type, "\(type), integer, boolean", type, "vector"),
            "CREATE CAST (\(type) AS \(type)) WITH FUNCTION \(type)(\(type), integer, boolean) AS IMPLICIT",
            function("\(type)_l2_distance", pair, "float8", "l2_distance"),
            // As documented: the operator gives the product itself, the access method sorts by the negative one.
            function("\(type)_inner_product", pair, "float8", "inner_product"),
            function("\(type)_ip_metric", pair, "float8", "vector_negative_inner_product"),
            function("\(type)_l2_metric", pair, "float8", "vector_l2_squared_distance"),
            "CREATE FUNCTION \(type)_version() RETURNS text LANGUAGE sql IMMUTABLE AS $$SELECT '\(engine)'$$",
            "CREATE OPERATOR <-> (LEFTARG = \(type), RIGHTARG = \(type), PROCEDURE = \(type)_l2_distance)",
            "CREATE OPERATOR <#> (LEFTARG = \(type), RIGHTARG = \(type), PROCEDURE = \(type)_inner_product)",
            "CREATE FUNCTION \(method)_handler(internal) RETURNS index_am_handler AS '$libdir/vector', 'hnswhandler' LANGUAGE C",
            "CREATE ACCESS METHOD \(method) TYPE INDEX HANDLER \(method)_handler",
            operatorClass("l2", "<->", "l2_metric"), operatorClass("ip", "<#>", "ip_metric"),
            "ALTER EXTENSION \(type) ADD TYPE \(type)", "ALTER EXTENSION \(type) ADD FUNCTION \(type)_version()",
            "ALTER EXTENSION \(type) ADD ACCESS METHOD \(method)",
            "ALTER EXTENSION \(type) ADD OPERATOR CLASS \(type)_l2_ops USING \(method)",
            "ALTER EXTENSION \(type) ADD OPERATOR CLASS \(type)_ip_ops USING \(method)",
            "CREATE TABLE memory_entries (id int, embedding \(type)(8), is_active bool)",
            """
            INSERT INTO memory_entries
            SELECT i, (SELECT '[' || string_agg(sin(i * j)::text, ',') || ']' FROM generate_series(1, 8) AS j)::\(type), i % 2 = 0
            FROM generate_series(1, 3000) AS i
            """,
            "CREATE INDEX memory_l2 ON memory_entries USING \(method) (embedding \(type)_l2_ops) WITH (m = 8)",
            "CREATE INDEX memory_ip ON memory_entries USING \(method) (embedding \(type)_ip_ops)",
            "CREATE TABLE patterns AS SELECT * FROM memory_entries",
            "CREATE INDEX patterns_active ON patterns USING \(method) (embedding \(type)_l2_ops) WHERE is_active",
            "ANALYZE",
        ]
    }

    private func place(_ database: String, _ index: String? = nil) -> AppVectorScene.Place {
        AppVectorScene.Place(database: database, table: "memory_entries", index: index)
    }

    /// The method is called `hnsw` in some releases, which is pgvector's own name: it decides nothing.
    @Test(arguments: ["ruhnsw", "hnsw"])
    func itIsFoundAndSearchedOnceAskedFor(method: String) async throws {
        try await postgres.withDatabase(Self.statements(engine: "2.0.6", method: method)) { database in
            let url = try PostgresUnderTest.url(postgres.superuser(), database: database)
            try await PostgresUnderTest.execute(
                [
                    "ALTER DATABASE \(database) SET ruvector.hnsw_ef_search = 64",
                    // So small a table is read faster than an index.
                    "ALTER DATABASE \(database) SET enable_seqscan = off",
                ], at: url)
            let app = try AppExporterUnderTest(
                AppVectorScene.configuration(
                    """
                    ruvector: { probe: true }
                    recall: { interval: 1s, queries: 20, k: 5 }
                    compat: [dpg]
                    """, probe: "queries: 3, k: 500"), environment: ["DSN": url])
            let indexes =
                ["memory_l2", "memory_ip"].map { place(database, $0) }
                + [AppVectorScene.Place(database: database, table: "patterns", index: "patterns_active")]
            let values = try await app.scrape { values in
                indexes.allSatisfy { values[$0("vector_search_recall_ratio", ["k": "5"])] != nil }
                    && indexes.allSatisfy { (values[$0("vector_index_tuples_read_total")] ?? 0) > 0 }
                    && indexes.allSatisfy { values[$0("vector_search_probe_success")] == 1 }
            }
            for index in indexes {
                // pgvector gives 40 rows of 100; RuVector would give no more than 100, so no more are asked for.
                #expect((values[index("vector_search_probe_results")] ?? 1_000) <= 100)
                #expect(values[index("vector_search_probe_index_used")] == 1)
                // What it does not count is not there, though the server has a number.
                #expect(values[index("vector_index_scans_total")] == nil)
                #expect(values[index("vector_index_last_scan_timestamp_seconds")] == nil)
                // By inner product others are nearer, and an answer of 40 rows does not say whether it would have come.
                guard index.index != "memory_ip" else { continue }
                #expect(values[index("vector_search_probe_self_checks_total", ["result": "miss"])] == 0)
            }
            #expect((values[indexes[0]("vector_search_recall_ratio", ["k": "5"])] ?? 0) > 0.9)
            #expect((values[indexes[2]("vector_search_recall_ratio", ["k": "5"])] ?? 0) > 0.9)
            // With the operator's own sign the truth would be the farthest rows, and this next to 0.
            #expect((values[indexes[1]("vector_search_recall_ratio", ["k": "5"])] ?? 0) > 0.5)
            let expected: [(String, [String: String])] = [
                (
                    "vector_extension_info",
                    ["extension": "ruvector", "extension_version": "0.3.0", "engine_version": "2.0.6"]
                ),
                ("vector_setting_default_value", ["name": "ruvector.hnsw_ef_search", "role": ""]),
                (
                    "vector_column_info",
                    ["schema": "public", "table": "memory_entries", "column": "embedding", "type": "ruvector"]
                ),
                (
                    "vector_column_dimensions",
                    ["schema": "public", "table": "memory_entries", "column": "embedding"]
                ),
                (
                    "vector_index_info",
                    [
                        "schema": "public", "table": "memory_entries", "index": "memory_l2", "extension": "ruvector",
                        "method": method, "opclass": "ruvector_l2_ops", "column": "embedding", "partial": "false",
                        "m": "8", "ef_construction": "", "lists": "",
                    ]
                ),
            ]
            for (name, labels) in expected {
                let series = AppVectorScene.series(name, labels.merging(["database": database]) { $1 })
                let number = name.hasSuffix("_value") ? 64.0 : name.hasSuffix("_dimensions") ? 8 : 1
                #expect(values[series] == number, "\(series)")
            }
            let old = ["schema": "public", "table": "memory_entries"]
            #expect(values[AppVectorScene.series("ruvector_vector_count", old)] == 3000)
            #expect((values[AppVectorScene.series("ruvector_search_latency_seconds_count", old)] ?? 0) >= 6)
        }
    }

    @Test func withoutConsentOrWithAnOldEngineNothingIsSearched() async throws {
        try await postgres.withDatabase(Self.statements(engine: "2.0.1")) { database in
            let url = try PostgresUnderTest.url(postgres.superuser(), database: database)
            let silent = try AppExporterUnderTest(
                AppVectorScene.configuration("recall: { interval: 1s }"), environment: ["DSN": url])
            let refused = try AppExporterUnderTest(
                AppVectorScene.configuration("ruvector: { probe: true }\nrecall: { interval: 1s }"),
                environment: ["DSN": url])
            let told = try await refused.scrape {
                ($0["app_exporter_group_errors_total{group=\"vector_probe\",reason=\"unsupported\"}"] ?? 0) >= 2
            }
            #expect(refused.process.standardError.contains("ruvector 2.0.1 is older than 2.0.3"))
            let quiet = try await silent.scrape {
                ($0["app_exporter_group_runs_total{group=\"vector_recall\",result=\"ok\"}"] ?? 0) >= 2
                    && ($0["app_exporter_group_runs_total{group=\"vector_probe\",result=\"ok\"}"] ?? 0) >= 2
            }
            for values in [told, quiet] {
                #expect(values[place(database, "memory_l2")("vector_index_valid")] == 1, "the catalogue is there")
                #expect(!values.keys.contains { $0.hasPrefix("vector_search_") })
            }
            let used = try await AppVectorScene.numbers(
                "SELECT sum(idx_scan) FROM pg_stat_user_indexes WHERE relname = 'memory_entries'", at: url)
            #expect(used == [0])
        }
    }

    @Test func aForkIsKnownByItsType() async throws {
        try await postgres.withDatabase(Self.statements(engine: "0.3.2", type: "swarmvector")) { database in
            let url = try PostgresUnderTest.url(postgres.superuser(), database: database)
            let app = try AppExporterUnderTest(
                AppVectorScene.configuration(
                    "extensions: [swarmvector]\nruvector: { probe: true, types: [swarmvector] }"),
                environment: ["DSN": url])
            let index = place(database, "memory_l2")
            let values = try await app.scrape { $0[index("vector_search_probe_success")] == 1 }
            #expect(values[index("vector_index_scans_total")] == nil)
            #expect(values[index("vector_index_valid")] == 1)
        }
    }
}
