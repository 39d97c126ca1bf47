import Foundation
import PostgresClient
import Testing

/// PostgresClient on real servers.
struct PostgresClientServerTests {
    private func deadline(_ seconds: Double = 20) -> ContinuousClock.Instant { .now + .seconds(seconds) }

    private func kind(_ reply: StatementReply?) -> PostgresError.Kind? {
        if case .failure(let error)? = reply?.result { error.kind } else { nil }
    }

    private func connectError(_ url: String) async -> PostgresError? {
        let connection = PostgresConnection.forTests(url)
        defer { Task { await connection.close() } }
        do throws(PostgresError) {
            _ = try await connection.connect(until: deadline())
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: PostgresUnderTest.all)
    func errorsAreIsolatedInOneRun(server: PostgresUnderTest) async throws {
        let connection = PostgresConnection.forTests(try server.monitor())
        let replies = await connection.run(
            [
                Statement("SELECT 1"), Statement("SELECT nope"), Statement("SELECT $1::int + 1", ["41"]),
                Statement("SELECT * FROM nowhere"), Statement("SELECT 1/0"), Statement("SELECT pg_ls_dir('/')"),
                Statement("SELECT 1"), Statement("CREATE TABLE t (i int)"), Statement("SELECT NULL, ''"),
            ], until: deadline())
        #expect(replies.count == 9)
        #expect(try replies[0].result.get().number(0, 0) == 1)
        #expect(kind(replies[1]) == .unsupported)
        #expect(try replies[2].result.get().number(0, 0) == 42)
        #expect(kind(replies[3]) == .unsupported)
        #expect(kind(replies[4]) == .query)
        #expect(kind(replies[5]) == .permission)
        #expect(try replies[6].result.get().number(0, 0) == 1)
        #expect(kind(replies[7]) == .query, "the session is read-only")
        #expect(try replies[8].result.get().text(0, 0) == nil)
        #expect(try replies[8].result.get().text(0, 1) == "")
        await connection.close()
    }

    @Test(arguments: PostgresUnderTest.all)
    func sessionIsSetUpAndStatementsArePreparedOnce(server: PostgresUnderTest) async throws {
        let connection = PostgresConnection(
            PostgresOptions(conninfo: try server.monitor(), applicationName: "fleet-setup"))
        let facts = try await connection.connect(until: deadline())
        #expect(facts.major == server.major)
        #expect(facts.isStandby == false)
        let names = [
            "application_name", "default_transaction_read_only", "search_path", "jit", "client_encoding",
            "client_connection_check_interval",
        ]
        let show = names.map { Statement("SELECT current_setting('\($0)')") }
        for _ in 0..<3 {
            let values = try await connection.run(show, until: deadline()).map { try $0.result.get().text(0, 0) }
            #expect(values == ["fleet-setup", "on", "pg_catalog, pg_temp", "off", "UTF8", "2s"])
        }
        let held = try await connection.query("SELECT count(*) FROM pg_prepared_statements")
        #expect(held.number(0, 0) == Double(names.count))
        let limit = try await connection.query("SELECT setting FROM pg_settings WHERE name = 'statement_timeout'")
        #expect(try #require(limit.number(0, 0)) <= 20_000)
        #expect(try #require(limit.number(0, 0)) > 0)
        await connection.close()
    }

    @Test func moreStatementsThanTheCacheHoldsAreRunAllTheSame() async throws {
        let connection = PostgresConnection.forTests(try PostgresUnderTest.all[0].monitor())
        for batch in 0..<4 {
            let statements = (0..<150).map { Statement("SELECT \(batch * 150 + $0)") }
            let numbers = try await connection.run(statements, until: deadline()).map {
                try $0.result.get().number(0, 0)
            }
            #expect(numbers == (0..<150).map { Double(batch * 150 + $0) })
        }
        let held = try await connection.query("SELECT count(*) FROM pg_prepared_statements")
        #expect(try #require(held.number(0, 0)) <= 256)
        await connection.close()
    }

    @Test func largeAnswersToLargeQuestionsDoNotBlockEachOther() async throws {
        let connection = PostgresConnection.forTests(try PostgresUnderTest.all[1].monitor())
        let question = Statement("SELECT $1 || $1", [String(repeating: "x", count: 3_000_000)])
        let replies = await connection.run(Array(repeating: question, count: 8), until: deadline(60))
        #expect(try replies.map { try $0.result.get().utf8(0, 0)?.count } == Array(repeating: 6_000_000, count: 8))
        await connection.close()
    }

    @Test(arguments: PostgresUnderTest.all)
    func deadlineGivesWhatThereIsAndCancelsTheRest(server: PostgresUnderTest) async throws {
        let connection = PostgresConnection.forTests(try server.monitor(), name: "fleet-deadline")
        let before = try await connection.query("SELECT pg_backend_pid()").number(0, 0)
        let began = ContinuousClock.now
        // The third keeps its transaction's time limit off, so that only the client's cancel request can end it.
        let replies = await connection.run(
            [
                Statement("SELECT 1"), Statement("SELECT set_config('statement_timeout', '0', false)"),
                Statement("SELECT pg_sleep(300)"), Statement("SELECT pg_sleep(300), 2"), Statement("SELECT 3"),
            ], until: .now + .milliseconds(700))
        #expect(began.duration(to: .now) < .seconds(5))
        #expect(replies.map(kind) == [nil, nil, .timeout, .timeout, .timeout])
        // The same connection serves on as soon as the server has let go.
        #expect(try await connection.query("SELECT pg_backend_pid()").number(0, 0) == before)
        await connection.close()
    }

    @Test(arguments: PostgresUnderTest.all)
    func hangingUpEndsTheWorkOnTheServer(server: PostgresUnderTest) async throws {
        let name = "fleet-hang-up-\(UInt32.random(in: 0...UInt32.max))"
        let connection = PostgresConnection.forTests(try server.monitor(), name: name)
        let other = PostgresConnection.forTests(try server.superuser())
        let sql = "SELECT count(*) FROM pg_stat_activity WHERE application_name = '\(name)' AND state = 'active'"
        let task = Task { await connection.run([Statement("SELECT pg_sleep(300)")], until: .now + .seconds(60)) }
        #expect(try await eventually(within: .seconds(10)) { try await other.query(sql).number(0, 0) == 1 })
        let began = ContinuousClock.now
        task.cancel()
        #expect(kind(await task.value.first) == .cancelled)
        #expect(began.duration(to: .now) < .seconds(2))
        #expect(try await eventually(within: .seconds(5)) { try await other.query(sql).number(0, 0) == 0 })
        await connection.close()
        await other.close()
    }

    @Test(arguments: PostgresUnderTest.all)
    func terminatedBackendIsReplacedWithinTheNextRun(server: PostgresUnderTest) async throws {
        let connection = PostgresConnection.forTests(try server.monitor())
        for _ in 0..<3 {
            let pid = try #require(try await connection.query("SELECT pg_backend_pid()").text(0, 0))
            try await PostgresUnderTest.execute(["SELECT pg_terminate_backend(\(pid))"], at: server.superuser())
            let replies = await connection.run([Statement("SELECT 1"), Statement("SELECT 2")], until: deadline())
            #expect(replies.map(kind) == [nil, nil])
        }
        await connection.close()
    }

    @Test func backendTerminatedInTheMiddleIsAConnectionError() async throws {
        let server = PostgresUnderTest.all[0]
        let connection = PostgresConnection.forTests(try server.monitor())
        let pid = try #require(try await connection.query("SELECT pg_backend_pid()").text(0, 0))
        async let replies = connection.run(
            [Statement("SELECT 1"), Statement("SELECT pg_sleep(300)")], until: deadline())
        try await Task.sleep(for: .milliseconds(300))
        try await PostgresUnderTest.execute(["SELECT pg_terminate_backend(\(pid))"], at: server.superuser())
        let kinds = await replies.map(kind)
        #expect(kinds == [nil, .connection])
        #expect(try await connection.query("SELECT 1").number(0, 0) == 1)
        await connection.close()
    }

    @Test(arguments: PostgresUnderTest.all)
    func lockedTableCostsItsOwnStatementOnly(server: PostgresUnderTest) async throws {
        try await server.withDatabase(["CREATE TABLE t (i int)"]) { name in
            let url = try PostgresUnderTest.url(server.superuser(), database: name)
            let locker = PostgresConnection.forTests(url, readOnly: false)
            _ = try await locker.query("SELECT 1")
            async let held = locker.query("DO $$ BEGIN LOCK t IN ACCESS EXCLUSIVE MODE; PERFORM pg_sleep(4); END $$")
            let connection = PostgresConnection(PostgresOptions(conninfo: url, applicationName: "fleet-locked"))
            let isLocked = try await eventually(within: .seconds(3)) {
                let replies = await connection.run(
                    [Statement("SELECT 1"), Statement("SELECT count(*) FROM public.t"), Statement("SELECT 3")],
                    until: .now + .seconds(2))
                return replies.map(kind) == [nil, .locked, nil]
            }
            #expect(isLocked)
            _ = try await held
            await connection.close()
            await locker.close()
        }
    }

    @Test func wrongPasswordIsAnAuthenticationErrorWithoutIt() async throws {
        var parts = try #require(URLComponents(string: try PostgresUnderTest.all[0].monitor()))
        parts.password = "s3cret"
        let error = await connectError(try #require(parts.string))
        #expect(error?.kind == .authentication)
        #expect(error?.sqlState == "28P01")
        #expect(error?.message.contains("s3cret") == false)
    }

    @Test func unknownDatabaseIsTold() async throws {
        let url = try PostgresUnderTest.url(PostgresUnderTest.all[1].monitor(), database: "nowhere")
        let error = await connectError(url)
        #expect(error?.sqlState == "3D000")
        #expect(error?.message.contains("check the name of the database") == true)
    }

    @Test func refusedTLSIsATLSError() async throws {
        let url = try PostgresUnderTest.all[0].monitor().replacingOccurrences(of: "disable", with: "require")
        let error = await connectError(url)
        #expect(error?.kind == .tls)
    }

    @Test func closedPortIsAConnectionError() async {
        let error = await connectError("host=127.0.0.1 port=1 user=u password=s3cret dbname=d")
        #expect(error?.kind == .connection)
        #expect(error?.message.hasPrefix("connect to 127.0.0.1:1/d: ") == true)
    }

    @Test func socketDirectoryWorks() async throws {
        let parts = try #require(URLComponents(string: try PostgresUnderTest.all[0].monitor()))
        let (user, password) = (try #require(parts.user), try #require(parts.password))
        let port = try #require(parts.port)
        let connection = PostgresConnection.forTests(
            "host=\(try FleetServers()("FLEET_PG15_SOCKET")) port=\(port) user=\(user) password=\(password) dbname=postgres"
        )
        #expect(try await connection.connect(until: deadline()).database == "postgres")
        await connection.close()
    }

    @Test func callsQueueOnOneConnection() async throws {
        let name = "fleet-queue-\(UInt32.random(in: 0...UInt32.max))"
        let connection = PostgresConnection.forTests(try PostgresUnderTest.all[1].monitor(), name: name)
        let pids = try await withThrowingTaskGroup(of: Double?.self) { group in
            for _ in 0..<50 {
                group.addTask { try await connection.query("SELECT pg_backend_pid()").number(0, 0) }
            }
            return try await group.reduce(into: Set<Double>()) { set, pid in if let pid { set.insert(pid) } }
        }
        #expect(pids.count == 1)
        await connection.close()
    }
}
