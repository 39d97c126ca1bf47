import ExporterKit
import Foundation
import Glibc
import PostgresClient
import Testing

@testable import pg_exporter

/// A role of a test's own, and a folder for the files that hold its password.
private struct RoleUnderTest {
    let server: PostgresUnderTest
    let name = "test_\(UInt32.random(in: 0...UInt32.max))"
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fleet-role-\(UUID().uuidString)").path
    static let password = "pa'ss \"w@rd"

    /// Makes both, and takes them away again.
    static func with(
        _ server: PostgresUnderTest, grants: [String] = ["pg_monitor"], _ use: (RoleUnderTest) async throws -> Void
    ) async throws {
        let role = RoleUnderTest(server: server)
        try FileManager.default.createDirectory(atPath: role.folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: role.folder) }
        try await PostgresUnderTest.execute(
            ["CREATE ROLE \(role.name) LOGIN"] + grants.map { "GRANT \($0) TO \(role.name)" }, at: server.superuser())
        do {
            try await role.setPassword(password)
            try await use(role)
        } catch {
            _ = try? await PostgresUnderTest.execute(["DROP ROLE \(role.name)"], at: server.superuser())
            throw error
        }
        try await PostgresUnderTest.execute(["DROP ROLE \(role.name)"], at: server.superuser())
    }

    /// On the server and in the file; sessions that stand are ended.
    func setPassword(_ password: String) async throws {
        try password.write(toFile: "\(folder)/password", atomically: true, encoding: .utf8)
        let quoted = password.replacingOccurrences(of: "'", with: "''")
        try await PostgresUnderTest.execute(
            [
                "ALTER ROLE \(name) PASSWORD '\(quoted)'",
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '\(name)'",
            ], at: server.superuser())
    }

    /// A connection string of the role.
    func url(password: String? = nil) throws -> String {
        var parts = try #require(URLComponents(string: try server.superuser()))
        (parts.user, parts.password) = (name, password)
        return try #require(parts.string)
    }

    /// Prints the password and counts how often.
    var command: String { "sh -c 'echo x >> \(folder)/runs; cat \(folder)/password'" }
    var runs: Int { (try? String(contentsOfFile: "\(folder)/runs", encoding: .utf8))?.filter { $0 == "x" }.count ?? 0 }
}

/// Where passwords come from while the exporter runs.
struct PostgresPasswordTests {
    @Test(arguments: PostgresUnderTest.all)
    func commandGivesThePasswordOnce(server: PostgresUnderTest) async throws {
        try await RoleUnderTest.with(server) { role in
            let exporter = try PgExporterUnderTest(role.url(), ["--password-command=\(role.command)"])
            for _ in 0..<3 { #expect(await exporter.scrape().value("pg_up") == 1) }
            #expect(role.runs == 1)
            #expect(exporter.log.lines == [])
            await exporter.close()
        }
    }

    @Test(arguments: PostgresUnderTest.all)
    func replacedPasswordCostsNoScrape(server: PostgresUnderTest) async throws {
        try await RoleUnderTest.with(server) { role in
            let exporter = try PgExporterUnderTest(role.url(), ["--password-command=\(role.command)"])
            #expect(await exporter.scrape().value("pg_up") == 1)
            try await role.setPassword("another")
            let scrape = await exporter.scrape()
            #expect(scrape.value("pg_up") == 1, "the remembered one is refused, the new one taken at once")
            #expect(scrape.value("pg_exporter_connections_opened_total") == 2)
            #expect(role.runs == 2)
            #expect(exporter.log.lines == [])
            await exporter.close()
        }
    }

    @Test func wrongPasswordIsTriedOncePerScrape() async throws {
        try await RoleUnderTest.with(PostgresUnderTest.all[1]) { role in
            let exporter = try PgExporterUnderTest(role.url(), ["--password-command=\(role.command)"])
            try "s3cret-wrong".write(toFile: "\(role.folder)/password", atomically: true, encoding: .utf8)
            for scrape in 1...3 {
                #expect(await exporter.scrape().value("pg_up") == 0)
                #expect(role.runs == scrape)
            }
            #expect(exporter.log.lines.count == 1)
            #expect(exporter.log.lines.first?.contains("password authentication failed") == true)
            #expect(exporter.log.lines.first?.contains("s3cret") == false)
            await exporter.close()
        }
    }

    @Test func slowCommandCostsTheScrapeNoMoreThanItsTime() async throws {
        try await RoleUnderTest.with(PostgresUnderTest.all[1]) { role in
            let slow = "--password-command=sh -c 'sleep 1; cat \(role.folder)/password'"
            let exporter = try PgExporterUnderTest(role.url(), [slow])
            let scrape = await exporter.scrape(within: .milliseconds(200))
            #expect(scrape.value("pg_up") == 0)
            #expect(scrape.duration < .milliseconds(700))
            #expect(await exporter.scrape().value("pg_up") == 1, "the attempt went on and serves the next one")
            #expect(await exporter.scrape().value("pg_exporter_connections_opened_total") == 1)
            await exporter.close()
        }
    }

    @Test func fileIsReadAnewForEachConnection() async throws {
        try await RoleUnderTest.with(PostgresUnderTest.all[0]) { role in
            let parts = try #require(URLComponents(string: role.url()))
            let exporter = try FleetProcess(
                "pg-exporter", ["--web.listen-address=127.0.0.1:0"],
                environment: [
                    "DATA_SOURCE_URI": "127.0.0.1:\(try #require(parts.port))/fleet?sslmode=disable",
                    "DATA_SOURCE_USER": role.name, "DATA_SOURCE_PASS_FILE": "\(role.folder)/password",
                ])
            let port = try await exporter.port()
            #expect(try await PostgresHTTPAnswer.get(port).body.contains("\npg_up 1\n"))
            try await role.setPassword("another one")
            #expect(try await PostgresHTTPAnswer.get(port).body.contains("\npg_up 1\n"))
        }
    }
}

/// A secret must show up nowhere, whatever goes wrong.
struct PostgresRedactionTests {
    private static let secret = "s3cr3t-Hunter2"

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let environment: @Sendable (_ port: Int) -> [String: String]
        var arguments: [String] = []
        /// What the log has to say instead.
        let says: String
    }

