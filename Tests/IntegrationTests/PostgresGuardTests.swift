import ExporterKit
import Foundation
import PostgresClient
import Testing

@testable import pg_exporter

/// What keeps the number of series and the cost of sizes within bounds, on real servers.
struct PostgresGuardTests {
    private static let tables = [
        "CREATE TABLE large (i int PRIMARY KEY)", "INSERT INTO large SELECT generate_series(1, 50000)",
        "CREATE TABLE middle (i int PRIMARY KEY)", "INSERT INTO middle SELECT generate_series(1, 5000)",
        "CREATE TABLE small (i int PRIMARY KEY)", "INSERT INTO small SELECT generate_series(1, 50)",
        "CREATE SCHEMA app", "CREATE TABLE app.event_1 (i int)", "INSERT INTO app.event_1 VALUES (1), (2)",
        "CREATE TABLE app.eventful (i int)", "VACUUM ANALYZE",
    ]

    /// Names of the tables that have a series, and the sum of all series.
    private func live(_ scrape: Scrape) -> (names: Set<String>, sum: Double) {
        let samples = scrape.family("pg_stat_user_tables_n_live_tup")?.samples ?? []
        let names = samples.compactMap { sample in sample.labels.pairs.first { $0.name == "relname" }?.value }
        let values = samples.map { if case .number(let value) = $0.value { value } else { Double.nan } }
        return (Set(names), values.reduce(0, +))
    }

    @Test(arguments: PostgresUnderTest.all)
    func chosenTablesAreServedAndTheOthersSummed(server: PostgresUnderTest) async throws {
        let cases: [([String], Set<String>)] = [
            (["--tables.limit=2"], ["large", "middle", "other"]),
            (["--tables.min-size=1MB"], ["large", "other"]),
            (["--tables.include=app.event_*"], ["event_1", "other"]),
            (["--tables.include=app.*", "--tables.exclude=event??"], ["eventful", "other"]),
            (["--tables.exclude=app.event*,small"], ["large", "middle", "other"]),
            (["--tables.limit=100"], ["large", "middle", "small", "event_1", "eventful"]),
        ]
        try await server.withDatabase(Self.tables) { name in
            let url = try PostgresUnderTest.url(server.monitor(), database: name)
            let connection = PostgresConnection.forTests(url)
            let rows = try await connection.query("SELECT sum(n_live_tup) FROM pg_stat_user_tables").number(0, 0)
            await connection.close()
            for (arguments, names) in cases {
                let exporter = try PgExporterUnderTest(url, arguments + ["--sizes.fresh-for=0s"])
                let scrape = await exporter.scrape(only: ["stat_user_tables", "statio_user_tables"])
                #expect(scrape.failed == [])
                #expect(live(scrape).names == names, "\(arguments)")
                #expect(live(scrape).sum == rows, "\(arguments)")
                let isCut = names.contains("other")
                for metric in ["pg_stat_user_tables_table_size_bytes", "pg_statio_user_tables_heap_blocks_hit"] {
                    #expect((scrape.value(metric, ["relname": "other", "schemaname": "other"]) != nil) == isCut)
                }
                #expect(scrape.value("pg_stat_user_tables_last_vacuum", ["relname": "other"]) == nil)
                await exporter.close()
            }
        }
    }

    @Test(arguments: PostgresUnderTest.all)
    func sizesAreWhatTheServerSaysAlsoInTheSum(server: PostgresUnderTest) async throws {
        try await server.withDatabase(Self.tables) { name in
            let url = try PostgresUnderTest.url(server.monitor(), database: name)
            let connection = PostgresConnection.forTests(url)
            let sizes = try await connection.query(
                """
                SELECT pg_table_size('large'), pg_indexes_size('large'), \
                sum(pg_table_size(oid)) - pg_table_size('large') FROM pg_class \
                WHERE relkind = 'r' AND relnamespace IN ('public'::regnamespace, 'app'::regnamespace)
                """)
            let exporter = try PgExporterUnderTest(url, ["--tables.limit=1"])
            let scrape = await exporter.scrape()
            #expect(scrape.value("pg_stat_user_tables_table_size_bytes", ["relname": "large"]) == sizes.number(0, 0))
            #expect(scrape.value("pg_stat_user_tables_index_size_bytes", ["relname": "large"]) == sizes.number(0, 1))
            #expect(scrape.value("pg_stat_user_tables_table_size_bytes", ["relname": "other"]) == sizes.number(0, 2))
            await exporter.close()
            await connection.close()
        }
    }

