import ExporterKit
import Foundation
import Glibc
import PostgresClient
import Testing

@testable import pg_exporter

/// One of the two PgBouncers, as the tests use it.
struct BouncerUnderTest: Sendable, CustomTestStringConvertible {
    let variable: String
    let version: ServerVersion
    var testDescription: String { "PgBouncer \(version)" }

    static let all = [
        BouncerUnderTest(variable: "FLEET_PGBOUNCER", version: ServerVersion(1, 18)),
        BouncerUnderTest(variable: "FLEET_PGBOUNCER_NEXT", version: ServerVersion(1, 25)),
    ]

    func console() throws -> String { try FleetServers()("\(variable)_URL") }
    func pid() throws -> pid_t { try #require(pid_t(try FleetServers()("\(variable)_PID"))) }
    /// The database behind it.
    func pooled() throws -> String { try PostgresUnderTest.url(console(), database: "fleet") }
}

/// Names of pgbouncer_exporter 0.12.
private struct BouncerFact {
    let name: String
    let kind: MetricKind
    let labels: [String]
    /// First version of PgBouncer whose console tells it.
    let since: ServerVersion

    private static func facts(
        _ prefix: String, _ kind: MetricKind, _ labels: [String], since: ServerVersion = ServerVersion(1, 8),
        _ names: String
    ) -> [BouncerFact] {
        names.split(separator: " ").map { BouncerFact(name: prefix + $0, kind: kind, labels: labels, since: since) }
    }

    static let all =
        facts(
            "pgbouncer_databases_", .gauge, ["database", "force_user", "host", "name", "pool_mode", "port"],
            "pool_size reserve_pool max_connections current_connections paused disabled")
        + facts(
            "pgbouncer_stats_totals_", .counter, ["database"],
            """
            queries_pooled_total queries_duration_seconds_total received_bytes_total sent_bytes_total \
            client_wait_seconds_total sql_transactions_pooled_total server_in_transaction_seconds_total
            """)
        + facts(
            "pgbouncer_stats_totals_", .counter, ["database"], since: ServerVersion(1, 23),
            "client_parses_total server_parses_total binds_total server_assignments_total")
        + facts(
            "pgbouncer_pools_", .gauge, ["database", "user"],
            """
            client_active_connections client_waiting_connections server_active_connections server_idle_connections \
            server_used_connections server_testing_connections server_login_connections client_maxwait_seconds
            """)
        + facts(
            "pgbouncer_pools_", .gauge, ["database", "user"], since: ServerVersion(1, 18),
            """
            client_active_cancel_connections client_waiting_cancel_connections server_active_cancel_connections \
            server_being_canceled_connections
            """)
        + facts(
            "pgbouncer_", .gauge, [],
            """
            databases users pools free_clients used_clients login_clients free_servers used_servers \
            cached_dns_names cached_dns_zones in_flight_dns_queries config_max_client_connections \
            config_max_user_connections up
            """)
        + facts("pgbouncer_", .gauge, ["version"], "version_info")
        + facts("pgbouncer_", .gauge, ["application_name", "database", "state", "user"], "client_connections")
}

/// pg-exporter on the consoles of real PgBouncers.
struct PostgresBouncerTests {
    @Test(arguments: BouncerUnderTest.all)
    func everyUpstreamMetricIsThere(server: BouncerUnderTest) async throws {
        let exporter = try PgExporterUnderTest(server.console())
        let scrape = await exporter.scrape()
        #expect(scrape.failed == [])
        for fact in BouncerFact.all where fact.since <= server.version {
            let family = try #require(scrape.family(fact.name), "\(fact.name) is missing")
            #expect(family.descriptor.kind == fact.kind, "\(fact.name)")
            #expect(family.samples.allSatisfy { $0.labels.pairs.map(\.name) == fact.labels }, "\(fact.name)")
        }
        #expect(scrape.value("pgbouncer_up") == 1)
        #expect(scrape.family("pg_up") == nil)
        #expect(scrape.value("pgbouncer_config_max_client_connections") == 150)
        #expect(scrape.value("pgbouncer_databases_pool_size", ["name": "fleet"]) == 3)
        #expect(scrape.value("pgbouncer_databases_reserve_pool", ["name": "fleet"]) == 2)
        #expect(scrape.value("pgbouncer_databases_pool_size", ["name": "far"]) == 20)
        let version = scrape.family("pgbouncer_version_info")?.samples.first?.labels.pairs.first?.value
        #expect(version?.hasPrefix("PgBouncer 1.") == true)
        #expect(scrape.family("pgbouncer_stats_queries_pooled_total") == nil)
        #expect(exporter.log.lines == [])
        await exporter.close()
    }

