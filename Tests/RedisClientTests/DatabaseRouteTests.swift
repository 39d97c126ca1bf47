import Foundation
import Testing

@testable import RedisClient

@Suite struct DatabaseRouteTests {
    private func words(_ route: DatabaseRoute) -> [String] {
        route.commands.map { $0.arguments.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ") }
    }

    private func reply(_ value: RedisValue) -> CommandReply { CommandReply(.success(value), took: .zero) }

    @Test func databaseIsSelectedOnceForCommandsInARowAndLeftAtTheEnd() {
        let commands: [RedisCommand] = [
            ["INFO"], RedisCommand(["TYPE", "a"]).inDatabase(3), RedisCommand(["TYPE", "b"]).inDatabase(3),
            RedisCommand(["TYPE", "c"]).inDatabase(0), RedisCommand(["TYPE", "d"]).inDatabase(5),
        ]
        #expect(
            words(DatabaseRoute(commands, home: 0)) == [
                "INFO", "SELECT 3", "TYPE a", "TYPE b", "SELECT 0", "TYPE c", "SELECT 5", "TYPE d", "SELECT 0",
            ])
    }

    @Test func sameCommandInTwoDatabasesIsTwoCommands() {
        let one = RedisCommand(["TYPE", "a"]).inDatabase(1)
        #expect(one != RedisCommand(["TYPE", "a"]))
        #expect(one == RedisCommand(["TYPE", "a"]).inDatabase(1))
    }

    @Test func answersBehindARefusedSelectAreThrownAway() throws {
        let route = DatabaseRoute(
            [
                ["PING"], RedisCommand(["GET", "a"]).inDatabase(99), RedisCommand(["GET", "b"]).inDatabase(1), ["PING"],
            ],
            home: 0)
        let refused = RedisError(.server, "SELECT on h:1: ERR DB index is out of range")
        let answers = route.answers(in: [
            reply(.simple("PONG")), CommandReply(.failure(refused), took: .zero), reply(.bulk([1])),
            reply(.simple("OK")), reply(.bulk([2])), reply(.simple("OK")), reply(.simple("PONG")),
        ])
        #expect(answers.count == 4)
        #expect(try answers[0].result.get() == .simple("PONG"))
        #expect(throws: refused) { try answers[1].result.get() }
        #expect(try answers[2].result.get() == .bulk([2]))
        #expect(try answers[3].result.get() == .simple("PONG"))
    }

    @Test func connectionThatCannotGoBackIsStray() {
        let route = DatabaseRoute([RedisCommand(["GET", "a"]).inDatabase(1)], home: 0)
        let replies = [reply(.simple("OK")), reply(.null)]
        #expect(!route.isStray(after: replies + [reply(.simple("OK"))]))
        #expect(
            route.isStray(after: replies + [CommandReply(.failure(RedisError(.permission, "NOPERM")), took: .zero)]))
        #expect(
            !route.isStray(after: replies + [CommandReply(.failure(RedisError(.timeout, "late")), took: .zero)]))
    }

    /// A batch in another database, then one at home, then one whose way back is refused.
    @Test func connectionGoesThereAndBackOnTheWire() async throws {
        let server = try ScriptedServer([
            [
                .reply("+OK\r\n$1\r\nx\r\n+OK\r\n"), .reply("+PONG\r\n"),
                .reply("+OK\r\n$1\r\nx\r\n-NOPERM no\r\n"),
            ],
            [.reply("+PONG\r\n")],
        ])
        defer { server.stop() }
        let connection = RedisConnection(RedisOptions(endpoint: .tcp(host: "127.0.0.1", port: server.port)))
        let there = RedisCommand(["GET", "a"]).inDatabase(7)
        let deadline = ContinuousClock.now + .seconds(5)
        #expect(try await connection.run([there], until: deadline).map { try $0.result.get() } == [.bulk([120])])
        #expect(try await connection.run([["PING"]], until: deadline)[0].result.get() == .simple("PONG"))
        #expect(server.connections == 1)
        _ = await connection.run([there], until: deadline)
        #expect(try await connection.run([["PING"]], until: deadline)[0].result.get() == .simple("PONG"))
        #expect(server.connections == 2)
        #expect(server.packets.first?.contains("SELECT\r\n$1\r\n7\r\n") == true)
        await connection.close()
    }
}
