import Foundation
import RedisClient
import Testing

/// RedisClient on real servers.
@Suite struct RedisClientServerTests {
    private func soon(_ duration: Duration = .seconds(20)) -> ContinuousClock.Instant { .now.advanced(by: duration) }

    private func kind(_ reply: CommandReply?) -> RedisError.Kind? {
        if case .failure(let error)? = reply?.result { error.kind } else { nil }
    }

    @Test(arguments: RedisUnderTest.all)
    func tasksThatShareAConnectionGetTheirOwnReplies(server: RedisUnderTest) async throws {
        let connection = try server.connection()
        await withTaskGroup { group in
            for task in 0..<50 {
                group.addTask {
                    let words = (0..<20).map { "\(task)-\($0)" }
                    let replies = await connection.run(
                        words.map { ["ECHO", $0] }, until: .now.advanced(by: .seconds(60)))
                    #expect(replies.map { try? $0.result.get().text } == words)
                }
            }
        }
        #expect(connection.facts.opened == 1)
        await connection.close()
    }

    @Test(arguments: RedisUnderTest.all)
    func oneFailedCommandCostsOnlyItsOwnReply(server: RedisUnderTest) async throws {
        let connection = try server.connection()
        let replies = await connection.run(
            [["PING"], ["NOSUCH", "secret"], ["ECHO", ""], ["XINFO", "STREAM", "none"]], until: soon())
        #expect(try replies[0].result.get() == .simple("PONG"))
        #expect(kind(replies[1]) == .unsupported)
        #expect(try replies[2].result.get() == .bulk([]))
        #expect(kind(replies[3]) == .server)
        await connection.close()
    }

    @Test func bytesComeBackAsTheyWere() async throws {
        let connection = try RedisUnderTest.redis8.connection()
        let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let replies = await connection.run([RedisCommand(bytes: [Array("ECHO".utf8), bytes])], until: soon())
        #expect(try replies[0].result.get() == .bulk(bytes))
        await connection.close()
    }

    @Test func replyBeyondTheLimitEndsTheConnectionAndTheNextOneWorks() async throws {
        var options = try RedisOptions(url: RedisUnderTest.redis8.url())
        options.maximumReplyBytes = 10_000
        let connection = RedisConnection(options)
        let command = RedisCommand(bytes: [Array("ECHO".utf8), Array(repeating: 120, count: 50_000)])
        #expect(kind(await connection.run([command], until: soon()).first) == .protocol)
        #expect(try await connection.answer(["PING"]) == .simple("PONG"))
        await connection.close()
    }

    // MARK: - Users

    @Test func rightPasswordOpensTheServer() async throws {
        let servers = FleetServers()
        var options = try RedisOptions(url: servers("FLEET_REDIS_AUTH_URL"))
        options.password = try servers("FLEET_REDIS_AUTH_PASSWORD")
        options.database = 3
        options.clientName = "fleet-test"
        let connection = RedisConnection(options)
        #expect(try await connection.answer(["CLIENT", "GETNAME"]).text == "fleet-test")
        await connection.close()
        options.username = "monitor"
        let named = RedisConnection(options)
        #expect(try await named.answer(["ACL", "WHOAMI"]).text == "monitor")
        await named.close()
    }

    @Test(arguments: [nil, "wrong"] as [String?])
    func wrongOrMissingPasswordIsAnAuthenticationError(password: String?) async throws {
        var options = try RedisOptions(url: FleetServers()("FLEET_REDIS_AUTH_URL"))
        options.password = password
        let connection = RedisConnection(options)
        let reply = await connection.run([["PING"]], until: soon()).first
        #expect(kind(reply) == .authentication)
        #expect("\(String(describing: reply))".contains("wrong") == false)
        await connection.close()
    }

    // MARK: - TLS

    private func tls(_ change: (inout RedisTLS) throws -> Void = { _ in }) throws -> RedisOptions {
        let servers = FleetServers()
        var options = try RedisOptions(url: servers("FLEET_REDIS8_TLS_URL"))
        var tls = RedisTLS(
            caFile: try servers("FLEET_TLS_CA"), certificateFile: try servers("FLEET_TLS_CERT"),
            keyFile: try servers("FLEET_TLS_KEY"))
        try change(&tls)
        options.tls = tls
        return options
    }

    @Test func certificateOfTheTestAuthorityIsAccepted() async throws {
        let connection = RedisConnection(try tls())
        #expect(try await connection.answer(["PING"]) == .simple("PONG"))
        #expect(try await connection.answer(["PING"]) == .simple("PONG"))
        #expect(connection.facts.opened == 1)
        await connection.close()
    }

    @Test func unknownAuthorityIsRefusedUnlessVerificationIsSkipped() async throws {
        let strict = RedisConnection(try tls { $0.caFile = nil })
        #expect(kind(await strict.run([["PING"]], until: soon()).first) == .tls)
        await strict.close()
        let lax = RedisConnection(
            try tls {
                $0.caFile = nil
                $0.skipVerification = true
            })
        #expect(try await lax.answer(["PING"]) == .simple("PONG"))
        await lax.close()
    }