    @Test(arguments: BouncerUnderTest.all)
    func busyPoolShowsItsWaitingClients(server: BouncerUnderTest) async throws {
        let exporter = try PgExporterUnderTest(server.console(), ["--pgbouncer.old-stats-names"])
        let before = await exporter.scrape().value("pgbouncer_stats_totals_queries_pooled_total", ["database": "fleet"])
        let clients = try (0..<5).map { _ in PostgresConnection.forTests(try server.pooled(), name: "fleet-load") }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for client in clients { group.addTask { _ = try await client.query("SELECT pg_sleep(1.5)") } }
            let pool = ["database": "fleet", "user": "monitor"]
            #expect(
                try await eventually(within: .seconds(5)) {
                    let scrape = await exporter.scrape()
                    return scrape.value("pgbouncer_pools_client_waiting_connections", pool) == 2
                        && scrape.value("pgbouncer_pools_server_active_connections", pool) == 3
                        && scrape.value("pgbouncer_pools_client_maxwait_seconds", pool) ?? 0 > 0
                        && scrape.value("pgbouncer_server_connections", pool.merging(["state": "active"]) { $1 }) == 3
                        && scrape.value(
                            "pgbouncer_client_connections",
                            pool.merging(["application_name": "fleet-load", "state": "waiting"]) { $1 }) == 2
                })
            try await group.waitForAll()
        }
        let after = await exporter.scrape()
        let queries = try #require(after.value("pgbouncer_stats_totals_queries_pooled_total", ["database": "fleet"]))
        #expect(queries >= (before ?? 0) + 5)
        #expect(after.value("pgbouncer_stats_queries_pooled_total", ["database": "fleet"]) == queries)
        let waited = try #require(
            after.value("pgbouncer_stats_totals_client_wait_seconds_total", ["database": "fleet"]))
        #expect(waited > 1 && waited < 60)
        for client in clients { await client.close() }
        await exporter.close()
    }

    @Test(arguments: BouncerUnderTest.all)
    func scrapesShareOneConnection(server: BouncerUnderTest) async throws {
        let exporter = try PgExporterUnderTest(server.console())
        for _ in 0..<3 {
            let scrape = await exporter.scrape()
            #expect(scrape.value("pgbouncer_exporter_connections_opened_total") == 1)
            #expect(
                scrape.value("pgbouncer_client_connections", ["application_name": "pg-exporter"]) == 1, "one socket")
            #expect(scrape.value("pgbouncer_exporter_connection_setup_seconds") ?? 0 > 0)
        }
        await exporter.close()
    }

    @Test(arguments: BouncerUnderTest.all)
    func stoppedConsoleIsUpZeroInTimeAndComesBack(server: BouncerUnderTest) async throws {
        let exporter = try PgExporterUnderTest(server.console())
        #expect(await exporter.scrape().value("pgbouncer_up") == 1)
        let pid = try server.pid()
        kill(pid, SIGSTOP)
        for _ in 0..<3 {
            let scrape = await exporter.scrape(within: .milliseconds(300))
            #expect(scrape.duration < .seconds(1))
            #expect(scrape.value("pgbouncer_up") == 0)
        }
        kill(pid, SIGCONT)
        #expect(
            try await eventually(within: .seconds(10)) {
                let scrape = await exporter.scrape(within: .seconds(2))
                return scrape.value("pgbouncer_up") == 1 && scrape.failed == []
                    && scrape.value("pgbouncer_client_connections", ["application_name": "pg-exporter"]) == 1
            })
        #expect(exporter.log.lines.count == 2, "gone, and back")
        await exporter.close()
    }

    @Test func databaseThatIsNoConsoleSaysWhatToDo() async throws {
        let url = try PostgresUnderTest.all[0].monitor()
        let exporter = try PgExporterUnderTest(url, ["--pgbouncer.databases=pgbouncer,fleet"])
        let scrape = await exporter.scrape()
        #expect(scrape.value("pgbouncer_up") == 0)
        #expect(exporter.log.lines.count == 1)
        #expect(exporter.log.lines.first?.contains("--pgbouncer.databases") == true)
        await exporter.close()
        let database = try PgExporterUnderTest(url, ["--pgbouncer.databases="])
        #expect(await database.scrape().value("pg_up") == 1)
        await database.close()
    }

    @Test(arguments: BouncerUnderTest.all)
    func userWithoutRightsIsToldWhereToGetThem(server: BouncerUnderTest) async throws {
        var parts = try #require(URLComponents(string: try server.console()))
        parts.user = "stranger"
        let exporter = try PgExporterUnderTest(try #require(parts.string))
        for _ in 0..<2 { #expect(await exporter.scrape().value("pgbouncer_up") == 0) }
        #expect(exporter.log.lines.count == 1)
        #expect(exporter.log.lines.first?.contains("stats_users of pgbouncer.ini") == true)
        await exporter.close()
    }

    @Test(arguments: BouncerUnderTest.all)
    func refusedCommandIsNoLostConnection(server: BouncerUnderTest) async throws {
        var options = PostgresOptions(conninfo: try server.console(), applicationName: "fleet-console")
        options.protocolMode = .simple
        let connection = PostgresConnection(options)
        let session = ConsoleSession(connection: connection, server: .init(version: ""))
        let replies = await session.ask(
            [Statement("SHOW NOTHING"), Statement("SHOW VERSION")], until: .after(.seconds(10)))
        guard case .failure(let error)? = replies.first?.result else {
            Issue.record("it was answered")
            return
        }
        #expect(error.reason == .query)
        #expect(try replies.last?.result.get().text(0, 0)?.hasPrefix("PgBouncer 1.") == true)
        await connection.close()
    }

    @Test(arguments: BouncerUnderTest.all)
    func certificateOfTheConsoleHasItsExpiry(server: BouncerUnderTest) async throws {
        let url = try server.console().replacingOccurrences(of: "sslmode=disable", with: "sslmode=require")
        let exporter = try PgExporterUnderTest(url)
        let expiry = await exporter.scrape().value("pgbouncer_tls_certificate_expiry_timestamp_seconds")
        #expect(expiry == (try await ServerCertificate.expiry()))
        await exporter.close()
        let plain = try PgExporterUnderTest(server.console())
        #expect(await plain.scrape().family("pgbouncer_tls_certificate_expiry_timestamp_seconds") == nil)
        await plain.close()
    }
}

/// The certificate that the servers of the tests show.
enum ServerCertificate {
    /// Unix time, as openssl reads it.
    static func expiry() async throws -> Double {
        let path = try FleetServers()("FLEET_DIR") + "/tls/server.crt"
        let text = try await FleetProcess.output("openssl", ["x509", "-enddate", "-noout", "-in", path])
        let date = try #require(text.split(separator: "=").last)
        return try #require(Double(try await FleetProcess.output("date", ["-u", "-d", String(date), "+%s"])))
    }
}

/// The simple protocol, on servers that run anything.
struct PostgresSimpleProtocolTests {
    private func connection(_ url: String) -> PostgresConnection {
        var options = PostgresOptions(conninfo: url, applicationName: "fleet-simple")
        options.protocolMode = .simple
        return PostgresConnection(options)
    }

    private func text(_ reply: StatementReply?) throws -> String? { try #require(reply).result.get().text(0, 0) }

    @Test(arguments: PostgresUnderTest.all)
    func eachStatementHasItsOwnAnswer(server: PostgresUnderTest) async throws {
        let connection = connection(try server.monitor())
        for _ in 0..<2 {
            let replies = await connection.run(
                [Statement("SELECT 1"), Statement("SELECT * FROM nothing"), Statement(""), Statement("SELECT 'x'")],
                until: .now + .seconds(10))
            #expect(replies.count == 4)
            #expect(try text(replies.first) == "1")
            #expect(throws: PostgresError.self) { try replies[1].result.get() }
            #expect(try replies[2].result.get().rowCount == 0)
            #expect(try text(replies.last) == "x")
        }
        await connection.close()
    }

    @Test(arguments: PostgresUnderTest.all)
    func lateStatementIsCancelledAndTheRestNotRun(server: PostgresUnderTest) async throws {
        let connection = connection(try server.monitor())
        let before = try await connection.connect(until: .now + .seconds(10))
        let began = ContinuousClock.now
        let replies = await connection.run(
            [
                Statement("SELECT 1"), Statement("SELECT pg_sleep(30)"),
                Statement("SELECT set_config('fleet.mark', 'set', false)"),
            ], until: .now + .milliseconds(300))
        #expect(began.duration(to: .now) < .seconds(2))
        #expect(try text(replies.first) == "1")
        #expect(throws: PostgresError.self) { try replies[1].result.get() }
        #expect(throws: PostgresError.self) { try replies[2].result.get() }
        let mark = await connection.run(
            [Statement("SELECT current_setting('fleet.mark', true)")], until: .now + .seconds(5))
        #expect(try text(mark.first) == nil, "what nobody waits for is not sent")
        let after = try await connection.connect(until: .now + .seconds(5))
        #expect(after.backendPID == before.backendPID, "the same socket")
        await connection.close()
    }

    @Test func largeAnswerAndLargeStatementArePassedWhole() async throws {
        let connection = connection(try PostgresUnderTest.all[0].monitor())
        let long = String(repeating: "x", count: 3_000_000)
        let replies = await connection.run(
            [Statement("SELECT repeat('y', 5000000)"), Statement("SELECT length('\(long)')")],
            until: .now + .seconds(20))
        #expect(try replies[0].result.get().utf8(0, 0)?.count == 5_000_000)
        #expect(try text(replies.last) == "3000000")
        await connection.close()
    }

    @Test func lostConnectionIsOpenedAgain() async throws {
        let server = PostgresUnderTest.all[1]
        let connection = connection(try server.monitor())
        let first = try await connection.connect(until: .now + .seconds(10))
        _ = await connection.run([Statement("SELECT 1")], until: .now + .seconds(10))
        try await PostgresUnderTest.execute(
            ["SELECT pg_terminate_backend(\(first.backendPID))"], at: server.superuser())
        let replies = await connection.run([Statement("SELECT pg_backend_pid()")], until: .now + .seconds(10))
        #expect(try text(replies.first) != "\(first.backendPID)")
        await connection.close()
    }

    @Test func parametersAreRefusedWithAReason() async throws {
        let connection = connection(try PostgresUnderTest.all[0].monitor())
        let replies = await connection.run([Statement("SELECT $1", ["1"])], until: .now + .seconds(10))
        guard case .failure(let error)? = replies.first?.result else {
            Issue.record("a parameter was taken")
            return
        }
        #expect(error.kind == .unsupported)
        await connection.close()
    }
}
