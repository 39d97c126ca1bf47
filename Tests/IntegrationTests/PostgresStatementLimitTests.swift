import ExporterKit
import Foundation
import PostgresClient
import Testing

/// A statement's own timeout and `search_path` on real servers.
struct PostgresStatementLimitTests {
    private static let timeout = Statement("SELECT current_setting('statement_timeout')")
    private static let path = "SELECT current_setting('search_path')"

    private func text(_ reply: StatementReply?) throws -> String? {
        try #require(reply).result.get().text(0, 0)
    }

    @Test(arguments: PostgresUnderTest.all)
    func statementIsLimitedAloneAndTheSessionIsAsBefore(server: PostgresUnderTest) async throws {
        let connection = PostgresConnection(PostgresOptions(conninfo: try server.monitor(), applicationName: "limits"))
        for _ in 0..<3 {
            let replies = await connection.run(
                [
                    Self.timeout, Statement("SELECT pg_sleep(5)", timeout: .milliseconds(100)),
                    Statement("SELECT current_setting('statement_timeout')", timeout: .seconds(7)),
                    Statement("SELECT current_setting('statement_timeout')::interval <= '20s'", timeout: .seconds(60)),
                    Self.timeout,
                ], until: .now + .seconds(20))
            try #require(replies.count == 5)
            let session = try #require(try text(replies[0]))
            guard case .failure(let error) = replies[1].result else { throw CancellationError() }
            #expect(error.kind == .timeout)
            #expect(error.sqlState == "57014")
            #expect(replies[1].duration < .seconds(1))
            #expect(try text(replies[2]) == "7s")
            #expect(try text(replies[3]) == "t", "never more than the run has")
            #expect(try text(replies[4]) == session)
        }
        await connection.close()
    }

    @Test(arguments: PostgresUnderTest.all)
    func searchPathOfTheServerHoldsForOneStatement(server: PostgresUnderTest) async throws {
        let role = "path_\(UInt32.random(in: 0...UInt32.max))"
        try await PostgresUnderTest.execute(
            ["CREATE ROLE \(role) LOGIN PASSWORD 'x'", "ALTER ROLE \(role) SET search_path = app, public"],
            at: server.superuser())
        var parts = try #require(URLComponents(string: try server.superuser()))
        (parts.user, parts.password) = (role, "x")
        let url = try #require(parts.string)
        let connection = PostgresConnection(PostgresOptions(conninfo: url, applicationName: "path"))
        for _ in 0..<2 {
            let replies = await connection.run(
                [
                    Statement(Self.path), Statement(Self.path, searchPath: .server),
                    Statement("SELECT nothing", searchPath: .server), Statement(Self.path + " AS again"),
                    Statement(Self.path + " AS both", timeout: .seconds(1), searchPath: .server),
                ], until: .now + .seconds(20))
            try #require(replies.count == 5)
            #expect(try text(replies[0]) == "pg_catalog, pg_temp")
            #expect(try text(replies[1]) == "app, public")
            guard case .failure(let error) = replies[2].result else { throw CancellationError() }
            #expect(error.kind == .unsupported)
            #expect(try text(replies[3]) == "pg_catalog, pg_temp", "a failure leaves nothing behind")
            #expect(try text(replies[4]) == "app, public")
        }
        await connection.close()
        try await PostgresUnderTest.execute(["DROP ROLE \(role)"], at: server.superuser())
    }

    @Test func ownLimitsCostNoRoundTrip() async throws {
        let server = PostgresUnderTest.all[1]
        var parts = try #require(URLComponents(string: try server.monitor()))
        let proxy = try PostgresProxy(to: try #require(parts.port), delay: .milliseconds(60))
        parts.port = proxy.port
        let connection = PostgresConnection(
            PostgresOptions(conninfo: try #require(parts.string), applicationName: "trips"))
        let statements = (0..<4).map { Statement("SELECT \($0)", timeout: .seconds(1), searchPath: .server) }
        _ = await connection.run(statements, until: .now + .seconds(20))
        let before = proxy.roundTrips
        let replies = await connection.run(statements, until: .now + .seconds(20))
        #expect(proxy.roundTrips - before == 1)
        #expect(replies.compactMap { try? text($0) } == ["0", "1", "2", "3"])
        // Four of the statements and one of what sets their limits, once each.
        let held = try await connection.query("SELECT count(*) FROM pg_prepared_statements")
        #expect(held.number(0, 0) == 5)
        await connection.close()
        proxy.stop()
    }

    @Test func typesOfColumnsAreTold() async throws {
        let connection = PostgresConnection.forTests(try PostgresUnderTest.all[0].monitor())
        let table = try await connection.query("SELECT true, 1::int4, 'x'::text, now()")
        #expect(table.types == [16, 23, 25, 1184])
        await connection.close()
    }
}
