import Glibc
import Synchronization
import TestSupport
import Testing

@testable import PostgresClient

/// What must hold whatever is at the other end of the wire.
struct HostileServerTests {
    private func connection(
        _ conninfo: String, _ mode: PostgresOptions.ProtocolMode = .pipeline
    ) -> PostgresConnection {
        var options = PostgresOptions(conninfo: conninfo, applicationName: "test")
        options.protocolMode = mode
        return PostgresConnection(options)
    }

    private func failure(_ connection: PostgresConnection, within time: Duration) async -> PostgresError? {
        do throws(PostgresError) {
            _ = try await connection.connect(until: .now + time)
            return nil
        } catch {
            return error
        }
    }

    private static func conninfo(_ server: LoopbackServer) -> String {
        "host=127.0.0.1 port=\(server.port) user=u password=s3cret dbname=d sslmode=disable gssencmode=disable"
    }

    /// `AuthenticationOk`, three parameters, `BackendKeyData`, `ReadyForQuery`.
    static let welcome: [UInt8] =
        message("R", [0, 0, 0, 0]) + message("S", Array("server_version\0".utf8) + Array("15.0\0".utf8))
        + message("S", Array("client_encoding\0UTF8\0".utf8)) + message("K", [0, 0, 0, 1, 0, 0, 0, 2])
        + message("Z", Array("I".utf8))

