import ExporterKitTesting
import Foundation
import Testing

/// Every kind of index of pgvector, and what the catalogues say of it, against the same asked by the test.
@Suite struct AppVectorKindsIntegrationTests {
    private let postgres = PostgresUnderTest(major: 17)

    @Test func everyKindIsFoundSearchedAndMeasured() async throws {
        try await postgres.withDatabase(AppVectorScene.kinds) { database in
            let url = try PostgresUnderTest.url(postgres.superuser(), database: database)
            try await PostgresUnderTest.execute(
                [
                    "ALTER DATABASE \(database) SET hnsw.ef_search = 77",
                    // So small a table is read faster than an index.
                    "ALTER DATABASE \(database) SET enable_seqscan = off",
                    "ALTER ROLE monitor IN DATABASE \(database) SET work_mem = '8MB'",
                    "CREATE TABLE loose (v vector)",
                    "INSERT INTO loose SELECT '[1,2,3]'::vector FROM generate_series(1, 9)",
                    "CREATE INDEX loose_v ON loose USING hnsw ((v::vector(3)) vector_l2_ops)",
                    "CREATE TABLE plain (id int)", "ANALYZE loose",
                ], at: url)
            // Statements of users, not the exporter's.
            for _ in 0..<3 {
                try await PostgresUnderTest.execute(
                    ["SELECT id FROM docs ORDER BY embedding <=> '[1,2,3,4,5,6,7,8]' LIMIT 3"], at: url)
            }
            let app = try AppExporterUnderTest(
                AppVectorScene.configuration(
                    """
                    recall: { interval: 1s, queries: 5, k: 5 }
                    cached_bytes: { interval: 1s }
                    statements: true
                    compat: [dpg]
                    """), environment: ["DSN": url])
            let table = AppVectorScene.Place(database: database, table: "docs")
            let places = AppVectorScene.names.map {
                AppVectorScene.Place(database: database, table: "docs", index: $0)
            }
            let values = try await app.scrape { values in
                places.allSatisfy {
                    (values[$0("vector_search_probes_total", ["result": "ok"])] ?? 0) >= 3
                        && (values[$0("vector_index_scans_total")] ?? 0) >= 3
                        && values[$0("vector_search_recall_ratio", ["k": "5"])] != nil
                        && values[$0("vector_index_cached_bytes")] != nil
                } && values.keys.contains { $0.hasPrefix("vector_statement_calls_total") }
            }
            for place in places {
                let partial = place.index == "Docs half"
                let expected: [(String, Double)] = [
                    (place("vector_index_valid"), 1), (place("vector_index_rows"), partial ? 1000 : 2000),
                    (place("vector_search_probe_success"), 1), (place("vector_search_probe_results"), 5),
                    (place("vector_search_probe_index_used"), 1), (place("vector_search_probe_short_total"), 0),
                    (place("vector_search_probe_duplicates_total"), 0),
                ]
                // With one list of four, or by inner product, an index may really miss a row.
                if !["docs_ip", "docs_halfvec", "Docs half"].contains(place.index) {
                    #expect(values[place("vector_search_probe_self_checks_total", ["result": "miss"])] == 0)
                }
                for (series, value) in expected { #expect(values[series] == value, "\(series)") }
                #expect((values[place("vector_search_probe_self_checks_total", ["result": "hit"])] ?? 0) >= 3)
                #expect((values[place("vector_search_exact_duration_seconds_count")] ?? 0) >= 5)
                let worst = try #require(values[place("vector_search_recall_worst_ratio", ["k": "5"])])
                #expect(worst <= values[place("vector_search_recall_ratio", ["k": "5"])] ?? 0)
                let at = try #require(values[place("vector_search_recall_last_run_timestamp_seconds")])
                #expect(abs(at - Date().timeIntervalSince1970) < 30)
                // Sizes and activity, asked again by the test. Nothing but the exporter uses the indexes.
                let quoted = "'\"\(place.index ?? "")\"'::regclass"
                let bytes = try await AppVectorScene.numbers("SELECT pg_relation_size(\(quoted))", at: url)[0]
                #expect(values[place("vector_index_size_bytes")] == bytes)
                #expect(
                    values[
                        AppVectorScene.series(
                            "ruvector_index_size_bytes",
                            [
                                "index_name": place.index ?? "", "schema": "public", "table": "docs",
                            ])] == bytes)
                #expect(values[place("vector_index_coverage_ratio")] == (partial ? nil : 1))
                let cached = try await AppVectorScene.numbers(
                    "SELECT count(*) * 8192 FROM pg_buffercache WHERE relfilenode = pg_relation_filenode(\(quoted))"
                        + " AND reldatabase = (SELECT oid FROM pg_database WHERE datname = current_database())", at: url
                )[0]
                #expect(values[place("vector_index_cached_bytes")] == cached)
                let counts = try await AppVectorScene.numbers(
                    """
                    SELECT idx_scan, idx_tup_read, idx_tup_fetch, idx_blks_hit, idx_blks_read, extract(epoch FROM last_idx_scan)
                    FROM pg_stat_all_indexes JOIN pg_statio_all_indexes USING (indexrelid) WHERE indexrelid = \(quoted)
                    """, at: url)
                let names = [
                    "vector_index_scans_total", "vector_index_tuples_read_total", "vector_index_tuples_fetched_total",
                    "vector_index_blocks_hit_total", "vector_index_blocks_read_total",
                    "vector_index_last_scan_timestamp_seconds",
                ]
                for (name, now) in zip(names, counts) {
                    let told = try #require(values[place(name)], "\(name)")
                    #expect(told <= now, "\(name) cannot be ahead of the server")
                    #expect(name.contains("read_total") || told > 0, "\(name)")
                }
            }
            try await self.checkTables(values, table, url, database)
            try Self.checkDescriptions(values, database)
            #expect(app.process.standardError.contains("level=warn") == false, "\(app.process.standardError)")
        }
    }

