import ExporterKit
import PostgresClient
import Testing

@testable import pg_exporter

/// `stat_statements` on real servers: what it shows, and what it costs the server.
struct PostgresStatementsTests {
    private static let extensions = ["CREATE EXTENSION pg_stat_statements"]

    /// 4096 statements that differ in more than their constants.
    private static let many = (0..<4096).map { number in
        Statement("SELECT 1" + (0..<12).map { number >> $0 & 1 == 0 ? " + 1" : " - 1" }.joined(), prepared: false)
    }

    private func exporter(
        _ server: PostgresUnderTest, _ database: String, _ flags: [String], only: Bool = false
    ) throws -> PgExporterUnderTest {
        try PgExporterUnderTest(
            PostgresUnderTest.url(server.monitor(), database: database),
            ["--collector.stat_statements"] + (only ? ["--collector.disable-defaults"] : [])
                + flags.map { "--collector.stat_statements.\($0)" })
    }

    private func column(_ name: String, _ label: String, _ scrape: Scrape) -> [String] {
        (scrape.family(name)?.samples ?? []).compactMap { $0.labels.pairs.first { $0.name == label }?.value }
    }

    @Test(arguments: PostgresUnderTest.primaries)
    func thousandsOfStatementsCostNoTemporaryFile(server: PostgresUnderTest) async throws {
        try await server.withDatabase(Self.extensions) { name in
            // So little that the rows of all statements do not fit.
            let url = try PostgresUnderTest.url(server.superuser(), database: name)
            try await PostgresUnderTest.execute(
                ["ALTER ROLE monitor IN DATABASE \(name) SET work_mem = '1400kB'"], at: url)
            let connection = PostgresConnection.forTests(url)
            _ = try await connection.query("SELECT pg_stat_statements_reset()")
            _ = await connection.run(Self.many, until: .now + .seconds(30))
            let exporter = try exporter(server, name, ["limit=100"], only: true)
            for _ in 0..<3 {
                let scrape = await exporter.scrape()
                #expect(scrape.failed == [])
                #expect(scrape.family("pg_stat_statements_calls_total")?.samples.count == 100)
                #expect(scrape.family("pg_stat_statements_query_id") == nil)
            }
            await exporter.close()
            func files() async throws -> Double? {
                // The figures of a session are there for others at the latest when it has ended, and a second later.
                try await Task.sleep(for: .seconds(1.5))
                return try await connection.query(
                    "SELECT temp_files FROM pg_stat_database WHERE datname = current_database()"
                ).number(0, 0)
            }
            #expect(try await files() == 0)
            try await PostgresUnderTest.execute(
                ["SELECT count(*) FROM pg_stat_statements(false)"],
                at: PostgresUnderTest.url(server.monitor(), database: name))
            #expect(try await files() == 1, "a plain question writes a file")
            await connection.close()
        }
    }

    @Test(arguments: PostgresUnderTest.primaries)
    func textsAreShownAtOnceReadOnceAndKeepNoPassword(server: PostgresUnderTest) async throws {
        try await server.withDatabase(Self.extensions) { name in
            let url = try PostgresUnderTest.url(server.superuser(), database: name)
            try await PostgresUnderTest.execute(
                ["CREATE ROLE \(name)_role PASSWORD 's3cret''s'", "DROP ROLE \(name)_role"], at: url)
            let exporter = try exporter(server, name, ["include_query", "limit=5000", "query_length=100000"])
            let first = column("pg_stat_statements_query_id", "query", await exporter.scrape())
            #expect(first.contains("CREATE ROLE \(name)_role PASSWORD '***'"))
            #expect(first.allSatisfy { !$0.contains("s3cret") })

            let connection = PostgresConnection.forTests(url)
            func readings() async throws -> Double? {
                try await connection.query(
                    "SELECT coalesce(sum(calls), 0) FROM pg_stat_statements WHERE query LIKE '%min(left(%'"
                ).number(0, 0)
            }
            // The statements of exporter and test are new themselves.
            _ = try await readings()
            for _ in 0..<4 { _ = await exporter.scrape() }
            let before = try await readings()
            for _ in 0..<3 {
                let scrape = await exporter.scrape()
                let ids = column("pg_stat_statements_calls_total", "queryid", scrape)
                #expect(Set(column("pg_stat_statements_query_id", "queryid", scrape)) == Set(ids))
            }
            #expect(try await readings() == before)
            await connection.close()
            await exporter.close()
        }
    }

    @Test(arguments: PostgresUnderTest.all)
    func databasesAndUsersAreLeftOutAndNumbersAreTheExtensions(server: PostgresUnderTest) async throws {
        try await server.withDatabase(Self.extensions) { name in
            let url = try PostgresUnderTest.url(server.superuser(), database: name)
            try await PostgresUnderTest.execute(["SELECT 1 + 2 + 3", "SELECT 4 + 5 + 6"], at: url)
            let exporter = try exporter(
                server, name, ["limit=5000", "exclude_databases=postgres, fleet", "exclude_users=monitor"])
            let scrape = await exporter.scrape()
            #expect(scrape.failed == [])
            let databases = Set(column("pg_stat_statements_calls_total", "datname", scrape))
            #expect(databases.contains(name))
            #expect(databases.isDisjoint(with: ["postgres", "fleet"]))
            #expect(!column("pg_stat_statements_calls_total", "user", scrape).contains("monitor"))
            let connection = PostgresConnection.forTests(url)
            let row = try await connection.query(
                """
                SELECT queryid, calls, rows, total_exec_time / 1000 FROM pg_stat_statements s \
                JOIN pg_database d ON d.oid = s.dbid WHERE query = 'SELECT $1 + $2 + $3' AND datname = '\(name)'
                """)
            let labels = ["datname": name, "queryid": try #require(row.text(0, 0))]
            #expect(row.number(0, 1) == 2)
            #expect(scrape.value("pg_stat_statements_calls_total", labels) == row.number(0, 1))
            #expect(scrape.value("pg_stat_statements_rows_total", labels) == row.number(0, 2))
            let seconds = try #require(scrape.value("pg_stat_statements_seconds_total", labels))
            #expect(abs(seconds - (try #require(row.number(0, 3)))) < 1e-9)
            await connection.close()
            await exporter.close()
        }
    }

    @Test func missingExtensionFailsAloneAndSaysWhatToDo() async throws {
        let server = PostgresUnderTest.all[1]
        try await server.withDatabase { name in
            let exporter = try exporter(server, name, [])
            #expect(await exporter.scrape().failed == ["stat_statements"])
            #expect(exporter.log.lines.count == 1)
            #expect(
                exporter.log.lines.first?.contains("extension pg_stat_statements is not in database \(name)") == true)
            await exporter.close()
        }
    }
}
