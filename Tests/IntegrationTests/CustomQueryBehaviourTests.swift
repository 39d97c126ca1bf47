import ExporterKit
import ExporterKitTesting
import Foundation
import Logging
import PostgresClient
import Testing

@testable import ExporterCommand
@testable import pg_exporter

/// What custom queries cost, and how they get on with everything else.
struct CustomQueryBehaviourTests {
    @Test(arguments: PostgresUnderTest.all)
    func keptAnswersAreNotAskedAgainAndFailuresAreNotKept(server: PostgresUnderTest) async throws {
        // Statements that differ in their tables count apart in pg_stat_statements; names of columns do not count.
        let word = "w\(UInt32.random(in: 0...UInt32.max))"
        try await server.withDatabase([
            "CREATE TABLE \(word)_kept (i int)", "CREATE TABLE \(word)_asked (i int)", "CREATE TABLE rows (i int)",
            "GRANT SELECT ON ALL TABLES IN SCHEMA public TO monitor",
        ]) { name in
            let text = """
                kept: {query: SELECT count(*) AS v FROM \(word)_kept, cache_seconds: 3600}
                asked: {query: SELECT count(*) AS v FROM \(word)_asked}
                fragile: {query: SELECT 10 / count(*) AS v FROM rows, cache_seconds: 3600}
                """
            let queries = try CustomQueriesUnderTest(
                try PostgresUnderTest.url(server.monitor(), database: name), [text])
            for _ in 0..<3 {
                let scrape = await queries.scrape()
                #expect(scrape.value("kept_v") == 0)
                #expect(scrape.success("fragile") == 0)
                #expect(scrape.family("fragile_v") == nil)
            }
            #expect(try await server.calls("\(word)_kept") == 1)
            #expect(try await server.calls("\(word)_asked") == 3)
            try await PostgresUnderTest.execute(
                ["INSERT INTO rows VALUES (1), (2)"], at: try PostgresUnderTest.url(server.superuser(), database: name))
            let mended = await queries.scrape()
            #expect(mended.value("fragile_v") == 5)
            #expect(mended.failed == [])
            await queries.close()
        }
    }