    private func checkTables(
        _ values: [String: Double], _ table: AppVectorScene.Place, _ url: String, _ database: String
    ) async throws {
        let facts = try await AppVectorScene.numbers(
            """
            SELECT n_tup_ins, n_tup_upd, n_tup_hot_upd, n_tup_del, n_dead_tup, pg_table_size('docs'),
                   extract(epoch FROM greatest(last_analyze, last_autoanalyze)) FROM pg_stat_user_tables WHERE relname = 'docs'
            """, at: url)
        for (operation, count) in zip(["insert", "update", "hot_update", "delete"], facts) {
            #expect(values[table("vector_table_row_operations_total", ["operation": operation])] == count)
            let old = ["operation": operation, "schema": "public", "table": "docs"]
            #expect(values[AppVectorScene.series("ruvector_index_operations_total", old)] == count)
        }
        #expect(values[table("vector_table_dead_rows")] == facts[4])
        #expect(values[table("vector_table_size_bytes")] == facts[5])
        #expect(values[table("vector_table_last_analyze_timestamp_seconds")] ?? 0 <= facts[6])
        #expect(values[table("vector_table_rows")] == 2000)
        let old = ["schema": "public", "table": "docs"]
        #expect(values[AppVectorScene.series("ruvector_vector_count", old)] == 2000)
        // All indexes of the table together.
        let searches = AppVectorScene.names.reduce(0.0) { sum, index in
            sum
                + (values[
                    AppVectorScene.Place(database: database, table: "docs", index: index)(
                        "vector_search_probe_duration_seconds_count")] ?? 0)
        }
        #expect(values[AppVectorScene.series("ruvector_search_latency_seconds_count", old)] == searches)
        #expect(
            values[AppVectorScene.series("ruvector_index_operations_total", old.merging(["operation": "error"]) { $1 })]
                == 0)
    }

    private static func checkDescriptions(_ values: [String: Double], _ database: String) throws {
        func series(_ name: String, _ labels: [String: String]) -> String {
            AppVectorScene.series(name, labels.merging(["database": database]) { $1 })
        }
        let docs = ["schema": "public", "table": "docs"]
        let columns = [
            ("embedding", "vector", 8.0), ("bits", "bit", 16), ("sparse", "sparsevec", 8), ("half", "halfvec", 8),
        ]
        for (column, type, dimensions) in columns {
            let labels = docs.merging(["column": column]) { $1 }
            #expect(values[series("vector_column_info", labels.merging(["type": type]) { $1 })] == 1)
            #expect(values[series("vector_column_dimensions", labels)] == dimensions)
        }
        let expected: [(String, [String: String], Double)] = [
            ("vector_extension_info", ["extension": "vector", "extension_version": "0.8.0", "engine_version": ""], 1),
            (
                "vector_index_info",
                docs.merging([
                    "index": "docs_hnsw", "extension": "vector", "method": "hnsw", "opclass": "vector_cosine_ops",
                    "column": "embedding", "partial": "false", "m": "8", "ef_construction": "32", "lists": "",
                ]) { $1 }, 1
            ),
            (
                "vector_index_info",
                docs.merging([
                    "index": "Docs half", "extension": "vector", "method": "ivfflat", "opclass": "halfvec_l2_ops",
                    "column": "", "partial": "true", "m": "", "ef_construction": "", "lists": "4",
                ]) { $1 }, 1
            ),
            ("vector_setting_value", ["name": "hnsw.ef_search"], 77),
            ("vector_setting_value", ["name": "ivfflat.probes"], 1),
            ("vector_setting_value", ["name": "shared_buffers"], 33_554_432),
            ("vector_setting_info", ["name": "hnsw.iterative_scan", "value": "off"], 1),
            ("vector_setting_default_value", ["name": "hnsw.ef_search", "role": ""], 77),
            ("vector_setting_default_value", ["name": "work_mem", "role": "monitor"], 8_388_608),
            ("vector_statement_calls_total", ["operator": "<=>"], 3),
        ]
        for (name, labels, value) in expected { #expect(values[series(name, labels)] == value, "\(name) \(labels)") }
        #expect((values[series("vector_statement_seconds_total", ["operator": "<=>"])] ?? 0) > 0)
        #expect(!values.keys.contains { $0.contains("table=\"plain\"") })
        // A build that is over is not told.
        #expect(!values.keys.contains { $0.hasPrefix("vector_index_build_") })
    }

    @Test func partitionsAreOneOrEach() async throws {
        let statements = [
            "CREATE EXTENSION vector", "CREATE TABLE parts (id int, v vector(4)) PARTITION BY RANGE (id)",
            "CREATE TABLE parts1 PARTITION OF parts FOR VALUES FROM (0) TO (1000)",
            "CREATE TABLE parts2 PARTITION OF parts FOR VALUES FROM (1000) TO (9000)",
            """
            INSERT INTO parts SELECT i, (SELECT array_agg(sin(i * j)) FROM generate_series(1, 4) AS j)::vector
            FROM generate_series(0, 3999) AS i
            """,
            "CREATE INDEX parts_v ON parts USING hnsw (v vector_l2_ops)", "ANALYZE parts",
        ]
        try await postgres.withDatabase(statements) { database in
            let url = try PostgresUnderTest.url(postgres.superuser(), database: database)
            let override = "overrides: [{ index: public.parts_v, settings: { enable_seqscan: off } }]"
            let sum = try AppExporterUnderTest(AppVectorScene.configuration(override), environment: ["DSN": url])
            let each = try AppExporterUnderTest(
                AppVectorScene.configuration("partitions: each"), environment: ["DSN": url])
            let whole = AppVectorScene.Place(database: database, table: "parts", index: "parts_v")
            let values = try await sum.scrape { ($0[whole("vector_index_scans_total")] ?? 0) >= 6 }
            #expect(!values.keys.contains { $0.contains("parts1") || $0.contains("parts2") })
            #expect(values[whole("vector_index_rows")] == 4000)
            #expect(values[whole("vector_search_probe_index_used")] == 1)
            #expect(values[whole("vector_search_probe_results")] == 5)
            #expect(values[whole("vector_search_probe_self_checks_total", ["result": "miss"])] == 0)
            let table = AppVectorScene.Place(database: database, table: "parts")
            #expect(values[table("vector_table_rows")] == 4000)
            #expect(values[table("vector_table_row_operations_total", ["operation": "insert"])] == 4000)
            let bytes = try await AppVectorScene.numbers(
                "SELECT pg_relation_size('parts1_v_idx'), pg_relation_size('parts2_v_idx'), pg_table_size('parts1'),"
                    + " pg_table_size('parts2')", at: url)
            #expect(values[whole("vector_index_size_bytes")] == bytes[0] + bytes[1])
            #expect(values[table("vector_table_size_bytes")] == bytes[2] + bytes[3])
            let leaves = try await each.scrape { values in
                ["1", "2"].allSatisfy { number in
                    let leaf = AppVectorScene.Place(
                        database: database, table: "parts\(number)", index: "parts\(number)_v_idx")
                    return values[leaf("vector_search_probe_success")] == 1
                        && values[leaf("vector_index_size_bytes")] == bytes[number == "1" ? 0 : 1]
                }
            }
            #expect(!leaves.keys.contains { $0.contains("index=\"parts_v\"") || $0.contains("table=\"parts\"") })
        }
    }

    @Test func aBuildIsFollowedAndAnInvalidIndexShows() async throws {
        let statements = [
            "CREATE EXTENSION vector", "CREATE TABLE docs (id int, v vector(32))",
            """
            INSERT INTO docs SELECT i, (SELECT array_agg(sin(i * j)) FROM generate_series(1, 32) AS j)::vector
            FROM generate_series(1, 20000) AS i
            """, "ANALYZE docs",
        ]
        try await postgres.withDatabase(statements) { database in
            let url = try PostgresUnderTest.url(postgres.superuser(), database: database)
            let app = try AppExporterUnderTest(AppVectorScene.configuration(""), environment: ["DSN": url])
            let table = AppVectorScene.Place(database: database, table: "docs")
            _ = try await app.scrape { $0[table("vector_table_rows")] == 20_000 }
            async let build: Void = {
                _ = try await PostgresUnderTest.execute(
                    [
                        "SET max_parallel_maintenance_workers = 0",
                        "CREATE INDEX docs_v ON docs USING hnsw (v vector_l2_ops)",
                    ],
                    at: url)
            }()
            let during = try await app.scrape { $0[table("vector_index_build_progress_ratio")] ?? 0 > 0 }
            let phase = table(
                "vector_index_build_in_progress",
                ["command": "CREATE INDEX", "phase": "building index: loading tuples"])
            #expect(during[phase] == 1, "\(during.keys.filter { $0.contains("build") })")
            #expect(during[table("vector_index_build_progress_ratio")] ?? 2 <= 1)
            #expect(during[table("vector_index_build_elapsed_seconds")] ?? 0 > 0)
            try await build
            let index = AppVectorScene.Place(database: database, table: "docs", index: "docs_v")
            _ = try await app.scrape { $0[index("vector_index_valid")] == 1 && $0[phase] == nil }
            try await PostgresUnderTest.execute(
                ["UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'docs_v'::regclass"], at: url)
            _ = try await app.scrape { $0[index("vector_index_valid")] == 0 }
            let count = index("vector_search_probe_duration_seconds_count")
            try await Task.sleep(for: .milliseconds(1_500))
            let before = try await app.scrape()[count]
            try await Task.sleep(for: .milliseconds(1_500))
            #expect(try await app.scrape()[count] == before, "an invalid index is not searched")
        }
    }

    @Test func cubeGoesTheSameWay() async throws {
        let statements = [
            "CREATE EXTENSION cube", "CREATE TABLE places (at cube)",
            "INSERT INTO places SELECT cube(ARRAY[sin(i), cos(i), i]) FROM generate_series(1, 3000) AS i",
            "CREATE INDEX places_at ON places USING gist (at)",
            "CREATE INDEX places_near ON places USING gist (at) WHERE at <-> cube(ARRAY[0, 0, 0]) < 2000", "ANALYZE",
        ]
        let postgres = PostgresUnderTest(major: 15)
        try await postgres.withDatabase(statements) { database in
            let url = try PostgresUnderTest.url(postgres.superuser(), database: database)
            let app = try AppExporterUnderTest(
                AppVectorScene.configuration(
                    """
                    extensions: [cube]
                    recall: { interval: 1s, queries: 5, k: 5 }
                    overrides:
                      - { index: public.places_at, operator: <=> }
                      - { index: public.places_near, where: "at <-> cube(ARRAY[0, 0, 0]) < 1000" }
                    """), environment: ["DSN": url])
            let (whole, near) = (
                AppVectorScene.Place(database: database, table: "places", index: "places_at"),
                AppVectorScene.Place(database: database, table: "places", index: "places_near")
            )
            let values = try await app.scrape { values in
                [whole, near].allSatisfy { values[$0("vector_search_recall_ratio", ["k": "5"])] == 1 }
                    && values[near("vector_search_probe_success")] == 1
                    && values[whole("vector_search_probe_index_used")] == 1
            }
            #expect(values[whole("vector_search_probe_results")] == 5)
            #expect(values[whole("vector_search_probe_self_checks_total", ["result": "miss"])] == 0)
            #expect(values[near("vector_index_coverage_ratio")] == nil)
            #expect(
                values[
                    AppVectorScene.series(
                        "vector_column_dimensions",
                        [
                            "column": "at", "database": database, "schema": "public", "table": "places",
                        ])] == 3, "from a stored value")
            #expect(values.keys.contains { $0.hasPrefix("vector_index_info{") && $0.contains("method=\"gist\"") })
            // PostgreSQL 15 keeps no time of the last scan.
            #expect(!values.keys.contains { $0.hasPrefix("vector_index_last_scan") })
        }
    }
}
