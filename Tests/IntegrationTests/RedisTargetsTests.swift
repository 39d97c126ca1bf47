import ExporterKitTesting
import Foundation
import RedisClient
import Testing

@testable import ExporterCommand
@testable import ExporterKit
@testable import redis_exporter

/// `/scrape`: which servers may be asked, as whom, and what is kept of them.
@Suite(.serialized) struct RedisTargetsTests {
    private func file(_ text: String) throws -> String {
        let path = NSTemporaryDirectory() + "redis-\(UUID().uuidString).yml"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    private func get(
        _ exporter: RedisExporterUnderTest, _ target: String, _ more: String = ""
    ) async throws -> (
        status: Int, text: String
    ) {
        let escaped = target.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? target
        let route = try #require(exporter.exporter.routes["/scrape"])
        let response = await route(HTTPRequest(target: "/scrape?target=\(escaped)\(more)"))
        return (response.status, String(decoding: response.body, as: UTF8.self))
    }

    private func errors(_ exporter: RedisExporterUnderTest) async -> Double? {
        await exporter.scrape().value("redis_target_scrape_request_errors_total")
    }

    // MARK: - What is served

    @Test(arguments: RedisUnderTest.all)
    func targetHasTheMetricsOfItsServerAndNoOthers(server: RedisUnderTest) async throws {
        let exporter = try RedisExporterUnderTest("")
        let url = try server.url()
        for target in [url, url.replacing("redis://", with: ""), url.replacing("redis://", with: "valkey://") + "/3"] {
            let (status, text) = try await get(exporter, target)
            #expect(status == 200)
            let families = try Exposition(parsing: text).families
            #expect(text.contains("\nredis_up 1\n"), "\(target)")
            #expect(text.contains("\nredis_exporter_build_info{"))
            #expect(text.contains("\nredis_target_scrape_request_errors_total 0\n"))
            #expect(families.allSatisfy { $0.name.hasPrefix("redis_") })
        }
        await exporter.close()
    }

    @Test func requestThatCannotBeServedSaysWhyAndIsCounted() async throws {
        let modules = try file("modules: { narrow: { targets: [\"10.0.0.*\"], password: s3cret } }")
        let exporter = try RedisExporterUnderTest(
            "", ["-config.file", modules, "--scrape.allowed-targets=127.0.0.*, 10.0.0.1"])
        let cases: [(target: String, more: String, status: Int, text: String)] = [
            ("", "", 400, "'target' parameter must be specified"),
            ("://nope", "", 400, "Invalid 'target' parameter"),
            ("redis://me%zz:s3cret@h", "", 400, "Invalid 'target' parameter"),
            ("127.0.0.1:1", "&check-keys=1%3D2%3D3", 400, "check-keys: `1=2=3` is not"),
            ("127.0.0.1:1", "&module=none", 400, "module none is not in the configuration file"),
            ("evil:6379", "", 403, "target evil:6379 is not among the allowed targets"),
            ("unix:///run/redis.sock", "", 403, "is not among the allowed targets"),
            ("127.0.0.1:1", "&module=narrow", 403, "is not among the allowed targets"),
        ]
        for (number, expected) in cases.enumerated() {
            let (status, text) = try await get(exporter, expected.target, expected.more)
            #expect(status == expected.status, "\(expected.target)")
            #expect(text.contains(expected.text), "\(text)")
            #expect(!text.contains("s3cret"))
            #expect(await errors(exporter) == Double(number + 1))
        }
        let (status, text) = try await get(exporter, "127.0.0.1:1")
        #expect(status == 200 && text.contains("\nredis_up 0\n"))
        #expect(!exporter.log.lines.joined().contains("s3cret"))
        await exporter.close()
    }

    @Test func socketIsOnlyAskedWhenTheListNamesIt() async throws {
        let server = try await OwnRedis(["--unixsocket", "/tmp/fleet-\(UUID().uuidString.prefix(8)).sock"])
        let connection = RedisConnection(try RedisOptions(url: server.url))
        let path = try #require(try await connection.answer(["CONFIG", "GET", "unixsocket"]).array?.last?.text)
        for (arguments, status) in [
            ([], 403), (["--scrape.allowed-targets=*"], 403), (["--scrape.allowed-targets=\(path)"], 200),
        ] {
            let exporter = try RedisExporterUnderTest("", arguments)
            let answer = try await get(exporter, "unix://\(path)")
            #expect(answer.status == status)
            #expect(answer.text.contains("\nredis_up 1\n") == (status == 200))
            await exporter.close()
        }
        await connection.close()
    }

    @Test func endpointCanBeSwitchedOff() async throws {
        let exporter = try RedisExporterUnderTest("", ["-disable-scrape-endpoint"])
        #expect(exporter.exporter.routes["/scrape"] == nil)
        let discover = try #require(exporter.exporter.routes["/discover-cluster-nodes"])
        #expect(await discover(HTTPRequest(target: "/?target=h")).status == 403)
    }

    // MARK: - Credentials

    /// How often somebody tried to log in.
    private func logins(_ server: OwnRedis) async throws -> Int {
        let connection = RedisConnection(try RedisOptions(url: server.url))
        let text = try #require(try await connection.answer(["INFO", "COMMANDSTATS"]).text)
        await connection.close()
        return text.firstMatch(of: /cmdstat_auth:calls=(\d+)/).flatMap { Int($0.1) } ?? 0
    }

    @Test func passwordOfTheFlagsGoesToAllowedServersOnly() async throws {
        let server = try await OwnRedis()
        let open = try RedisExporterUnderTest("redis://elsewhere", ["-redis.password", "s3cret"])
        _ = try await get(open, "127.0.0.1:\(server.port)")
        #expect(try await logins(server) == 1, "as with redis_exporter: no list, every target gets it")
        #expect(open.log.lines.filter { $0.contains("--scrape.allowed-targets") }.count == 1)
        let closed = try RedisExporterUnderTest(
            "redis://elsewhere", ["-redis.password", "s3cret", "--scrape.allowed-targets=elsewhere"])
        #expect(try await get(closed, "127.0.0.1:\(server.port)").status == 403)
        let modules = try file("modules: { plain: { targets: [\"127.0.0.1:*\"] } }")
        let listed = try RedisExporterUnderTest(
            "redis://elsewhere", ["-redis.password", "s3cret", "-config.file", modules])
        #expect(try await get(listed, "127.0.0.1:\(server.port)").text.contains("\nredis_up 1\n"))
        #expect(try await logins(server) == 1)
        for exporter in [open, closed, listed] {
            #expect(!exporter.log.lines.joined().contains("s3cret"))
            await exporter.close()
        }
    }

    @Test func eachServerGetsItsOwnUserAndPassword() async throws {
        let first = try await OwnRedis(["--requirepass", "one"])
        let second = try await OwnRedis(["--user", "monitor", "on", ">two", "+@all", "~*", "--user", "default", "off"])
        let secret = try file("one\n")
        let modules = try file(
            """
            modules:
              first: { targets: ["127.0.0.1:\(first.port)"], password: { file: \(secret) } }
              second: { targets: ["127.0.0.1:\(second.port)"], user: monitor, password: two }
              wrong: { targets: ["127.0.0.1"], password: s3cret }
            """)
        let exporter = try RedisExporterUnderTest("redis://127.0.0.1:\(first.port)", ["-config.file", modules])
        #expect(await exporter.scrape().value("redis_up") == 1, "modules count for --redis.addr too")
        for server in [first, second] {
            #expect(try await get(exporter, "127.0.0.1:\(server.port)").text.contains("\nredis_up 1\n"))
            let wrong = try await get(exporter, "127.0.0.1:\(server.port)", "&module=wrong")
            #expect(wrong.status == 200 && wrong.text.contains("\nredis_up 0\n"))
            #expect(wrong.text.contains("redis_exporter_last_scrape_error{err=\"authentication\"} 1\n"))
        }
        #expect(!exporter.log.lines.joined().contains("s3cret"))
        await exporter.close()
    }

    @Test func rotatedSecretCountsFromTheNextConnection() async throws {
        let server = try await OwnRedis(["--requirepass", "old"])
        let target = "redis://127.0.0.1:\(server.port)"
        let passwords = try file("{\"\(target)\": \"old\"}")
        let exporter = try RedisExporterUnderTest("", ["-redis.password-file", passwords])
        #expect(try await get(exporter, target).text.contains("\nredis_up 1\n"))
        let admin = RedisConnection(try RedisOptions(url: "redis://:old@127.0.0.1:\(server.port)"))
        try await admin.answer(["CONFIG", "SET", "requirepass", "new"])
        try await admin.answer(["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"])
        #expect(try await get(exporter, target).text.contains("err=\"authentication\"} 1\n"))
        try "{\"\(target)\": \"new\"}".write(toFile: passwords, atomically: true, encoding: .utf8)
        #expect(try await get(exporter, target).text.contains("\nredis_up 1\n"))
        await admin.close()
        await exporter.close()
    }

    // MARK: - TLS

    @Test func clientCertificateOfTheModuleIsReadAgainWhenItChanges() async throws {
        let servers = FleetServers()
        let (authority, certificate, key) = try (
            servers("FLEET_TLS_CA"), servers("FLEET_TLS_CERT"), servers("FLEET_TLS_KEY")
        )
        let folder = URL(fileURLWithPath: authority).deletingLastPathComponent().path
        let port = try unusedPort()
        let server = try await OwnRedis([
            "--tls-port", "\(port)", "--tls-auth-clients", "yes", "--tls-ca-cert-file", authority,
            "--tls-cert-file", folder + "/server.crt", "--tls-key-file", folder + "/server.key",
        ])
        let own = try (file(String(contentsOfFile: certificate, encoding: .utf8)), file(""))
        try String(contentsOfFile: key, encoding: .utf8).write(toFile: own.1, atomically: true, encoding: .utf8)
        let modules = try file(
            """
            modules:
              mutual:
                targets: ["127.0.0.1:\(port)"]
                tls: { ca_file: \(authority), cert_file: \(own.0), key_file: \(own.1) }
            """)
        let exporter = try RedisExporterUnderTest("", ["-config.file", modules])
        let target = "127.0.0.1:\(port)"
        #expect(try await get(exporter, target).text.contains("\nredis_up 1\n"))
        #expect(
            try await get(exporter, target, "&tls_server_name=localhost").text.contains("\nredis_up 1\n"))

        // A bad file leaves the good certificate in use; another authority's would be refused by the server.
        let admin = RedisConnection(try RedisOptions(url: server.url))
        try "rubbish".write(toFile: own.0, atomically: true, encoding: .utf8)
        try await admin.answer(["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"])
        #expect(try await get(exporter, target).text.contains("\nredis_up 1\n"))
        #expect(exporter.log.lines.filter { $0.contains("TLS cannot be loaded again") }.count == 1)
        let plain = try RedisExporterUnderTest("", ["-tls-ca-cert-file", authority])
        #expect(try await get(plain, "rediss://\(target)").text.contains("\nredis_up 0\n"))
        for exporter in [exporter, plain] { await exporter.close() }
        await admin.close()
    }

