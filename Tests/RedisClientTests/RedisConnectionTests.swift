import Synchronization
import Testing

@testable import RedisClient

/// What the connection does when the other side misbehaves below the protocol.
@Suite struct RedisConnectionTests {
    private func connection(
        _ server: ScriptedServer, password: String? = nil, database: Int = 0, name: String? = nil, limit: Int = 1 << 20
    ) -> RedisConnection {
        RedisConnection(
            RedisOptions(
                endpoint: .tcp(host: "127.0.0.1", port: server.port), password: password, database: database,
                clientName: name, maximumReplyBytes: limit))
    }

    private func soon(_ duration: Duration = .seconds(10)) -> ContinuousClock.Instant { .now.advanced(by: duration) }

    private func results(_ replies: [CommandReply]) -> [String] {
        replies.map { reply in
            switch reply.result {
            case .success(let value): value.text ?? "\(value)"
            case .failure(let error): error.kind.rawValue
            }
        }
    }

    @Test func coldConnectionSendsCredentialsAndQuestionsInOneWrite() async throws {
        let server = try ScriptedServer([[.reply("+OK\r\n+OK\r\n+OK\r\n+PONG\r\n:7\r\n")]])
        defer { server.stop() }
        let connection = connection(server, password: "pw", database: 2, name: "fleet")
        let replies = await connection.run([["PING"], ["DBSIZE"]], until: soon())
        #expect(results(replies) == ["PONG", "7"])
        #expect(server.packets.count == 1)
        #expect(server.packets.first?.hasPrefix("*2\r\n$4\r\nAUTH\r\n$2\r\npw\r\n") == true)
        #expect(connection.facts.opened == 1)
        await connection.close()
    }

    @Test func optionsAreRenewedForEachConnection() async throws {
        let server = try ScriptedServer([[.reply("+OK\r\n+PONG\r\n"), .hangUp], [.reply("+OK\r\n+PONG\r\n")]])
        defer { server.stop() }
        let count = Mutex(0)
        var options = RedisOptions(endpoint: .tcp(host: "127.0.0.1", port: server.port))
        options.renew = { options throws(RedisError) in
            let number = count.withLock { count in
                count += 1
                return count
            }
            guard number < 3 else { throw RedisError(.authentication, "no file") }
            options.password = "pw\(number)"
        }
        let connection = RedisConnection(options)
        for number in 1...2 {
            #expect(results(await connection.run([["PING"]], until: soon())) == ["PONG"])
            #expect(server.packets.last?.contains("pw\(number)") == true)
            await connection.close()
        }
        #expect(results(await connection.run([["PING"]], until: soon())) == ["authentication"])
        #expect(connection.facts.opened == 2)
    }

    @Test func partOfAReplyThatNobodyAskedForEndsTheConnection() async throws {
        let server = try ScriptedServer([[.reply("+PONG\r\n+EX"), .reply("TRA\r\n:7\r\n")], [.reply(":7\r\n")]])
        defer { server.stop() }
        let connection = connection(server)
        #expect(results(await connection.run([["PING"]], until: soon())) == ["PONG"])
        #expect(results(await connection.run([["DBSIZE"]], until: soon())) == ["7"])
        #expect(connection.facts.opened == 2)
        await connection.close()
    }

    @Test func writesWaitUntilTheDatabaseIsSelected() async throws {
        let server = try ScriptedServer([
            [.reply("+OK\r\n"), .reply(":1\r\n")], [.reply("-ERR DB index is out of range\r\n")],
        ])
        defer { server.stop() }
        let connection = connection(server, database: 9)
        #expect(results(await connection.run([["INCR", "x"]], until: soon())) == ["1"])
        await connection.close()
        #expect(results(await connection.run([["INCR", "x"]], until: soon())) == ["server"])
        #expect(server.packets.count == 3)
        #expect(server.packets.last?.contains("INCR") == false)
    }

    @Test func refusedPasswordFailsEveryCommandAndTellsNoSecret() async throws {
        let server = try ScriptedServer([[.reply("-ERR with args: 'hunter2'\r\n-NOAUTH a\r\n")]])
        defer { server.stop() }
        let replies = await connection(server, password: "hunter2").run([["PING"], ["DBSIZE"]], until: soon())
        #expect(results(replies) == ["authentication", "authentication"])
        #expect(!"\(replies)".contains("hunter2"))
    }

    @Test func refusedNameIsNotTriedAgain() async throws {
        let server = try ScriptedServer([[.reply("-NOPERM x\r\n+PONG\r\n"), .hangUp], [.reply("+PONG\r\n")]])
        defer { server.stop() }
        let connection = connection(server, name: "fleet")
        #expect(results(await connection.run([["PING"]], until: soon())) == ["PONG"])
        #expect(results(await connection.run([["PING"]], until: soon())) == ["PONG"])
        #expect(server.packets.last == "*1\r\n$4\r\nPING\r\n")
    }