    static let cases = [
        Case(
            testDescription: "wrong password in key=value pairs",
            environment: {
                ["DATA_SOURCE_NAME": "host=127.0.0.1 port=\($0) user=monitor password='\(secret)' dbname=fleet"]
            },
            says: "password authentication failed"),
        Case(
            testDescription: "wrong password in a URI",
            environment: { ["DATA_SOURCE_NAME": "postgres://monitor:\(secret)@127.0.0.1:\($0)/fleet"] },
            says: "password authentication failed"),
        Case(
            testDescription: "wrong password in a variable",
            environment: {
                ["DATA_SOURCE_URI": "127.0.0.1:\($0)/fleet", "DATA_SOURCE_USER": "monitor", "DATA_SOURCE_PASS": secret]
            }, says: "password authentication failed"),
        Case(
            testDescription: "wrong password from a command",
            environment: { ["DATA_SOURCE_NAME": "postgres://monitor@127.0.0.1:\($0)/fleet"] },
            arguments: ["--password-command=echo \(secret)"], says: "password authentication failed"),
        Case(
            testDescription: "command that fails after printing",
            environment: { ["DATA_SOURCE_NAME": "postgres://monitor@127.0.0.1:\($0)/fleet"] },
            arguments: ["--password-command=sh -c 'echo \(secret); echo token expired >&2; exit 3'"],
            says: "password command sh: exit status 3: token expired"),
        Case(
            testDescription: "command that prints two lines",
            environment: { ["DATA_SOURCE_NAME": "postgres://monitor@127.0.0.1:\($0)/fleet"] },
            arguments: ["--password-command=printf 'warning\\n\(secret)\\n'"], says: "printed several lines"),
        Case(
            testDescription: "command that takes too long",
            environment: { ["DATA_SOURCE_NAME": "postgres://monitor@127.0.0.1:\($0)/fleet"] },
            arguments: ["--password-command=sh -c 'echo \(secret); sleep 20'", "--password-command-timeout=300ms"],
            says: "did not end within 300ms"),
        Case(
            testDescription: "server that is not there",
            environment: { _ in ["DATA_SOURCE_NAME": "postgres://monitor:\(secret)@127.0.0.1:1/fleet"] },
            says: "Connection refused"),
        Case(
            testDescription: "wrong password for the console of a PgBouncer",
            environment: { _ in
                let url = (try? FleetServers()("FLEET_PGBOUNCER_URL")) ?? ""
                var parts = URLComponents(string: url)
                parts?.password = secret
                return ["DATA_SOURCE_NAME": parts?.string ?? ""]
            }, says: "authentication failed"),
    ]

    @Test(arguments: cases)
    func secretIsNowhere(failure: Case) async throws {
        let server = try #require(URLComponents(string: try PostgresUnderTest.all[0].monitor())?.port)
        let exporter = try FleetProcess(
            "pg-exporter", ["--web.listen-address=127.0.0.1:0", "--log.level=debug"] + failure.arguments,
            environment: failure.environment(server))
        let port = try await exporter.port()
        let metrics = try await curl("http://127.0.0.1:\(port)/metrics")
        #expect(metrics.status == 200)
        #expect(metrics.body.contains("_up 0\n"))
        var told = [metrics.body]
        for path in ["/", "/health", "/-/healthy", "/-/ready"] {
            told.append(try await curl("http://127.0.0.1:\(port)\(path)").body)
        }
        #expect(try await eventually(within: .seconds(5)) { exporter.standardError.contains(failure.says) })
        told += [exporter.standardError, exporter.standardOutput]
        #expect(!told.contains { $0.contains(Self.secret) })
        exporter.signal(SIGTERM)
        #expect(try await exporter.exitStatus() == 0)
        #expect(!exporter.standardError.contains(Self.secret))
    }