    // MARK: - Connections

    @Test func targetKeepsItsConnectionUntilTooManyAreAsked() async throws {
        let server = try await OwnRedis()
        let exporter = try RedisExporterUnderTest("", ["--scrape.max-targets=2"])
        let observer = RedisConnection(try RedisOptions(url: server.url))
        func clients() async throws -> [Substring] {
            let list = try #require(try await observer.answer(["CLIENT", "LIST"]).text)
            return list.split(separator: "\n").filter { $0.contains("name=redis_exporter") }
                .compactMap { $0.split(separator: " ").first }
        }
        for _ in 0..<3 { _ = try await get(exporter, "127.0.0.1:\(server.port)") }
        let first = try await clients()
        #expect(first.count == 1)
        _ = try await get(exporter, "localhost:\(server.port)")
        #expect(try await clients().count == 2)
        _ = try await get(exporter, "redis://127.0.0.1:\(server.port)/1")
        #expect(try await eventually(within: .seconds(5)) { try await clients().count == 2 })
        #expect(try await !clients().contains(first[0]))
        await exporter.close()
        #expect(try await eventually(within: .seconds(5)) { try await clients().isEmpty })
        await observer.close()
    }

    /// Loopback addresses of a few servers stand for a thousand servers.
    @Test func thousandTargetsTakeBoundedMemoryAndOneConnectionEach() async throws {
        var servers: [OwnRedis] = []
        for _ in 0..<4 { servers.append(try await OwnRedis(["--bind", "0.0.0.0", "--protected-mode", "no"])) }
        let targets = (0..<1_000).map { "127.0.\($0 / 250).\($0 % 250 + 1):\(servers[$0 % 4].port)" }
        let exporter = try FleetProcess(
            "redis-exporter", ["--redis.addr=", "--web.listen-address=127.0.0.1:0", "--scrape.allowed-targets=127.0.*"])
        let port = try await exporter.port()
        var resident: [Int] = []
        for _ in 0..<4 {
            let bodies = try await LoadClient.get(port, targets.map { "/scrape?target=\($0)" }, width: 16)
            #expect(bodies.allSatisfy { $0.contains("\nredis_up 1\n") })
            resident.append(try exporter.residentKiB())
        }
        var connections = 0.0
        for server in servers {
            let observer = RedisConnection(try RedisOptions(url: server.url))
            let info = InfoDocument(try #require(try await observer.answer(["INFO", "STATS"]).text))
            connections += try #require(info.text("total_connections_received").flatMap { Double($0) }) - 1
            await observer.close()
        }
        #expect(connections == 1_000, "every target was connected to once in four rounds")
        #expect(resident[3] < resident[1] + resident[1] / 10, "\(resident) KiB")
        #expect(resident[3] < 96 * 1024, "\(resident) KiB")
        exporter.signal(SIGTERM)
        #expect(try await exporter.exitStatus() == 0)
    }
}
