import ExporterKitTesting
import Foundation
import PostgresClient
import Testing

@testable import ExporterCommand
@testable import ExporterKit
@testable import pg_exporter

/// Which servers and databases are asked: `/probe`, several data sources, discovery; and the files about them, read again.
struct PostgresTargetsTests {
    private let server = PostgresUnderTest.all[1]

    // MARK: - /probe

    /// Host and port of the server, user and password of the monitoring role.
    private func parts() throws -> (address: String, user: String, password: String) {
        let parts = try #require(URLComponents(string: try server.monitor()))
        return (
            "\(try #require(parts.host)):\(try #require(parts.port))", try #require(parts.user),
            try #require(parts.password)
        )
    }

    private func file(_ text: String) throws -> String {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("pg-\(UUID().uuidString).yml").path
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    private func modules(_ user: String, _ password: String, targets: String = "") -> String {
        """
        auth_modules:
          good: { type: userpass, userpass: { username: \(user), password: \(password) }, options: { sslmode: disable } }
          wrong: { type: userpass, userpass: { username: \(user), password: s3cret-but-wrong } }
          half: { type: userpass, userpass: { username: \(user) } }
          narrow: { userpass: { username: \(user), password: \(password) }, targets: ["10.0.0.*"] }
          bare: { type: libpq }
        """ + targets
    }

    private func probe(_ exporter: PgExporterUnderTest, _ target: String, _ module: String) async throws -> HTTPResponse
    {
        let route = try #require(exporter.exporter.routes["/probe"])
        let query = "target=\(encoded(target))" + (module.isEmpty ? "" : "&auth_module=\(module)")
        return await route(HTTPRequest(target: "/probe?\(query)"))
    }

    private func encoded(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? text
    }

    @Test func everyFormOfTargetIsScrapedWithTheModulesCredentials() async throws {
        let (address, user, password) = try parts()
        let path = try file(modules(user, password))
        let exporter = try PgExporterUnderTest("", ["--config.file=\(path)"])
        let host = address.split(separator: ":")
        for target in [
            "\(address)/postgres", "\(address)/postgres?sslmode=disable", "postgresql://nobody:x@\(address)/postgres",
            "host=\(host[0]) port=\(host[1]) user=nobody password='a = b' dbname=postgres",
            "postgres://\(address)/postgres?application_name=x&search_path=public",
        ] {
            let response = try await probe(exporter, target, "good")
            #expect(response.status == 200)
            let text = String(decoding: response.body, as: UTF8.self)
            #expect(text.contains("\npg_up 1\n"), "\(target)")
            #expect(text.contains("pg_database_size_bytes{datname=\"postgres\"}"))
            #expect(!text.contains("process_cpu_seconds_total") && !text.contains("postgres_exporter_build_info"))
        }
        #expect(exporter.log.lines.filter { !$0.contains("No server to ask") } == [])
        await exporter.close()
    }

    @Test func targetThatIsDownOrRefusesIsUpZero() async throws {
        let (address, user, password) = try parts()
        let path = try file(modules(user, password))
        let exporter = try PgExporterUnderTest("", ["--config.file=\(path)"])
        for (target, module) in [("127.0.0.1:1", "good"), (address, "wrong"), (address, "bare")] {
            let response = try await probe(exporter, target, module)
            #expect(response.status == 200)
            let text = String(decoding: response.body, as: UTF8.self)
            #expect(text.contains("\npg_up 0\n"), "\(target) \(module)")
            #expect(!text.contains("s3cret"))
        }
        #expect(!exporter.log.lines.joined().contains("s3cret"))
        await exporter.close()
    }

    @Test func requestThatCannotBeServedSaysWhy() async throws {
        let (address, user, password) = try parts()
        let path = try file(modules(user, password))
        let exporter = try PgExporterUnderTest(
            "", ["--config.file=\(path)", "--probe.allowed-targets=\(address),10.0.0.*"])
        let cases: [(target: String, module: String, status: Int, text: String)] = [
            ("", "good", 400, "target is required"), (address, "none", 400, "auth_module none not found"),
            (address, "half", 400, "auth_module half has no username or password"),
            ("host=h port=nonsense password=s3cret", "good", 400, "could not configure dsn for target"),
            ("evil:5432", "good", 403, "target evil:5432 is not among the allowed targets"),
            (
                "host=\(address.split(separator: ":")[0]),evil port=\(address.split(separator: ":")[1])", "good", 403,
                "not among"
            ),
            (address, "narrow", 403, "not among the allowed targets"),
        ]
        for expected in cases {
            let response = try await probe(exporter, expected.target, expected.module)
            #expect(response.status == expected.status, "\(expected.target)")
            let text = String(decoding: response.body, as: UTF8.self)
            #expect(text.contains(expected.text), "\(text)")
            #expect(!text.contains("s3cret"))
        }
        #expect(try await probe(exporter, address, "good").status == 200)
        await exporter.close()
    }

    @Test func targetKeepsItsConnectionUntilTooManyAreAsked() async throws {
        let (address, user, password) = try parts()
        let path = try file(modules(user, password))
        let exporter = try PgExporterUnderTest("", ["--config.file=\(path)", "--probe.max-targets=1"])
        let observer = PostgresConnection.forTests(try server.superuser())
        let target = "postgresql://\(address)/postgres?application_name="
        func pids(_ name: String) async throws -> [String?] {
            let table = try await observer.query(
                "SELECT pid FROM pg_stat_activity WHERE application_name = '\(name)' ORDER BY 1")
            return (0..<table.rowCount).map { table.text($0, 0) }
        }
        _ = try await probe(exporter, target + "fleet-one", "good")
        let first = try await pids("fleet-one")
        #expect(first.count == 1)
        _ = try await probe(exporter, target + "fleet-one", "good")
        #expect(try await pids("fleet-one") == first)
        _ = try await probe(exporter, target + "fleet-two", "good")
        #expect(try await eventually(within: .seconds(5)) { try await pids("fleet-one").isEmpty })
        #expect(try await pids("fleet-two").count == 1)
        await exporter.close()
        await observer.close()
    }

    // MARK: - Reload

    @Test func fileIsReadAgainWholeOrNotAtAll() async throws {
        let (address, user, password) = try parts()
        let path = try file(modules(user, "old-one"))
        let port = try unusedPort()
        let program = try FleetProcess(
            "pg-exporter", ["--web.listen-address=127.0.0.1:\(port)", "--config.file=\(path)"])
        _ = try await program.port()
        let base = "http://127.0.0.1:\(port)"
        let probe = "\(base)/probe?target=\(address)/postgres&auth_module=good"
        #expect(try await curl(probe).body.contains("\npg_up 0\n"))
        #expect(try await curl("\(base)/-/reload").status == 405)

        try modules(user, password).write(toFile: path, atomically: true, encoding: .utf8)
        #expect(try await curl("\(base)/-/reload", ["-X", "POST"]).status == 200)
        #expect(try await curl(probe).body.contains("\npg_up 1\n"))

        try "auth_modules: [".write(toFile: path, atomically: true, encoding: .utf8)
        let refusal = try await curl("\(base)/-/reload", ["-X", "POST"])
        #expect(refusal.status == 500)
        #expect(refusal.body.contains("\(path):"))
        #expect(try await curl(probe).body.contains("\npg_up 1\n"), "the old configuration stays in force")
        let successful = "\npostgres_exporter_config_last_reload_successful"
        #expect(try await curl("\(base)/metrics").body.contains("\(successful) 0\n"))

        try modules(user, "old-one").write(toFile: path, atomically: true, encoding: .utf8)
        program.signal(SIGHUP)
        #expect(try await eventually(within: .seconds(5)) { try await curl(probe).body.contains("\npg_up 0\n") })
        #expect(try await curl("\(base)/metrics").body.contains("\(successful) 1\n"))
        #expect(!program.standardError.contains(password))
        program.signal(SIGTERM)
        #expect(try await program.exitStatus(within: .seconds(10)) == 0)
    }

    @Test func badFileIsAWarningAtStartAndAnErrorForCheckConfig() async throws {
        let path = try file("auth_modules: { m: { tpye: userpass } }")
        let checked = try FleetProcess("pg-exporter", ["--check-config", "--config.file=\(path)"])
        #expect(try await checked.exitStatus() == 1)
        #expect(checked.standardError.contains("\(path):1:22: unknown key tpye"))
        let exporter = try PgExporterUnderTest("", ["--config.file=\(path)"])
        #expect(exporter.log.lines.contains { $0.hasPrefix("warning: Error loading config") })
        #expect(try await probe(exporter, "h", "m").status == 400)
        await exporter.close()
    }

    // MARK: - Several servers

    @Test func severalServersAreToldApartByALabel() async throws {
        let urls = try PostgresUnderTest.all.map { try $0.monitor() } + ["host=127.0.0.1 port=1 user=u"]
        let exporter = try PgExporterUnderTest(urls.joined(separator: ","), ["--constantLabels=team=db, env=test"])
        let scrape = await exporter.scrape()
        for (url, isUp) in zip(urls, [1.0, 1, 0]) {
            let target = try PostgresTarget(conninfo: url).endpoints[0]
            let labels = ["server": target, "team": "db", "env": "test"]
            #expect(scrape.value("pg_up", labels) == isUp)
            #expect(
                (scrape.value("pg_database_size_bytes", labels.merging(["datname": "postgres"]) { $1 }) != nil)
                    == (isUp == 1))
            #expect((scrape.value("pg_static", labels) != nil) == (isUp == 1))
        }
        #expect(FamilyMerge(scrape.families).drops.values.reduce(0, +) == 0)
        await exporter.close()
    }

