import Foundation
import PostgresClient
import Testing

/// What a run costs on the way, on a real server.
struct PostgresTravelTests {
    private let server = PostgresUnderTest.all[1]
    private var deadline: ContinuousClock.Instant { .now + .seconds(20) }

    @Test func statementsOfARunLeaveTogether() async throws {
        let url = try #require(URLComponents(string: try server.monitor()))
        let proxy = try PostgresProxy(to: try #require(url.port), delay: .zero)
        defer { proxy.stop() }
        var own = url
        own.port = proxy.port
        let connection = PostgresConnection.forTests(try #require(own.string))
        let statements = (0..<40).map { Statement("SELECT \($0)") }
        // The first run prepares them.
        for _ in 0..<2 {
            _ = try await connection.connect(until: deadline)
            let before = (packets: proxy.packets, roundTrips: proxy.roundTrips)
            let replies = await connection.run(statements, until: deadline)
            #expect(try replies.map { try $0.result.get().number(0, 0) } == (0..<40).map(Double.init))
            #expect(proxy.roundTrips - before.roundTrips == 1)
            #expect(proxy.packets - before.packets <= 2)
        }
        await connection.close()
    }

    @Test func openConnectionIsFoundWithoutATalk() async throws {
        let connection = PostgresConnection.forTests(try server.monitor())
        let first = try await connection.connect(until: deadline)
        for _ in 0..<100 {
            _ = await connection.run([Statement("SELECT 1")], until: deadline)
            #expect(try await connection.connect(until: deadline) == first)
        }
        await connection.close()
        // It is told at once, although the deadline is far.
        do throws(PostgresError) {
            _ = try await connection.connect(until: deadline)
            Issue.record("a closed connection is no connection")
        } catch {
            #expect(error.kind == .cancelled)
        }
    }

    @Test func connectionLostWhileIdleIsNotTakenForOpen() async throws {
        let connection = PostgresConnection.forTests(try server.monitor())
        for _ in 0..<5 {
            let pid = try await connection.connect(until: deadline).backendPID
            try await PostgresUnderTest.execute(["SELECT pg_terminate_backend(\(pid), 5000)"], at: server.superuser())
            #expect(try await connection.connect(until: deadline).backendPID != pid)
        }
        await connection.close()
    }
}
