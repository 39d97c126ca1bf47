import ExporterKit
import Foundation
import PostgresClient
import Testing

@testable import pg_exporter

/// The collectors that upstream does not have, in situations made for them.
struct PostgresExtraTests {
    @Test(arguments: PostgresUnderTest.all)
    func blockedSessionsAndTheOneAtTheRootAreCounted(server: PostgresUnderTest) async throws {
        try await server.withDatabase(["CREATE TABLE t (i int)", "INSERT INTO t VALUES (1)"]) { name in
            let url = try PostgresUnderTest.url(server.superuser(), database: name)
            let sessions = (0..<3).map { _ in PostgresConnection.forTests(url, readOnly: false) }
            let observer = PostgresConnection.forTests(url)
            let exporter = try PgExporterUnderTest(PostgresUnderTest.url(server.monitor(), database: name))
            #expect(await exporter.scrape().value("pg_blocking_blocked_sessions", ["datname": name]) == 0)
            async let root = sessions[0].query(
                "DO $$ BEGIN UPDATE t SET i = 2; PERFORM pg_sleep(4); END $$", within: .seconds(10))
            _ = try await eventually(within: .seconds(3)) {
                try await observer.query("SELECT count(*) FROM pg_locks WHERE relation = 't'::regclass AND granted")
                    .number(0, 0) == 1
            }
            async let second = sessions[1].query("UPDATE t SET i = 3", within: .seconds(10))
            async let third = sessions[2].query("UPDATE t SET i = 4", within: .seconds(10))
            let waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
            #expect(
                try await eventually(within: .seconds(3)) { try await observer.query(waiting).number(0, 0) == 2 })
            let scrape = await exporter.scrape()
            #expect(scrape.failed == [])
            #expect(scrape.value("pg_blocking_blocked_sessions", ["datname": name]) == 2)
            #expect(scrape.value("pg_blocking_blocker_sessions", ["datname": name]) == 1)
            #expect(try #require(scrape.value("pg_blocking_max_wait_seconds", ["datname": name])) > 0)
            #expect(scrape.value("pg_blocking_blocked_sessions", ["datname": "postgres"]) == 0)
            let locks = (scrape.family("pg_locks_waiting")?.samples ?? []).reduce(0) { sum, sample in
                if case .number(let value) = sample.value { sum + value } else { sum }
            }
            #expect(locks == 2)
            #expect(try #require(scrape.value("pg_transactions_oldest_age_seconds", ["datname": name])) > 0)
            _ = try await (root, second, third)
            for connection in sessions + [observer] { await connection.close() }
            await exporter.close()
        }
    }

    @Test(arguments: PostgresUnderTest.all)
    func idleTransactionHasAnAgeAndHoldsTheHorizon(server: PostgresUnderTest) async throws {
        try await server.withDatabase(["CREATE TABLE t (i int)"]) { name in
            let url = try PostgresUnderTest.url(server.superuser(), database: name)
            let idle = PostgresConnection.forTests(url, readOnly: false)
            let exporter = try PgExporterUnderTest(PostgresUnderTest.url(server.monitor(), database: name))
            _ = try await idle.query("BEGIN ISOLATION LEVEL REPEATABLE READ")
            _ = try await idle.query("SELECT 1")
            try await PostgresUnderTest.execute(
                (0..<5).map { "INSERT INTO t VALUES (\($0))" }, at: url)
            let scrape = await exporter.scrape()
            #expect(scrape.value("pg_transactions_idle_in_transaction", ["datname": name]) == 1)
            #expect(
                try #require(scrape.value("pg_transactions_idle_in_transaction_age_seconds", ["datname": name])) > 0)
            #expect(try #require(scrape.value("pg_xmin_horizon_age", ["holder": "session"])) >= 5)
            #expect(scrape.value("pg_xmin_horizon_age", ["holder": "prepared"]) == 0)
            _ = try await idle.query("ROLLBACK")
            await idle.close()
            await exporter.close()
        }
    }

    @Test(arguments: PostgresUnderTest.all)
    func preparedTransactionIsSeenAsFarAsTheServerAllowsAny(server: PostgresUnderTest) async throws {
        try await server.withDatabase(["CREATE TABLE t (i int)"]) { name in
            let url = try PostgresUnderTest.url(server.superuser(), database: name)
            let session = PostgresConnection.forTests(url, readOnly: false)
            let exporter = try PgExporterUnderTest(PostgresUnderTest.url(server.monitor(), database: name))
            _ = try await session.query("BEGIN")
            _ = try await session.query("INSERT INTO t VALUES (1)")
            _ = try await session.query("PREPARE TRANSACTION '\(name)'")
            try await PostgresUnderTest.execute((0..<3).map { "INSERT INTO t VALUES (\($0))" }, at: url)
            let scrape = await exporter.scrape()
            #expect(scrape.value("pg_prepared_transactions_open", ["datname": name]) == 1)
            #expect(scrape.value("pg_prepared_transactions_open", ["datname": "postgres"]) == 0)
            #expect(try #require(scrape.value("pg_prepared_transactions_oldest_age_seconds", ["datname": name])) > 0)
            #expect(try #require(scrape.value("pg_xmin_horizon_age", ["holder": "prepared"])) >= 3)
            _ = try await session.query("ROLLBACK PREPARED '\(name)'")
            #expect(await exporter.scrape().value("pg_prepared_transactions_open", ["datname": name]) == 0)
            await session.close()
            await exporter.close()
        }
    }

    @Test(arguments: PostgresUnderTest.all)
    func sequencesNearTheirEndAreShownWhenTheyMayBeRead(server: PostgresUnderTest) async throws {
        let statements = [
            "CREATE TABLE narrow (i smallserial)", "SELECT setval('narrow_i_seq', 30000)",
            "CREATE SEQUENCE wide", "SELECT setval('wide', 3000000000)", "CREATE TABLE lent (i int)",
            "CREATE SEQUENCE long OWNED BY lent.i", "SELECT setval('long', 2000000000)",
            "CREATE SEQUENCE down INCREMENT -1 MINVALUE -100 MAXVALUE -1", "SELECT setval('down', -80)",
            "CREATE SEQUENCE around MAXVALUE 10 CYCLE", "SELECT setval('around', 9)",
            "CREATE SEQUENCE unused MAXVALUE 2",
        ]
        try await server.withDatabase(statements) { name in
            let exporter = try PgExporterUnderTest(PostgresUnderTest.url(server.superuser(), database: name))
            let scrape = await exporter.scrape()
            #expect(scrape.failed == [])
            let found = scrape.family("pg_sequence_usage_ratio")?.samples ?? []
            #expect(found.count == 3)
            for (sequence, ratio) in [("narrow_i_seq", 30_000 / 32_767), ("long", 2e9 / 2_147_483_647), ("down", 0.8)] {
                let value = try #require(scrape.value("pg_sequence_usage_ratio", ["sequencename": sequence]))
                #expect(abs(value - ratio) < 1e-9, "\(sequence)")
            }
            #expect(scrape.value("pg_sequence_last_value", ["sequencename": "long"]) == 2e9)
            #expect(scrape.value("pg_sequence_unreadable", ["datname": name]) == 0)
            let monitor = try PgExporterUnderTest(PostgresUnderTest.url(server.monitor(), database: name))
            let seen = await monitor.scrape()
            #expect(seen.failed == [])
            #expect(seen.family("pg_sequence_usage_ratio") == nil)
            #expect(seen.value("pg_sequence_unreadable", ["datname": name]) == 6)
            await exporter.close()
            await monitor.close()
        }
    }

    @Test(arguments: PostgresUnderTest.all)
    func invalidAndUnusedIndexesAreNamed(server: PostgresUnderTest) async throws {
        let statements = [
            "CREATE TABLE t (i int PRIMARY KEY, j int, k int)",
            "INSERT INTO t SELECT g, g, 1 FROM generate_series(1, 60000) g",
            "CREATE INDEX idle_idx ON t (j)", "CREATE INDEX busy_idx ON t (j, k)",
            "CREATE UNIQUE INDEX once_idx ON t (j, i)",
            "VACUUM ANALYZE t",
        ]
        try await server.withDatabase(statements) { name in
            let url = try PostgresUnderTest.url(server.superuser(), database: name)
            _ = try? await PostgresUnderTest.execute(["CREATE UNIQUE INDEX CONCURRENTLY broken_idx ON t (k)"], at: url)
            try await PostgresUnderTest.execute(
                [
                    "SET enable_seqscan = off", "SET enable_bitmapscan = off", "DROP INDEX idle_idx",
                    "SELECT count(*) FROM t WHERE j = 5 AND k = 1", "CREATE INDEX idle_idx ON t (j)",
                ], at: url)
            let exporter = try PgExporterUnderTest(PostgresUnderTest.url(server.monitor(), database: name))
            let observer = PostgresConnection.forTests(url)
            #expect(
                try await eventually(within: .seconds(5)) {
                    let scans =
                        "SELECT sum(idx_scan) FROM pg_stat_user_indexes WHERE indexrelname IN ('busy_idx', 'once_idx')"
                    return try await observer.query(scans).number(0, 0) ?? 0 > 0
                })
            let scrape = await exporter.scrape()
            #expect(scrape.failed == [])
            #expect(scrape.value("pg_index_invalid", ["indexrelname": "broken_idx", "relname": "t"]) == 1)
            #expect(scrape.family("pg_index_invalid")?.samples.count == 1)
            let unused = scrape.family("pg_index_unused_largest_size_bytes")?.samples ?? []
            let names = unused.compactMap { sample in sample.labels.pairs.first { $0.name == "indexrelname" }?.value }
            let plain = try await observer.query(
                """
                SELECT count(*), sum(pg_relation_size(s.indexrelid)) FROM pg_stat_user_indexes s \
                JOIN pg_index i USING (indexrelid) WHERE idx_scan = 0 AND indisvalid AND NOT indisunique
                """)
            #expect(scrape.value("pg_index_unused_indexes", ["datname": name]) == plain.number(0, 0))
            #expect(scrape.value("pg_index_unused_size_bytes", ["datname": name]) == plain.number(0, 1))
            #expect(names.contains("idle_idx"))
            #expect(!names.contains("once_idx") && !names.contains("t_pkey"))
            await observer.close()
            await exporter.close()
        }
    }

    @Test(arguments: PostgresUnderTest.all)
    func bloatIsEstimatedAndCallsAreCountedWhenAskedFor(server: PostgresUnderTest) async throws {
        let statements = [
            "CREATE TABLE t (i int PRIMARY KEY, t text)",
            "INSERT INTO t SELECT g, repeat('x', 50) FROM generate_series(1, 60000) g",
            "DELETE FROM t WHERE i % 4 <> 0", "VACUUM t", "ANALYZE t",
            "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1; END'",
            "SET track_functions = 'all'", "SELECT f(), f()", "SELECT pg_stat_clear_snapshot()",
        ]
        try await server.withDatabase(statements) { name in
            let exporter = try PgExporterUnderTest(
                PostgresUnderTest.url(server.superuser(), database: name),
                ["--collector.table_bloat", "--collector.index_bloat", "--collector.stat_user_functions"])
            let scrape = await exporter.scrape()
            #expect(scrape.failed == [])
            for metric in ["pg_table_bloat_ratio", "pg_index_bloat_ratio"] {
                let ratio = try #require(scrape.value(metric, ["relname": "t"]), "\(metric)")
                #expect(abs(ratio - 0.75) < 0.05, "\(metric) \(ratio)")
            }
            #expect(try #require(scrape.value("pg_table_bloat_size_bytes", ["relname": "t"])) > 3e6)
            #expect(
                try await eventually(within: .seconds(5)) {
                    await exporter.scrape().value("pg_stat_user_functions_calls_total", ["funcname": "f"]) == 2
                })
            await exporter.close()
        }
    }

    /// Counters that only grow: what the exporter says lies between what SQL says before and after.
    @Test(arguments: PostgresUnderTest.all)
    func countersAreWhatPlainSQLSays(server: PostgresUnderTest) async throws {
        let exporter = try PgExporterUnderTest(try server.monitor())
        let connection = PostgresConnection.forTests(try server.superuser())
        var cases = [
            ("pg_stat_wal_records_total", [:], "SELECT wal_records FROM pg_stat_wal"),
            ("pg_stat_wal_bytes_total", [:], "SELECT wal_bytes FROM pg_stat_wal"),
            (
                "pg_stat_database_sessions_total", ["datname": "fleet"],
                "SELECT sessions FROM pg_stat_database WHERE datname = 'fleet'"
            ),
            (
                "pg_wraparound_xid_age", ["datname": "postgres"],
                "SELECT age(datfrozenxid) FROM pg_database WHERE datname = 'postgres'"
            ),
            (
                "pg_wraparound_multixact_age", ["datname": "postgres"],
                "SELECT mxid_age(datminmxid) FROM pg_database WHERE datname = 'postgres'"
            ),
            (
                "pg_stat_slru_blks_hit_total", ["name": server.major < 17 ? "Xact" : "transaction"],
                "SELECT blks_hit FROM pg_stat_slru WHERE name IN ('Xact', 'transaction')"
            ),
        ]
        if server.major >= 16 {
            cases.append(
                (
                    "pg_stat_io_hits_total",
                    ["backend_type": "client backend", "object": "relation", "context": "normal"],
                    "SELECT hits FROM pg_stat_io WHERE backend_type = 'client backend' AND object = 'relation' AND context = 'normal'"
                ))
        }
        for (metric, labels, sql) in cases {
            let before = try await connection.query(sql).number(0, 0)
            let value = await exporter.scrape().value(metric, labels)
            let after = try await connection.query(sql).number(0, 0)
            #expect(try #require(before) <= #require(value) && #require(value) <= #require(after), "\(metric)")
        }
        let scrape = await exporter.scrape()
        #expect((scrape.family("pg_stat_io_reads_total") != nil) == (server.major >= 16))
        #expect(scrape.family("pg_stat_database_checksum_failures_total") == nil)
        await connection.close()
        await exporter.close()
    }

    @Test(arguments: PostgresUnderTest.all)
    func subscriptionThatIsOffIsSaidToBeOff(server: PostgresUnderTest) async throws {
        try await server.withDatabase { name in
            let url = try PostgresUnderTest.url(server.superuser(), database: name)
            let subscription = "sub_\(name)"
            try await PostgresUnderTest.execute(
                [
                    "CREATE SUBSCRIPTION \(subscription) CONNECTION 'dbname=none' PUBLICATION p "
                        + "WITH (connect = false, slot_name = NONE, enabled = false)"
                ], at: url)
            let exporter = try PgExporterUnderTest(PostgresUnderTest.url(server.monitor(), database: name))
            let scrape = await exporter.scrape()
            #expect(scrape.failed == [])
            let labels = ["datname": name, "subname": subscription]
            #expect(scrape.value("pg_stat_subscription_enabled", labels) == 0)
            #expect(scrape.value("pg_stat_subscription_workers", labels) == 0)
            #expect(scrape.value("pg_stat_subscription_stats_apply_errors_total", labels) == 0)
            #expect(scrape.value("pg_stat_subscription_received_lsn_bytes", labels) == nil)
            await exporter.close()
            try await PostgresUnderTest.execute(["DROP SUBSCRIPTION \(subscription)"], at: url)
        }
    }

    @Test(arguments: PostgresUnderTest.all)
    func indexThatWaitsForASessionShowsItsProgress(server: PostgresUnderTest) async throws {
        try await server.withDatabase(["CREATE TABLE t (i int)", "CREATE SCHEMA app", "CREATE TABLE app.t (i int)"]) {
            name in
            let url = try PostgresUnderTest.url(server.superuser(), database: name)
            let (writer, builder) = (
                PostgresConnection.forTests(url, readOnly: false), PostgresConnection.forTests(url, readOnly: false)
            )
            let exporter = try PgExporterUnderTest(PostgresUnderTest.url(server.monitor(), database: name))
            _ = try await writer.query("BEGIN")
            _ = try await writer.query("INSERT INTO app.t VALUES (1)")
            async let built = builder.query("CREATE INDEX CONCURRENTLY ON app.t (i)", within: .seconds(15))
            var labels = ["datname": name, "schemaname": "app", "relname": "t", "command": "CREATE INDEX CONCURRENTLY"]
            labels["phase"] = "waiting for writers before build"
            let expected = labels
            #expect(
                try await eventually(within: .seconds(5)) {
                    await exporter.scrape().value("pg_stat_progress_create_index_lockers", expected) == 1
                })
            #expect(await exporter.scrape().value("pg_stat_progress_create_index_lockers_done", expected) == 0)
            _ = try await writer.query("COMMIT")
            _ = try await built
            #expect(await exporter.scrape().family("pg_stat_progress_create_index_lockers") == nil)
            for connection in [writer, builder] { await connection.close() }
            await exporter.close()
        }
    }

    @Test(arguments: PostgresUnderTest.all)
    func settingThatWaitsForARestartIsCounted(server: PostgresUnderTest) async throws {
        let exporter = try PgExporterUnderTest(try server.monitor())
        let before = try #require(await exporter.scrape().value("pg_settings_pending_restarts"))
        func isPending(_ count: Double) async throws -> Bool {
            try await eventually(within: .seconds(5)) {
                await exporter.scrape().value("pg_settings_pending_restarts") == count
            }
        }
        let change = "ALTER SYSTEM SET max_wal_senders ="
        try await PostgresUnderTest.execute(["\(change) 11", "SELECT pg_reload_conf()"], at: server.superuser())
        let isCounted = try await isPending(before + 1)
        let isNamed = await exporter.scrape().value("pg_settings_pending_restart", ["name": "max_wal_senders"]) == 1
        // The server forgets that a setting waits when it is set to what it is, not when it is reset.
        try await PostgresUnderTest.execute(["\(change) 10", "SELECT pg_reload_conf()"], at: server.superuser())
        #expect(isCounted && isNamed)
        #expect(try await isPending(before))
        try await PostgresUnderTest.execute(["ALTER SYSTEM RESET max_wal_senders"], at: server.superuser())
        await exporter.close()
    }
}