    static func message(_ type: Character, _ body: [UInt8]) -> [UInt8] {
        let length = UInt32(body.count + 4)
        return Array(String(type).utf8) + (0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * $0)) } + body
    }

    @Test func silentServerKeepsTheDeadlineAndOneSocket() async throws {
        let listener = try LoopbackServer { $0.waitForHangUp() }
        let connection = connection(Self.conninfo(listener))
        let began = ContinuousClock.now
        let errors = await withTaskGroup(of: PostgresError?.self) { group in
            for _ in 0..<50 { group.addTask { await failure(connection, within: .milliseconds(300)) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(began.duration(to: .now) < .seconds(10))
        #expect(errors.allSatisfy { $0?.kind == .timeout })
        // The attempt goes on: later calls do not open another socket.
        #expect(await failure(connection, within: .milliseconds(100))?.kind == .timeout)
        #expect(listener.connections == 1)
        await connection.close()
        listener.stop()
    }

    @Test func attemptThatTheDeadlineInterruptedServesTheNextCall() async throws {
        let mayAnswer = Atomic(false)
        let listener = try LoopbackServer { client in
            _ = client.receive()
            while !mayAnswer.load(ordering: .relaxed) { usleep(5_000) }
            client.send(Self.welcome)
            client.waitForHangUp()
        }
        let connection = connection(Self.conninfo(listener))
        #expect(await failure(connection, within: .milliseconds(100))?.kind == .timeout)
        mayAnswer.store(true, ordering: .relaxed)
        let server = try await connection.connect(until: .now + .seconds(10))
        #expect(server.versionText == "15.0")
        #expect(server.database == "d")
        #expect(listener.connections == 1)
        await connection.close()
        listener.stop()
    }

    @Test(arguments: [
        Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8), [UInt8](repeating: 0xff, count: 5_000),
        [UInt8](repeating: 0, count: 64), message("R", [0, 0, 0, 99]), message("E", [0]),
        message("E", Array("SFATAL\0C28P01\0Mno\nsuch\tuser\0\0".utf8)),
    ])
    func garbageIsAnErrorNotACrash(bytes: [UInt8]) async throws {
        let listener = try LoopbackServer { client in
            _ = client.receive()
            client.send(bytes)
        }
        let connection = connection(Self.conninfo(listener))
        let error = await failure(connection, within: .seconds(10))
        #expect(error != nil && error?.kind != .timeout)
        #expect(error?.message.contains("\n") == false)
        #expect(error?.message.contains("s3cret") == false)
        await connection.close()
        listener.stop()
    }

    @Test(arguments: [PostgresOptions.ProtocolMode.pipeline, .simple])
    func garbageAfterTheQuestionIsAnError(mode: PostgresOptions.ProtocolMode) async throws {
        let listener = try LoopbackServer { client in
            _ = client.receive()
            client.send(Self.welcome)
            _ = client.receive()
            client.send([UInt8](repeating: 0x41, count: 10_000))
        }
        let connection = connection(Self.conninfo(listener), mode)
        let replies = await connection.run([Statement("SELECT 1"), Statement("SELECT 2")], until: .now + .seconds(10))
        #expect(replies.count == 2)
        for reply in replies { #expect(throws: PostgresError.self) { try reply.result.get() } }
        await connection.close()
        listener.stop()
    }

    @Test func consoleThatClosesBetweenTwoAnswersFailsTheSecond() async throws {
        let listener = try LoopbackServer { client in
            _ = client.receive()
            client.send(Self.welcome)
            _ = client.receive()
            client.send(Self.message("C", Array("SHOW\0".utf8)) + Self.message("Z", Array("I".utf8)))
            _ = client.receive()
        }
        let connection = connection(Self.conninfo(listener), .simple)
        let replies = await connection.run([Statement("SHOW A"), Statement("SHOW B")], until: .now + .seconds(10))
        #expect(try replies.first?.result.get().rowCount == 0)
        guard case .failure(let error)? = replies.last?.result else {
            Issue.record("the second was answered")
            return
        }
        #expect(error.kind == .connection)
        await connection.close()
        listener.stop()
    }

    @Test func serverThatClosesAtOnceIsAConnectionError() async throws {
        let listener = try LoopbackServer { _ in }
        let connection = connection(Self.conninfo(listener))
        #expect(await failure(connection, within: .seconds(10))?.kind == .connection)
        #expect(await failure(connection, within: .seconds(10))?.kind == .connection)
        await connection.close()
        listener.stop()
    }

    @Test func silenceAfterTheQuestionKeepsTheDeadlineAndTheSocket() async throws {
        let isTaken = Atomic(false)
        let listener = try LoopbackServer { client in
            // What comes second is a cancel request: it is left without an answer too.
            if !isTaken.exchange(true, ordering: .relaxed) {
                _ = client.receive()
                client.send(Self.welcome)
            }
            client.waitForHangUp()
        }
        let connection = connection(Self.conninfo(listener))
        for _ in 0..<3 {
            let began = ContinuousClock.now
            let replies = await connection.run([Statement("SELECT 1")], until: .now + .milliseconds(200))
            #expect(began.duration(to: .now) < .seconds(10))
            guard case .failure(let error)? = replies.first?.result else { return #expect(Bool(false), "an answer?") }
            #expect(error.kind == .timeout)
        }
        // One for the session and at most one more, for the cancel request.
        #expect(listener.connections <= 2)
        await connection.close()
        listener.stop()
    }

    @Test func cancelledTaskReturnsAtOnce() async throws {
        let listener = try LoopbackServer { $0.waitForHangUp() }
        let connection = connection(Self.conninfo(listener))
        let task = Task { await failure(connection, within: .seconds(60)) }
        try await Task.sleep(for: .milliseconds(200))
        let began = ContinuousClock.now
        task.cancel()
        #expect(await task.value?.kind == .cancelled)
        #expect(began.duration(to: .now) < .seconds(10))
        await connection.close()
        listener.stop()
    }

    @Test func closedConnectionRefusesWork() async {
        let connection = connection("host=127.0.0.1 port=1")
        await connection.close()
        #expect(await failure(connection, within: .seconds(1))?.kind == .cancelled)
        let replies = await connection.run([Statement("SELECT 1")], until: .now + .seconds(1))
        #expect(replies.count == 1)
    }

    @Test func unreadableConnectionStringIsToldOnUse() async {
        let connection = PostgresConnection(
            PostgresOptions(applicationName: "test") { () throws(PostgresError) in
                throw PostgresError(.configuration, "the file is gone")
            })
        #expect(await failure(connection, within: .seconds(5))?.message == "the file is gone")
        await connection.close()
    }
}