    @Test(arguments: [["--constantLabels=a"], ["--constantLabels=1a=b"], ["--constantLabels=a=b,a=c"]])
    func badConstantLabelIsRefused(arguments: [String]) {
        let error = #expect(throws: UsageError.self) { try PgExporterUnderTest("", arguments) }
        #expect(error?.description.hasPrefix("--constantLabels: ") == true)
    }

    // MARK: - Many databases

    @Test(arguments: PostgresUnderTest.all)
    func everyDatabaseIsAskedWithinTheBudget(server: PostgresUnderTest) async throws {
        let table = ["CREATE TABLE t (i int)"]
        try await server.withDatabase(table) { first in
            try await server.withDatabase(table) { second in
                try await server.withDatabase(table) { third in
                    try await PostgresUnderTest.execute(
                        ["REVOKE CONNECT ON DATABASE \(third) FROM PUBLIC"], at: server.superuser())
                    let name = "fleet-\(first)"
                    let exporter = try PgExporterUnderTest(
                        try server.monitor() + "&application_name=\(name)",
                        ["--auto-discover-databases", "--max-connections=2", "--include-databases=postgres,test_*"])
                    for _ in 0..<2 {
                        let scrape = await exporter.scrape()
                        #expect(scrape.failed == [])
                        for (database, isThere) in [(first, true), (second, true), (third, false)] {
                            let labels = ["datname": database, "relname": "t"]
                            #expect((scrape.value("pg_stat_user_tables_n_live_tup", labels) != nil) == isThere)
                            #expect((scrape.value("pg_stat_user_tables_table_size_bytes", labels) != nil) == isThere)
                            #expect(
                                scrape.value("pg_exporter_database_up", ["datname": database]) == (isThere ? 1 : nil))
                        }
                        #expect(FamilyMerge(scrape.families).drops.values.reduce(0, +) == 0)
                        let count = try await PostgresUnderTest.execute(
                            ["SELECT count(*) FROM pg_stat_activity WHERE application_name = '\(name)'"],
                            at: server.superuser())
                        #expect(try #require(count?.number(0, 0)) <= 2)
                    }
                    await exporter.close()
                }
            }
        }
    }

    @Test func databaseThatCannotBeOpenedIsToldAndCostsTheOthersNothing() async throws {
        try await server.withDatabase(["CREATE TABLE t (i int)"]) { good in
            try await server.withDatabase { full in
                try await PostgresUnderTest.execute(
                    ["ALTER DATABASE \(full) CONNECTION LIMIT 0"], at: server.superuser())
                let exporter = try PgExporterUnderTest(
                    try server.monitor(), ["--auto-discover-databases", "--include-databases=\(good),\(full)"])
                let scrape = await exporter.scrape()
                #expect(scrape.failed == [])
                #expect(scrape.value("pg_exporter_database_up", ["datname": full]) == 0)
                #expect(scrape.value("pg_exporter_database_up", ["datname": good]) == 1)
                #expect(scrape.value("pg_stat_user_tables_n_live_tup", ["datname": good]) != nil)
                await exporter.close()
            }
        }
    }
}