    @Test(arguments: PostgresUnderTest.all)
    func fiveThousandTablesWithALimitAreAHundredAndOne(server: PostgresUnderTest) async throws {
        let tables = """
            DO $$ BEGIN FOR i IN 1..5000 LOOP EXECUTE format('CREATE TABLE t_%s (i int)', i); \
            IF i % 250 = 0 THEN COMMIT; END IF; END LOOP; END $$
            """
        try await server.withDatabase([tables, "INSERT INTO t_1 VALUES (1)", "INSERT INTO t_4999 VALUES (1), (2)"]) {
            name in
            let url = try PostgresUnderTest.url(server.monitor(), database: name)
            let exporter = try PgExporterUnderTest(url, ["--tables.limit=100"])
            #expect(await exporter.scrape().failed == [])
            let first = await exporter.scrape()
            #expect(first.family("pg_stat_user_tables_n_live_tup")?.samples.count == 101)
            #expect(first.family("pg_stat_user_tables_table_size_bytes")?.samples.count == 101)
            #expect(live(first).names.contains("t_1"))
            #expect(live(first).names.contains("t_100"))
            #expect(live(first).sum == 3)
            #expect(first.value("pg_stat_user_tables_n_live_tup", ["relname": "other"]) == 2)
            #expect(first.duration < .seconds(1))
            let second = await exporter.scrape()
            #expect(live(second).names == live(first).names)
            await exporter.close()
        }
    }

    @Test(arguments: PostgresUnderTest.all)
    func indexesHaveAGuardOfTheirOwn(server: PostgresUnderTest) async throws {
        try await server.withDatabase(Self.tables) { name in
            let url = try PostgresUnderTest.url(server.monitor(), database: name)
            let exporter = try PgExporterUnderTest(
                url, ["--indexes.limit=1", "--collector.stat_user_indexes", "--collector.statio_user_indexes"])
            let scrape = await exporter.scrape(only: ["stat_user_indexes", "statio_user_indexes"])
            #expect(scrape.failed == [])
            for metric in [
                "pg_stat_user_indexes_idx_scan_total", "pg_index_size_bytes",
                "pg_statio_user_indexes_idx_blks_hit_total",
            ] {
                let samples = scrape.family(metric)?.samples ?? []
                let names = samples.compactMap { sample in
                    sample.labels.pairs.first { $0.name == "indexrelname" }?.value
                }
                #expect(names.sorted() == ["large_pkey", "other"], "\(metric)")
            }
            let properties = scrape.family("pg_index_properties")?.samples ?? []
            #expect(properties.count == 1)
            #expect(properties.first?.labels.pairs.first { $0.name == "is_primary" }?.value == "1")
            await exporter.close()
        }
    }

