import ExporterKit
import ExporterKitTesting
import Foundation
import PostgresClient
import Testing

@testable import pg_exporter

/// pg-exporter on real servers, inside of this process.
struct PostgresExporterTests {
    private static let schema = [
        "CREATE TABLE plain (i int PRIMARY KEY, t text)",
        "INSERT INTO plain SELECT g, 'x' FROM generate_series(1, 100) g",
        "CREATE TABLE locked (i int PRIMARY KEY)", "CREATE TABLE other (i int)", "CREATE SCHEMA app",
        "CREATE TABLE app.plain (i int)", "ANALYZE", "VACUUM plain", "SELECT i FROM plain WHERE i = 1",
        "SELECT pg_stat_reset()", "CREATE TABLE parts (i int) PARTITION BY RANGE (i)",
    ]

    @Test(arguments: PostgresUnderTest.all)
    func exporterTellsOfItselfAndTheServer(server: PostgresUnderTest) async throws {
        try await server.withDatabase(Self.schema) { name in
            let exporter = try PgExporterUnderTest(PostgresUnderTest.url(server.monitor(), database: name))
            let scrape = await exporter.scrape()
            #expect(scrape.failed == [])
            #expect(
                scrape.value("pg_stat_user_tables_n_live_tup", ["relname": "plain", "schemaname": "public"]) != nil)
            #expect(scrape.value("pg_settings_block_size") == 8_192)
            #expect(scrape.value("pg_settings_wal_segment_size_bytes") == 16_777_216)
            #expect(scrape.value("pg_up") == 1)
            #expect(scrape.value("pg_exporter_last_scrape_error") == 0)
            #expect(scrape.value("pg_exporter_scrapes_total") == 1)
            let identity = try #require(scrape.family("pg_static")?.samples.first?.labels.pairs)
            #expect(identity.map(\.name) == ["server", "short_version", "version"])
            #expect(identity[1].value.hasPrefix("\(server.major)."))
            #expect(identity[2].value.hasPrefix("PostgreSQL \(server.major)."))
            await exporter.close()
        }
    }

    @Test(arguments: PostgresUnderTest.all)
    func settingsAreTheServersNotTheSessions(server: PostgresUnderTest) async throws {
        let exporter = try PgExporterUnderTest(try server.monitor())
        for _ in 0..<2 {
            let scrape = await exporter.scrape()
            for name in [
                "statement_timeout_seconds", "lock_timeout_seconds", "idle_in_transaction_session_timeout_seconds",
                "default_transaction_read_only", "transaction_read_only", "client_connection_check_interval_seconds",
            ] {
                #expect(scrape.value("pg_settings_\(name)") == 0, "\(name)")
            }
            #expect(scrape.value("pg_settings_jit") == 1)
        }
        await exporter.close()
    }

    @Test(arguments: PostgresUnderTest.all)
    func everyNumericSettingOfTheServerIsThere(server: PostgresUnderTest) async throws {
        let exporter = try PgExporterUnderTest(try server.monitor())
        let connection = PostgresConnection.forTests(try server.monitor())
        let settings = try await connection.query(
            "SELECT name FROM pg_settings WHERE vartype IN ('bool', 'integer', 'real')")
        let scrape = await exporter.scrape(only: ["settings"])
        let names = Set(scrape.families.map(\.descriptor.name))
        for row in 0..<settings.rowCount {
            let name = "pg_settings_" + (settings.text(row, 0) ?? "").replacingOccurrences(of: ".", with: "_")
            #expect(["", "_seconds", "_bytes"].contains { names.contains(name + $0) }, "\(name) is missing")
        }
        await connection.close()
        await exporter.close()
    }

    @Test(arguments: PostgresUnderTest.all)
    func warmScrapeIsOneRoundTripOnOneConnection(server: PostgresUnderTest) async throws {
        var parts = try #require(URLComponents(string: try server.monitor()))
        let proxy = try PostgresProxy(to: try #require(parts.port), delay: .milliseconds(60))
        parts.port = proxy.port
        let exporter = try PgExporterUnderTest(try #require(parts.string))
        let cold = await exporter.scrape()
        #expect(cold.failed == [])
        for _ in 0..<3 {
            let before = proxy.roundTrips
            #expect(await exporter.scrape().failed == [])
            #expect(proxy.roundTrips - before == 1)
        }
        #expect(proxy.connections == 1)
        await exporter.close()
        proxy.stop()
    }

    @Test(arguments: PostgresUnderTest.all)
    func exclusivelyLockedTableCostsOnlyItsOwnSizes(server: PostgresUnderTest) async throws {
        try await server.withDatabase(Self.schema) { name in
            let url = try PostgresUnderTest.url(server.superuser(), database: name)
            let locker = PostgresConnection.forTests(url, readOnly: false)
            let exporter = try PgExporterUnderTest(url, ["--sizes.fresh-for=0s"])
            _ = await exporter.scrape()
            async let held = locker.query(
                "DO $$ BEGIN LOCK locked IN ACCESS EXCLUSIVE MODE; PERFORM pg_sleep(6); END $$")
            let observer = PostgresConnection.forTests(url)
            let sql =
                "SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND relation = 'locked'::regclass"
            #expect(try await eventually(within: .seconds(5)) { try await observer.query(sql).number(0, 0) == 1 })
            let scrape = await exporter.scrape(within: .seconds(2))
            #expect(scrape.duration < .seconds(2))
            #expect(scrape.failed == [])
            #expect(scrape.value("pg_stat_user_tables_table_size_bytes", ["relname": "plain"]) != nil)
            #expect(scrape.value("pg_stat_user_tables_table_size_bytes", ["relname": "locked"]) == nil)
            #expect(scrape.value("pg_stat_user_tables_n_live_tup", ["relname": "locked"]) != nil)
            _ = try await held
            let whole = await exporter.scrape()
            #expect(whole.value("pg_stat_user_tables_table_size_bytes", ["relname": "locked"]) != nil)
            for connection in [locker, observer] { await connection.close() }
            await exporter.close()
        }
    }

    @Test(arguments: PostgresUnderTest.all)
    func excludedAndForbiddenDatabasesCostNothing(server: PostgresUnderTest) async throws {
        try await server.withDatabase { name in
            let role = "\(name)_user"
            try await PostgresUnderTest.execute(
                [
                    "CREATE ROLE \(role) LOGIN PASSWORD 'plain'", "REVOKE CONNECT ON DATABASE \(name) FROM PUBLIC",
                ], at: server.superuser())
            var parts = try #require(URLComponents(string: try server.superuser()))
            (parts.user, parts.password) = (role, "plain")
            let exporter = try PgExporterUnderTest(
                try #require(parts.string), ["--exclude-databases=template0, *plate1"])
            let scrape = await exporter.scrape()
            #expect(!scrape.failed.contains("database"))
            #expect(scrape.value("pg_database_size_bytes", ["datname": "postgres"]) != nil)
            #expect(scrape.value("pg_database_connection_limit", ["datname": name]) == -1)
            #expect(scrape.value("pg_database_size_bytes", ["datname": name]) == nil)
            #expect(scrape.value("pg_database_connection_limit", ["datname": "template1"]) == nil)
            // Without pg_monitor the WAL directory is out of reach, and nothing else.
            #expect(Set(scrape.failed) == ["wal", "archiver"])
            #expect(scrape.value("pg_exporter_last_scrape_error") == 1)
            #expect(exporter.log.lines.count == 2)
            _ = await exporter.scrape()
            #expect(exporter.log.lines.count == 2, "one line per change of state")
            await exporter.close()
            try await PostgresUnderTest.execute(["DROP ROLE \(role)"], at: server.superuser())
        }
    }

    @Test func terminatedBackendIsNotSeenByTheNextScrape() async throws {
        let server = PostgresUnderTest.all[1]
        let exporter = try PgExporterUnderTest(try server.monitor() + "&application_name=fleet-terminated")
        #expect(await exporter.scrape().failed == [])
        try await PostgresUnderTest.execute(
            ["SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'fleet-terminated'"],
            at: server.superuser())
        let scrape = await exporter.scrape()
        #expect(scrape.failed == [])
        #expect(scrape.value("pg_settings_block_size") == 8_192)
        #expect(scrape.family("pg_static") != nil)
        await exporter.close()
    }

    @Test func serverThatIsDownIsUpZeroAndOneLine() async throws {
        let exporter = try PgExporterUnderTest("host=127.0.0.1 port=1 user=u password=s3cret")
        for _ in 0..<3 {
            let scrape = await exporter.scrape()
            #expect(scrape.value("pg_up") == 0)
            #expect(scrape.value("pg_exporter_last_scrape_error") == 1)
            #expect(scrape.family("pg_static") == nil)
        }
        #expect(exporter.log.lines.count == 1)
        #expect(exporter.log.lines.first?.contains("s3cret") == false)
        await exporter.close()
    }

    @Test func noServerNamedIsUpZeroAndOneWarning() async throws {
        let exporter = try PgExporterUnderTest("")
        #expect(await exporter.scrape().value("pg_up") == 0)
        #expect(exporter.log.lines.count == 1)
    }
}
