import Foundation
import Glibc
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

    @Test func connectionIsOpenBeforeTheFirstScrapeAndHasAskedNothing() async throws {
        let name = "fleet-early-\(UInt32.random(in: 0...UInt32.max))"
        let exporter = try FleetProcess(
            "pg-exporter", ["--web.listen-address=127.0.0.1:0"],
            environment: ["DATA_SOURCE_NAME": try server.monitor() + "&application_name=\(name)"])
        let sql = "SELECT count(*) FROM pg_stat_activity WHERE application_name = '\(name)' AND query_start IS NULL"
        let isOpen = try await eventually(within: .seconds(10)) {
            try await PostgresUnderTest.execute([sql], at: server.superuser())?.number(0, 0) == 1
        }
        #expect(isOpen)
        exporter.signal(SIGTERM)
        #expect(try await exporter.exitStatus(within: .seconds(10)) == 0)
    }

    @Test func serverThatNeverAnswersDelaysNeitherTheStartNorTheEnd() async throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_in.loopback(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = address.withPointer { pointer in
            bind(listener, pointer, length) == 0 && listen(listener, 16) == 0
                && getsockname(listener, pointer, &length) == 0
        }
        try #require(isListening)
        let port = UInt16(bigEndian: address.sin_port)
        let began = ContinuousClock.now
        let exporter = try FleetProcess(
            "pg-exporter", ["--web.listen-address=127.0.0.1:0"],
            environment: ["DATA_SOURCE_NAME": "postgresql://u:p@127.0.0.1:\(port)/d?sslmode=disable"])
        _ = try await exporter.port()
        exporter.signal(SIGTERM)
        #expect(try await exporter.exitStatus(within: .seconds(10)) == 0)
        #expect(began.duration(to: .now) < .seconds(8), "less than the ten seconds of a scrape")
    }
}
