import ExporterKit
import Foundation
import PostgresClient
import Testing

@testable import pg_exporter

/// What users of other exporters suffer from, each shown not to happen here: locks, hanging questions, piles of scrapes.
struct PostgresPainTests {
    private static let locks = "SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted"

    /// Holds a lock that every question about the databases' roles needs, while something is done.
    private func whileLocked(
        _ relation: String, at url: String, _ use: (PostgresConnection) async throws -> Void
    ) async throws {
        let locker = PostgresConnection.forTests(url, readOnly: false)
        let observer = PostgresConnection.forTests(url)
        async let held = locker.query(
            "DO $$ BEGIN LOCK \(relation) IN ACCESS EXCLUSIVE MODE; PERFORM pg_sleep(8); END $$")
        let isLocked = try await eventually(within: .seconds(5)) {
            (try await observer.query(Self.locks).number(0, 0) ?? 0) > 0
        }
        #expect(isLocked)
        try await use(observer)
        _ = try? await held
        for connection in [locker, observer] { await connection.close() }
    }

    @Test(arguments: PostgresUnderTest.all)
    func fiftyScrapesBesideALockStayWithinTheBudget(server: PostgresUnderTest) async throws {
        try await server.withDatabase(["CREATE TABLE locked (i int)", "CREATE TABLE free (i int)"]) { name in
            let url = try PostgresUnderTest.url(server.superuser(), database: name)
            let exporter = try PgExporterUnderTest(
                url + "&application_name=fleet-\(name)", ["--max-connections=2", "--auto-discover-databases"])
            _ = await exporter.scrape()
            try await whileLocked("locked", at: url) { observer in
                await withTaskGroup { group in
                    for index in 0..<50 {
                        group.addTask {
                            let scrape = await exporter.scrape(within: .milliseconds(500 + 20 * index))
                            #expect(scrape.duration < .seconds(3))
                        }
                    }
                    for _ in 0..<5 {
                        try? await Task.sleep(for: .milliseconds(200))
                        let count = try? await observer.query(
                            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'fleet-\(name)'")
                        #expect((count?.number(0, 0) ?? 99) <= 2)
                    }
                }
            }
            let after = await exporter.scrape()
            #expect(after.failed == [])
            await exporter.close()
        }
    }

    /// A collector whose question waits for a lock takes its time once; from then on it is asked last, and gives up alone.
    @Test(arguments: PostgresUnderTest.all)
    func questionThatHangsCostsOnlyItself(server: PostgresUnderTest) async throws {
        try await server.withDatabase { name in
            let url = try PostgresUnderTest.url(server.superuser(), database: name)
            let exporter = try PgExporterUnderTest(url)
            _ = await exporter.scrape()
            // Sequences of the database are read from this catalogue; nothing else of the scrape needs it.
            try await whileLocked("pg_catalog.pg_sequence", at: url) { observer in
                for _ in 0..<2 {
                    let scrape = await exporter.scrape(within: .seconds(2.5))
                    #expect(scrape.duration < .seconds(2.5))
                    #expect(scrape.value("pg_up") == 1)
                    #expect(Set(scrape.failed).isSubset(of: ["sequence"]), "\(scrape.failed)")
                }
                let isIdle = try await eventually(within: .seconds(3)) {
                    let active = try await observer.query(
                        """
                        SELECT count(*) FROM pg_stat_activity \
                        WHERE application_name = 'pg-exporter' AND state = 'active' AND datname = '\(name)'
                        """)
                    return active.number(0, 0) == 0
                }
                #expect(isIdle)
            }
            #expect(await exporter.scrape().failed == [])
            await exporter.close()
        }
    }

    @Test func rotatedPasswordFileIsReadAtTheNextConnection() async throws {
        let server = PostgresUnderTest.all[0]
        let role = "rotated_\(UInt32.random(in: 0...UInt32.max))"
        try await PostgresUnderTest.execute(["CREATE ROLE \(role) LOGIN PASSWORD 'first'"], at: server.superuser())
        let path = FileManager.default.temporaryDirectory.appendingPathComponent(role).path
        try "first\n".write(toFile: path, atomically: true, encoding: .utf8)
        let parts = try #require(URLComponents(string: try server.superuser()))
        let exporter = try PgExporterUnderTest(
            environment: [
                "DATA_SOURCE_URI": "\(try #require(parts.host)):\(try #require(parts.port))/postgres?sslmode=disable",
                "DATA_SOURCE_USER": role, "DATA_SOURCE_PASS_FILE": path,
            ])
        #expect(await exporter.scrape().value("pg_up") == 1)
        try "second".write(toFile: path, atomically: true, encoding: .utf8)
        try await PostgresUnderTest.execute(
            [
                "ALTER ROLE \(role) PASSWORD 'second'",
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '\(role)'",
            ], at: server.superuser())
        #expect(await exporter.scrape().value("pg_up") == 1)
        await exporter.close()
        try await PostgresUnderTest.execute(["DROP ROLE \(role)"], at: server.superuser())
    }
}