    /// A lock that is only waited for makes everybody else wait too.
    @Test(arguments: PostgresUnderTest.all)
    func lockedAndAwaitedTablesAreSkippedAndCounted(server: PostgresUnderTest) async throws {
        try await server.withDatabase(Self.tables) { name in
            let url = try PostgresUnderTest.url(server.superuser(), database: name)
            let connections = (0..<3).map { _ in PostgresConnection.forTests(url, readOnly: false) }
            let observer = PostgresConnection.forTests(url)
            let exporter = try PgExporterUnderTest(
                url, ["--sizes.fresh-for=0s", "--collector.stat_user_indexes", "--collector.table_bloat"])
            #expect(await exporter.scrape().value("pg_exporter_locked_relations_skipped") == 0)
            async let held = connections[0].query(
                "DO $$ BEGIN LOCK large IN ACCESS EXCLUSIVE MODE; PERFORM pg_sleep(4); END $$")
            async let read = connections[1].query("DO $$ BEGIN PERFORM 1 FROM middle; PERFORM pg_sleep(4); END $$")
            let locks = "SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND locktype = 'relation'"
            #expect(
                try await eventually(within: .seconds(3)) {
                    try await observer.query(
                        "\(locks) AND granted AND relation = 'large'::regclass"
                    ).number(0, 0) == 1
                })
            async let awaited = connections[2].query(
                "DO $$ BEGIN LOCK middle IN ACCESS EXCLUSIVE MODE; END $$", within: .seconds(10))
            #expect(
                try await eventually(within: .seconds(3)) {
                    try await observer.query(
                        "\(locks) AND NOT granted AND relation = 'middle'::regclass"
                    ).number(0, 0) == 1
                })
            let scrape = await exporter.scrape()
            #expect(scrape.duration < .seconds(1))
            #expect(scrape.failed == [])
            #expect(scrape.value("pg_exporter_locked_relations_skipped") == 2)
            let sizes = scrape.family("pg_stat_user_tables_table_size_bytes")?.samples ?? []
            let names = sizes.compactMap { sample in sample.labels.pairs.first { $0.name == "relname" }?.value }
            #expect(Set(names) == ["small", "event_1", "eventful"])
            #expect(scrape.value("pg_index_size_bytes", ["indexrelname": "large_pkey"]) == nil)
            #expect(scrape.value("pg_index_size_bytes", ["indexrelname": "small_pkey"]) != nil)
            #expect(scrape.value("pg_stat_user_tables_n_live_tup", ["relname": "large"]) != nil)
            _ = try await (held, read)
            _ = try await awaited
            #expect(await exporter.scrape().value("pg_exporter_locked_relations_skipped") == 0)
            for connection in connections + [observer] { await connection.close() }
            await exporter.close()
        }
    }

    @Test(arguments: PostgresUnderTest.all)
    func sizesAreServedAgainUntilTheyAreOld(server: PostgresUnderTest) async throws {
        try await server.withDatabase(Self.tables) { name in
            let url = try PostgresUnderTest.url(server.superuser(), database: name)
            let kept = try PgExporterUnderTest(url)
            let fresh = try PgExporterUnderTest(url, ["--sizes.fresh-for=0s"])
            func size(_ exporter: PgExporterUnderTest) async -> Double? {
                await exporter.scrape().value("pg_stat_user_tables_table_size_bytes", ["relname": "small"])
            }
            let before = await size(kept)
            #expect(await size(fresh) == before)
            try await PostgresUnderTest.execute(["INSERT INTO small SELECT generate_series(100, 9999)"], at: url)
            #expect(await size(kept) == before)
            #expect(try #require(await size(fresh)) > #require(before))
            await kept.close()
            await fresh.close()
        }
    }

    @Test(arguments: PostgresUnderTest.all)
    func fewerActivityLabelsKeepTheSum(server: PostgresUnderTest) async throws {
        let url = try server.superuser()
        let idle = [
            PostgresConnection.forTests(url, name: "one"), PostgresConnection.forTests(url, name: "two"),
        ]
        for connection in idle { _ = try await connection.query("SELECT 1") }
        for (labels, names) in [
            ("", []), ("state", ["state"]), ("datname,state", ["datname", "state"]), ("usename", ["usename"]),
        ] as [(String, [String])] {
            let exporter = try PgExporterUnderTest(url, ["--collector.stat_activity.labels=\(labels)"])
            let all = try PgExporterUnderTest(url)
            let scrapes = [
                await exporter.scrape(only: ["stat_activity"]), await all.scrape(only: ["stat_activity"]),
            ]
            // The two exporters see each other: the first had one session fewer to count.
            let sums = scrapes.map { scrape in
                (scrape.family("pg_stat_activity_count")?.samples ?? []).reduce(0) { sum, sample in
                    if case .number(let value) = sample.value { sum + value } else { sum }
                }
            }
            #expect(sums[0] + 1 == sums[1], "\(labels)")
            let found = scrapes[0].family("pg_stat_activity_count")?.samples ?? []
            #expect(found.allSatisfy { $0.labels.pairs.map(\.name) == names })
            #expect(Set(found.map(\.labels)).count == found.count)
            await exporter.close()
            await all.close()
        }
        for connection in idle { await connection.close() }
    }

    @Test func seriesOverTheBudgetAreDroppedAndCounted() async throws {
        let server = PostgresUnderTest.all[1]
        let exporter = try PgExporterUnderTest(try server.monitor(), ["--series-limit=600"])
        let scrape = await exporter.scrape()
        let dropped = scrape.family(SeriesBudget.metric.name)?.samples ?? []
        #expect(!dropped.isEmpty)
        #expect(scrape.value("pg_up") == 1)
        #expect(scrape.value("pg_settings_max_connections") == 100)
        let own = scrape.families.filter {
            $0.descriptor.name.hasPrefix("pg_") && $0.descriptor.name != SeriesBudget.metric.name
        }
        #expect(own.reduce(0) { $0 + $1.count } <= 600)
        await exporter.close()
    }
}