    @Test(arguments: PostgresUnderTest.all)
    func warmScrapeWithEverythingIsOneRoundTrip(server: PostgresUnderTest) async throws {
        var parts = try #require(URLComponents(string: try server.monitor()))
        let proxy = try PostgresProxy(to: try #require(parts.port), delay: .milliseconds(60))
        parts.port = proxy.port
        let text = """
            limited: {query: SELECT 1 AS v, timeout: 5}
            guarded: {query: SELECT 2 AS v, predicate_query: SELECT true}
            refused: {query: SELECT 3 AS v, predicate_query: SELECT false}
            named: {query: SELECT 4 AS v, tags: ["schema:public"], metrics: [{v: {usage: GAUGE}}]}
            """
        let queries = try CustomQueriesUnderTest(try #require(parts.string), [text])
        _ = await queries.exporter.scrape()
        for _ in 0..<3 {
            let before = proxy.roundTrips
            let scrape = await queries.exporter.scrape()
            #expect(scrape.failed == [])
            #expect(proxy.roundTrips - before == 1)
            #expect(scrape.value("guarded_v") == 2 && scrape.value("named_v") == 4)
            #expect(scrape.family("refused_v") == nil)
        }
        #expect(proxy.connections == 1)
        await queries.close()
        proxy.stop()
    }

    @Test func predicateThatChangesIsFollowed() async throws {
        let server = PostgresUnderTest.all[1]
        try await server.withDatabase(["CREATE TABLE switch (state bool)", "GRANT SELECT ON switch TO monitor"]) {
            name in
            let owner = try PostgresUnderTest.url(server.superuser(), database: name)
            let queries = try CustomQueriesUnderTest(
                try PostgresUnderTest.url(server.monitor(), database: name),
                ["q: {query: SELECT 1 AS v, predicate_query: SELECT state FROM switch}"])
            #expect(await queries.scrape().family("q_v") == nil)
            try await PostgresUnderTest.execute(["INSERT INTO switch VALUES (true)"], at: owner)
            _ = await queries.scrape()
            #expect(await queries.scrape().value("q_v") == 1)
            try await PostgresUnderTest.execute(["UPDATE switch SET state = false"], at: owner)
            #expect(await queries.scrape().family("q_v") == nil, "what came along with the new answer is not shown")
            await queries.close()
        }
    }

    @Test(arguments: PostgresUnderTest.all)
    func usersQueriesSeeTheirSchemasAndOursDoNot(server: PostgresUnderTest) async throws {
        try await server.withDatabase([
            "CREATE SCHEMA app", "CREATE TABLE app.things AS SELECT 7 AS n", "GRANT USAGE ON SCHEMA app TO PUBLIC",
            "GRANT SELECT ON app.things TO PUBLIC",
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = app', current_database()); END $$",
            "CREATE FUNCTION app.pg_is_in_recovery() RETURNS bool LANGUAGE sql AS 'SELECT true'",
        ]) { name in
            let text = """
                app: {query: SELECT n FROM things}
                path: {query: "SELECT (current_setting('search_path') = 'app')::int AS own"}
                write: {query: "WITH w AS (INSERT INTO things VALUES (1) RETURNING n) SELECT n FROM w"}
                """
            let queries = try CustomQueriesUnderTest(
                try PostgresUnderTest.url(server.superuser(), database: name), [text])
            for _ in 0..<2 {
                let scrape = await queries.exporter.scrape()
                #expect(scrape.value("app_n") == 7)
                #expect(scrape.value("path_own") == 1)
                #expect(scrape.success("write") == 0, "nothing writes")
                #expect(scrape.value("pg_replication_is_replica") == 0)
                #expect(scrape.failed == ["custom_queries"])
            }
            await queries.close()
        }
    }

    @Test func slowQueryCostsTheOthersNothingOnceItIsKnown() async throws {
        let queries = try CustomQueriesUnderTest(
            try PostgresUnderTest.all[0].monitor(),
            ["slow: {query: SELECT 1 AS v FROM pg_sleep(60)}\nquick: {query: SELECT 2 AS v}"])
        _ = await queries.exporter.scrape(within: .seconds(2))
        let scrape = await queries.exporter.scrape(within: .seconds(2))
        #expect(scrape.duration < .seconds(3))
        #expect(scrape.value("quick_v") == 2)
        #expect(scrape.value("pg_settings_block_size") == 8_192)
        #expect(scrape.success("slow") == 0)
        #expect(scrape.success("quick") == 1)
        await queries.close()
    }

    @Test func discoveredDatabasesAreToldApartAndMasterIsAskedOnce() async throws {
        let server = PostgresUnderTest.all[1]
        try await server.withDatabase { name in
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent("q-\(UUID().uuidString).yml")
            try Data("each: {query: SELECT 1 AS v}\nonce: {query: SELECT 1 AS v, master: true}".utf8).write(to: folder)
            defer { try? FileManager.default.removeItem(at: folder) }
            let live = try LiveQueries([folder.path])
            let scrape = ServerScrape(
                PostgresOptions(conninfo: try server.monitor(), applicationName: "discovery"), [],
                discovery: Discovery(isOn: true, includes: { $0 == name }), queries: live,
                log: TroubleLog(Logger(label: "test") { _ in RecordedLog().handler }, target: "test"))
            let exposition = await scrape.source.exposition()
            let each = exposition.families.first { $0.name == "each_v" }?.samples ?? []
            #expect(Set(each.compactMap { $0.labels["datname"] }) == [name, "fleet"])
            let once = exposition.families.first { $0.name == "once_v" }?.samples ?? []
            #expect(once.count == 1 && once[0].labels["datname"] == nil)
            await scrape.close()
        }
    }

    @Test func seriesThatAreThereTwiceAreDroppedAndCounted() async throws {
        let queries = try CustomQueriesUnderTest(
            try PostgresUnderTest.all[0].monitor(),
            ["one: {name: same, query: SELECT 1 AS v}\ntwo: {name: same, query: SELECT 2 AS v}"])
        let route = MetricsRoute(sources: queries.exporter.exporter.sources, options: MetricsRoute.Options())
        let text = String(decoding: await route.render(.text004, until: .after(.seconds(20))), as: UTF8.self)
        #expect(text.split(separator: "\n").filter { $0.hasPrefix("same_v{") }.count == 1)
        #expect(text.contains("exporter_dropped_series_total{reason=\"duplicate\"} 1"))
        await queries.close()
    }

    @Test(arguments: PostgresUnderTest.all)
    func explanationSaysWhatRunsAndWhyNot(server: PostgresUnderTest) async throws {
        let text = """
            good: {query: "SELECT generate_series(1, 3) AS v"}
            old: {query: SELECT 1 AS v, runonserver: "<10"}
            standby: {query: SELECT 1 AS v, tags: [standby]}
            guarded: {query: SELECT 1 AS v, predicate_query: SELECT false}
            extension: {query: SELECT 1 AS v, tags: ["extension:none"]}
            nowhere: {query: SELECT 1 AS v, target_databases: ["nowhere_*"]}
            wide: {query: SELECT 1 AS v, target_databases: [postgres, missing]}
            skipped: {query: SELECT 1 AS v, skip: true}
            forbidden: {query: SELECT 1 AS v FROM pg_authid}
            """
        let queries = try CustomQueriesUnderTest(try server.monitor(), [text], ["--no-collector.locks"])
        let explain = try #require(queries.exporter.exporter.actions["explain"])
        let lines = try await explain(.after(.seconds(20))).split(separator: "\n").map { line in
            line.split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ")
        }
        #expect(lines.first?.contains("primary, user monitor, database fleet") == true)
        for expected in [
            "locks no off; --collector.locks turns it on", "good fleet yes 3 rows",
            "old - no it is for versions <10, this is \(server.major).", "standby - no it is for a standby",
            "guarded fleet no a predicate does not hold", "extension fleet no the database has no extension none",
            "nowhere - no no database matches", "wide postgres yes 1 row", "wide missing failed",
            "skipped - no its entry says skip", "forbidden fleet failed permission: ",
        ] {
            #expect(lines.contains { $0.hasPrefix(expected) }, "\(expected)\n\(lines.joined(separator: "\n"))")
        }
        if server.major == 15 {
            #expect(
                lines.contains("stat_checkpointer no nothing to ask of version \(lines[0].split(separator: " ")[1])"))
        }
        await queries.close()
        let down = try CustomQueriesUnderTest("host=127.0.0.1 port=1", ["a: {query: SELECT 1}"])
        let fail = try #require(down.exporter.exporter.actions["explain"])
        await #expect(throws: CollectorError.self) { try await fail(.after(.seconds(5))) }
        await down.close()
    }
}
