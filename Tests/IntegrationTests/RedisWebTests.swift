import Foundation
import RedisClient
import Testing

@testable import redis_exporter

/// The paths of redis-exporter and its own flags for logins and TLS, as users run it.
@Suite(.serialized) struct RedisWebTests {
    private func file(_ text: String) throws -> String {
        let path = NSTemporaryDirectory() + "redis-web-\(UUID().uuidString)"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    private func start(_ arguments: [String], _ environment: [String: String] = [:]) throws -> FleetProcess {
        try FleetProcess(
            "redis-exporter", ["--redis.addr=127.0.0.1:1", "--web.listen-address=127.0.0.1:0"] + arguments,
            environment: environment)
    }

    @Test(arguments: ["GET", "POST", "PUT", "DELETE"])
    func reloadTakesEveryMethod(method: String) async throws {
        let passwords = try file(#"{"redis://h": "one"}"#)
        let exporter = try start(["--redis.password-file", passwords])
        let url = "http://127.0.0.1:\(try await exporter.port())/-/reload"
        #expect(try await curl(url, ["-X", method]).status == 200)
        try "{".write(toFile: passwords, atomically: true, encoding: .utf8)
        let bad = try await curl(url, ["-X", method])
        #expect(bad.status == 500 && bad.body.contains(passwords))
        let none = try start([])
        let nothing = try await curl("http://127.0.0.1:\(try await none.port())/-/reload", ["-X", method])
        #expect(nothing.status == 400 && nothing.body.contains("There is no pwd file specified"))
    }

    @Test func signalReloadsToo() async throws {
        let modules = try file("modules: {}")
        let exporter = try start(["--config.file", modules])
        let base = "http://127.0.0.1:\(try await exporter.port())"
        let scrape = "\(base)/scrape?target=127.0.0.1:1&module=late"
        #expect(try await curl(scrape).status == 400)
        try "modules: { late: { targets: [\"127.*\"] } }".write(toFile: modules, atomically: true, encoding: .utf8)
        exporter.signal(SIGHUP)
        #expect(try await eventually(within: .seconds(5)) { try await curl(scrape).status == 200 })
    }

    @Test func everyPathIsThere() async throws {
        let exporter = try start([])
        let base = "http://127.0.0.1:\(try await exporter.port())"
        let paths = [
            ("/", 200), ("/metrics", 200), ("/health", 200), ("/scrape", 400), ("/scrape?target=127.0.0.1:1", 200),
            ("/discover-cluster-nodes", 400), ("/discover-sentinel", 500), ("/nowhere", 404),
        ]
        for (path, status) in paths { #expect(try await curl(base + path).status == status, "\(path)") }
        let health = try await curl(base + "/health").body
        #expect(health.hasPrefix("{\"status\":"))
        let closed = try start(["--disable-scrape-endpoint"])
        #expect(try await curl("http://127.0.0.1:\(try await closed.port())/scrape?target=h").status == 404)
    }

    @Test func loginOfTheFlagsCoversEveryPath() async throws {
        let hash = "$2a$04$H3cUKluFJ9Exajh.4XgE8u5rUy0HAd7OyVY8O/IeGF5IWeUO8Qx.O"
        for (name, value) in [("PASSWORD", "sesame"), ("HASH_PASSWORD", hash)] {
            let exporter = try start(
                [], ["REDIS_EXPORTER_BASIC_AUTH_USERNAME": "ann", "REDIS_EXPORTER_BASIC_AUTH_\(name)": value])
            let base = "http://127.0.0.1:\(try await exporter.port())"
            for path in ["/metrics", "/scrape?target=127.0.0.1:1", "/health", "/"] {
                #expect(try await curl(base + path).status == 401)
                #expect(try await curl(base + path, ["-u", "ann:wrong"]).status == 401)
                #expect(try await curl(base + path, ["-u", "ann:sesame"]).status == 200)
            }
            #expect(!exporter.standardError.contains("sesame"))
        }
    }

    @Test func certificateOfTheFlagsServesAndAsksForOne() async throws {
        let servers = FleetServers()
        let authority = try servers("FLEET_TLS_CA")
        let folder = URL(fileURLWithPath: authority).deletingLastPathComponent().path
        let exporter = try start([
            "--tls-server-cert-file=\(folder)/server.crt", "--tls-server-key-file=\(folder)/server.key",
            "--tls-server-ca-cert-file=\(authority)", "--tls-server-min-version=TLS1.3",
        ])
        let url = "https://127.0.0.1:\(try await exporter.port())/metrics"
        let trust = ["--cacert", authority]
        let client = try ["--cert", servers("FLEET_TLS_CERT"), "--key", servers("FLEET_TLS_KEY")]
        #expect(try await curl(url, trust + client).status == 200)
        await #expect(throws: FleetError.self) { try await curl(url, trust) }
        await #expect(throws: FleetError.self) { try await curl(url, trust + client + ["--tls-max", "1.2"]) }
    }

    @Test func contradictionIsAnErrorAtStart() async throws {
        let web = try file("basic_auth_users: { a: $2a$04$H3cUKluFJ9Exajh.4XgE8u5rUy0HAd7OyVY8O/IeGF5IWeUO8Qx.O }")
        let cases: [(arguments: [String], status: Int32, text: String)] = [
            (
                ["--web.config.file", web, "--basic-auth-username=a", "--basic-auth-password=s3cret"], 1,
                "basic_auth_users is here and --basic-auth-password is given too"
            ),
            (["--basic-auth-password=s3cret"], 2, "needs --basic-auth-username"),
            (["--basic-auth-username=a"], 2, "needs --basic-auth-hash-password or --basic-auth-password"),
            (["--basic-auth-username=a", "--basic-auth-hash-password=s3cret"], 2, "is no bcrypt hash"),
            (["--tls-server-cert-file=c"], 2, "HTTPS needs both"),
            (
                ["--tls-server-cert-file=c", "--tls-server-key-file=k", "--tls-server-min-version=1"], 2,
                "is not one of"
            ),
            (["--tls-server-cert-file=/nowhere", "--tls-server-key-file=k"], 1, "/nowhere"),
            (["--config.file=/nowhere"], 1, "/nowhere"),
        ]
        for expected in cases {
            let run = try start(expected.arguments + ["--check-config"])
            #expect(try await run.exitStatus() == expected.status, "\(expected.arguments)")
            #expect(run.standardError.contains(expected.text), "\(run.standardError)")
            #expect(!run.standardError.contains("s3cret"))
        }
    }

    @Test func rightsOfTheGuideAreEnough() async throws {
        let guide = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../docs/guides/redis-exporter.md")
        let line = try #require(
            String(contentsOf: guide, encoding: .utf8).split(separator: "\n").first { $0.hasPrefix("ACL SETUSER") })
        let server = try await OwnRedis()
        let admin = RedisConnection(try RedisOptions(url: server.url))
        try await admin.answer(
            RedisCommand(line.replacing("PASSWORD", with: "pw").split(separator: " ").map(String.init)))
        let exporter = try RedisExporterUnderTest("redis://monitor:pw@127.0.0.1:\(server.port)")
        for _ in 0..<2 {
            let scrape = await exporter.scrape()
            #expect(scrape.value("redis_up") == 1)
            #expect(scrape.failed.isEmpty)
            #expect(scrape.value("redis_total_error_replies") == 0)
        }
        #expect(try await admin.answer(["ACL", "LOG"]) == .array([]))
        await admin.close()
        await exporter.close()
    }
}