    @Test(arguments: [
        ["--password-command=echo '\(secret)"], ["--password-command=echo \(secret)", "--password-command-ttl=x"],
    ])
    func mistakeInTheCommandEndsTheStartWithoutRepeatingIt(arguments: [String]) async throws {
        let exporter = try FleetProcess(
            "pg-exporter", arguments, environment: ["DATA_SOURCE_NAME": "postgres://monitor@127.0.0.1:1/fleet"])
        let status = try await exporter.exitStatus()
        #expect(status == 1 || status == 2)
        #expect(exporter.standardError.contains("--password-command"))
        #expect(!exporter.standardError.contains(Self.secret))
    }
}

/// Roles that may not see everything.
struct PostgresRoleTests {
    /// How often the server has refused a function to somebody.
    private func refusals(_ server: PostgresUnderTest) throws -> Int {
        let log = try String(
            contentsOfFile: try FleetServers()("FLEET_DIR") + "/pg\(server.major)/log", encoding: .utf8)
        return log.components(separatedBy: "permission denied").count - 1
    }

    @Test(arguments: PostgresUnderTest.all)
    func monitorSeesEverything(server: PostgresUnderTest) async throws {
        try await RoleUnderTest.with(server) { role in
            let before = try refusals(server)
            let exporter = try PgExporterUnderTest(role.url(password: RoleUnderTest.password))
            for _ in 0..<2 { #expect(await exporter.scrape().failed == []) }
            #expect(try refusals(server) == before)
            #expect(exporter.log.lines == [])
            await exporter.close()
        }
    }

    @Test(arguments: PostgresUnderTest.all)
    func strangerHasGapsOnlyAndIsToldOnce(server: PostgresUnderTest) async throws {
        try await RoleUnderTest.with(server, grants: []) { role in
            let before = try refusals(server)
            let exporter = try PgExporterUnderTest(role.url(password: RoleUnderTest.password))
            let first = await exporter.scrape()
            let known = try refusals(server)
            #expect(first.value("pg_up") == 1)
            #expect(first.failed.count > 0 && first.failed.count < 4, "\(first.failed)")
            #expect(first.value("pg_settings_block_size") == 8_192)
            #expect(first.family("pg_stat_database_xact_commit") != nil)
            #expect(known - before >= first.failed.count)
            for _ in 0..<4 { #expect(await exporter.scrape().failed == first.failed, "the gap stays told") }
            #expect(try refusals(server) == known, "what was refused is not asked again")
            #expect(exporter.log.lines.count == first.failed.count)
            #expect(exporter.log.lines.allSatisfy { $0.contains("permission") })
            await exporter.close()
        }
    }
}

/// How connections come about, and what they show.
struct PostgresConnectionMetricTests {
    @Test func certificateHasItsExpiry() async throws {
        let server = PostgresUnderTest.all[1]
        let url = try server.monitor().replacingOccurrences(of: "sslmode=disable", with: "sslmode=require")
        let exporter = try PgExporterUnderTest(url)
        let scrape = await exporter.scrape()
        #expect(scrape.value("pg_tls_certificate_expiry_timestamp_seconds") == (try await ServerCertificate.expiry()))
        await exporter.close()
        let plain = try PgExporterUnderTest(server.monitor())
        #expect(await plain.scrape().family("pg_tls_certificate_expiry_timestamp_seconds") == nil)
        await plain.close()
    }

    @Test func connectionsAndTheirTimeAreCounted() async throws {
        let server = PostgresUnderTest.all[0]
        let exporter = try PgExporterUnderTest(try server.monitor() + "&application_name=fleet-counted")
        for _ in 0..<3 { #expect(await exporter.scrape().value("pg_exporter_connections_opened_total") == 1) }
        let setup = await exporter.scrape().value("pg_exporter_connection_setup_seconds")
        #expect(setup ?? 0 > 0 && setup ?? 9 < 5)
        try await PostgresUnderTest.execute(
            ["SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'fleet-counted'"],
            at: server.superuser())
        let scrape = await exporter.scrape()
        #expect(scrape.value("pg_exporter_connections_opened_total") == 2)
        #expect(scrape.value("pg_exporter_connection_failures_total") == 0)
        await exporter.close()
        let lost = try PgExporterUnderTest("host=127.0.0.1 port=1 user=u")
        for count in 1...2 {
            #expect(await lost.scrape().value("pg_exporter_connection_failures_total") == Double(count))
        }
        #expect(await lost.scrape().family("pg_exporter_connection_setup_seconds") == nil)
        await lost.close()
    }
}