    @Test func lateReplyNeverMeetsALaterCommand() async throws {
        let server = try ScriptedServer([[.reply(":1\r\n"), .reply(":2\r\n")], [.reply(":3\r\n")]])
        defer { server.stop() }
        let connection = connection(server)
        let first = await connection.run([["DBSIZE"], ["DBSIZE"]], until: soon(.seconds(2)))
        #expect(results(first) == ["1", "timeout"])
        #expect(results(await connection.run([["DBSIZE"]], until: soon())) == ["3"])
        #expect(server.connections == 2)
    }

    @Test func staleConnectionIsReplacedOnceForReads() async throws {
        let server = try ScriptedServer([[.reply(":1\r\n"), .hangUp], [.reply(":2\r\n")]])
        defer { server.stop() }
        let connection = connection(server)
        #expect(results(await connection.run([["DBSIZE"]], until: soon())) == ["1"])
        #expect(results(await connection.run([["DBSIZE"]], until: soon())) == ["2"])
        #expect(connection.facts.opened == 2)
    }

    @Test func writesAreNeverSentTwice() async throws {
        let server = try ScriptedServer([[.reply(":1\r\n"), .hangUp], [.reply(":2\r\n")]])
        defer { server.stop() }
        let connection = connection(server)
        #expect(results(await connection.run([["INCR", "x"]], until: soon())) == ["1"])
        #expect(results(await connection.run([["INCR", "x"]], until: soon())) == ["connection"])
        #expect(server.connections == 1)
    }

    @Test func serverThatHangsUpAtOnceIsAConnectionErrorWithAHint() async throws {
        let server = try ScriptedServer([[.hangUp]])
        defer { server.stop() }
        let replies = await connection(server).run([["PING"]], until: soon())
        #expect(results(replies) == ["connection"])
        #expect("\(replies)".contains("rediss://"))
    }

    @Test(arguments: ["HTTP/1.1 400 Bad Request\r\n\r\n", "$999999\r\n" + String(repeating: "x", count: 9_000)])
    func bytesThatAreNoReplyEndTheConnection(wire: String) async throws {
        let server = try ScriptedServer([[.reply(wire)], [.reply("+PONG\r\n")]])
        defer { server.stop() }
        let connection = connection(server, limit: 4_096)
        #expect(results(await connection.run([["PING"]], until: soon())) == ["protocol"])
        #expect(results(await connection.run([["PING"]], until: soon())) == ["PONG"])
    }

    @Test func replyToNothingEndsTheConnection() async throws {
        let server = try ScriptedServer([[.reply("+PONG\r\n+MORE\r\n")], [.reply("+SECOND\r\n")]])
        defer { server.stop() }
        let connection = connection(server)
        #expect(results(await connection.run([["PING"]], until: soon())) == ["PONG"])
        #expect(results(await connection.run([["PING"]], until: soon())) == ["SECOND"])
    }

    @Test func cancelledTaskGetsItsAnswerAtOnce() async throws {
        let server = try ScriptedServer([[.silence]])
        defer { server.stop() }
        let connection = connection(server)
        let began = ContinuousClock.now
        let replies = await withTaskGroup { group in
            group.addTask { await connection.run([["DBSIZE"]], until: .now.advanced(by: .seconds(60))) }
            group.addTask {
                while server.packets.isEmpty { try? await Task.sleep(for: .milliseconds(5)) }
                return []
            }
            _ = await group.next()
            group.cancelAll()
            return await group.next() ?? []
        }
        #expect(results(replies) == ["cancelled"])
        #expect(began.duration(to: .now) < .seconds(30))
    }

    @Test func taskCancelledBeforehandSendsNothing() async throws {
        let server = try ScriptedServer([[.reply("+PONG\r\n")]])
        defer { server.stop() }
        let connection = connection(server)
        let replies = await withTaskGroup(of: [CommandReply].self) { group in
            group.cancelAll()
            group.addTask { await connection.run([["PING"]], until: .now.advanced(by: .seconds(60))) }
            return await group.next() ?? []
        }
        #expect(results(replies) == ["cancelled"])
        #expect(server.packets.isEmpty)
    }

    @Test func deadlineInThePastSendsNothing() async throws {
        let server = try ScriptedServer([[.reply("+PONG\r\n")]])
        defer { server.stop() }
        let replies = await connection(server).run([["PING"]], until: .now.advanced(by: .seconds(-1)))
        #expect(results(replies) == ["timeout"])
        #expect(server.packets.isEmpty)
    }

    @Test func commandsThatBreakTheConversationAreRefusedInPlace() async throws {
        let server = try ScriptedServer([[.reply("+PONG\r\n:5\r\n")]])
        defer { server.stop() }
        let replies = await connection(server).run([["PING"], ["MULTI"], ["DBSIZE"], []], until: soon())
        #expect(results(replies) == ["PONG", "unsupported", "5", "unsupported"])
    }

    @Test func refusedPortIsAConnectionErrorThatNamesTheTarget() async throws {
        let server = try ScriptedServer([[]])
        server.stop()
        let replies = await connection(server).run([["PING"]], until: soon())
        #expect(results(replies) == ["connection"])
        #expect("\(replies)".contains("127.0.0.1:\(server.port)"))
    }
}