    @Test func nameOfTheCertificateAndTheClientsCertificateCount() async throws {
        let folder = NSTemporaryDirectory() + "fleet-tls-\(UInt32.random(in: 0...UInt32.max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (key, certificate) = ("\(folder)/key.pem", "\(folder)/certificate.pem")
        let openssl = try FleetProcess(
            "openssl",
            [
                "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=cache.example",
                "-addext", "subjectAltName=DNS:cache.example", "-keyout", key, "-out", certificate,
            ])
        #expect(try await openssl.exitStatus() == 0)
        let port = try unusedPort()
        let files = ["--tls-ca-cert-file", certificate, "--tls-cert-file", certificate, "--tls-key-file", key]
        let server = try await OwnRedis(["--port", "0", "--tls-port", "\(port)"] + files, port: port)
        func connect(as name: String?, with client: String?) async -> RedisError.Kind? {
            let tls = RedisTLS(
                caFile: certificate, certificateFile: client, keyFile: client == nil ? nil : key, serverName: name)
            let connection = RedisConnection(RedisOptions(endpoint: .tcp(host: "127.0.0.1", port: port), tls: tls))
            let reply = await connection.run([["PING"]], until: soon()).first
            await connection.close()
            return kind(reply)
        }
        #expect(await connect(as: "cache.example", with: certificate) == nil)
        #expect(await connect(as: nil, with: certificate) == .tls)
        #expect(await connect(as: "other.example", with: certificate) == .tls)
        #expect([.tls, .connection].contains(await connect(as: "cache.example", with: nil)))
        try await server.stop()
    }

    @Test func plainTextAndTLSDoNotMeet() async throws {
        var options = try tls()
        options.tls = nil
        let plain = RedisConnection(options)
        let reply = await plain.run([["PING"]], until: soon()).first
        #expect([.connection, .protocol].contains(kind(reply)))
        await plain.close()
        var other = try RedisOptions(url: RedisUnderTest.redis8.url())
        other.tls = try tls().tls
        let secure = RedisConnection(other)
        // Redis takes the handshake for the beginning of a command and waits for its end.
        let silence = await secure.run([["PING"]], until: soon(.seconds(1))).first
        #expect(kind(silence) == .timeout)
        #expect("\(String(describing: silence))".contains("TLS"))
        await secure.close()
    }

    // MARK: - A server of the test's own

    @Test func unixSocketIsAServerToo() async throws {
        let folder = NSTemporaryDirectory() + "fleet-socket-\(UInt32.random(in: 0...UInt32.max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let server = try await OwnRedis(["--unixsocket", "\(folder)/redis.sock"])
        let connection = RedisConnection(try RedisOptions(url: "unix://\(folder)/redis.sock"))
        #expect(try await connection.answer(["PING"]) == .simple("PONG"))
        await connection.close()
        try await server.stop()
    }

    @Test func databaseOfTheAddressIsUsed() async throws {
        let server = try await OwnRedis()
        let third = RedisConnection(try RedisOptions(url: "\(server.url)/3"))
        try await third.answer(["SET", "x", "1"])
        let first = RedisConnection(try RedisOptions(url: server.url))
        #expect(try await first.answer(["EXISTS", "x"]) == .integer(0))
        #expect(try await third.answer(["EXISTS", "x"]) == .integer(1))
        let none = RedisConnection(try RedisOptions(url: "\(server.url)/99"))
        #expect(kind(await none.run([["DBSIZE"]], until: soon()).first) == .server)
        for connection in [third, first, none] { await connection.close() }
    }

    @Test func frozenServerCostsTheDeadlineAndNoMoreAndRecovers() async throws {
        let server = try await OwnRedis()
        let connection = RedisConnection(try RedisOptions(url: server.url))
        #expect(try await connection.answer(["PING"]) == .simple("PONG"))
        server.signal(SIGSTOP)
        let began = ContinuousClock.now
        let replies = await connection.run([["PING"], ["DBSIZE"]], until: soon(.milliseconds(500)))
        let took = began.duration(to: .now)
        server.signal(SIGCONT)
        #expect(replies.map(kind) == [.timeout, .timeout])
        #expect(took >= .milliseconds(450) && took < .seconds(5))
        #expect(try await connection.answer(["PING"]) == .simple("PONG"))
        #expect(connection.facts.opened == 2)
        await connection.close()
    }

    @Test func connectionKilledByTheServerIsReplacedUnnoticed() async throws {
        let server = try await OwnRedis()
        let connection = RedisConnection(try RedisOptions(url: server.url))
        #expect(try await connection.answer(["PING"]) == .simple("PONG"))
        let other = RedisConnection(try RedisOptions(url: server.url))
        try await other.answer(["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"])
        #expect(try await connection.answer(["PING"]) == .simple("PONG"))
        #expect(connection.facts.opened == 2)
        for connection in [connection, other] { await connection.close() }
    }
}
