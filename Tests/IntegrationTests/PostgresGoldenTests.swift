import ExporterKit
import PostgresClient
import Testing

@testable import pg_exporter

/// Every collector on every version and in every role: exactly the metrics that its tables promise, with the values that
/// plain SQL gives.
struct PostgresGoldenTests {
    private static let allOn =
        Collectors.all().filter { !$0.descriptor.enabledByDefault }.map { "--collector.\($0.descriptor.name)" }
        + ["--collector.stat_statements.include_query"]

    /// Metrics that no server of these tests has: it archives nothing and is not managed by repmgr.
    private static let nowhere: Set<String> = [
        "pg_stat_archiver_last_archive_age", "pg_stat_wal_receiver_upstream_node",
    ]

    /// Collectors that upstream has not: what most of them show needs a situation, which PostgresExtraTests makes.
    private static let added: Set<String> = [
        "archiver", "blocking", "index", "index_bloat", "prepared_transactions", "sequence", "stat_io",
        "stat_progress_analyze", "stat_progress_basebackup", "stat_progress_cluster", "stat_progress_copy",
        "stat_progress_create_index", "stat_replication_slots", "stat_slru", "stat_subscription", "stat_user_functions",
        "stat_user_indexes", "stat_wal", "table_bloat", "transactions", "wraparound", "xmin_horizon",
    ]

    /// Metrics that the collectors of upstream have besides its own, and only in a situation.
    private static let rare = ["pg_stat_database_checksum_"]

    /// What the tables of upstream's collectors promise for a version, without those whose names begin so.
    private static func expected(_ major: Int, without prefixes: [String]) -> Set<String> {
        let collectors = Collectors.all().filter { !added.contains($0.descriptor.name) }
        let names = collectors.compactMap { $0 as? any TabledCollector }.flatMap(\.metricTables).flatMap { table in
            table.rows.filter { $0.applies(to: ServerVersion(major)) }.map { table.descriptor(of: $0).name }
        }
        let all = Set(names).union(["pg_process_idle_seconds"]).subtracting(nowhere)
        return all.filter { name in !(prefixes + rare).contains { name.hasPrefix($0) } }
    }

    /// Names with series, of collectors and not of settings, by whether each series has its table's labels.
    private static func names(_ scrape: Scrape) -> Set<String> {
        let others = Collectors.all().filter { added.contains($0.descriptor.name) }.flatMap(\.metrics)
        let own = Set((ExporterMetrics.all + others).map(\.name))
        return Set(scrape.families.filter { !$0.samples.isEmpty }.map(\.descriptor.name)).filter { name in
            name.hasPrefix("pg_") && !name.hasPrefix("pg_settings_") && !own.contains(name)
                && !rare.contains { name.hasPrefix($0) }
        }
    }

    @Test(arguments: PostgresUnderTest.primaries)
    func primaryGivesExactlyWhatItsVersionHas(server: PostgresUnderTest) async throws {
        try await PostgresScene.with(server) { scene in
            let exporter = try PgExporterUnderTest(scene.monitor, Self.allOn)
            let scrape = await exporter.scrape()
            #expect(scrape.failed == [])
            let absent =
                ["pg_stat_wal_receiver_", "pg_stat_activity_autovacuum_"]
                + (server.major == 17 ? [] : ["pg_stat_replication_"])
            let expected = Self.expected(server.major, without: absent)
            #expect(Self.names(scrape).symmetricDifference(expected) == [])
            for table in Collectors.all().compactMap({ $0 as? any TabledCollector }).flatMap(\.metricTables) {
                for name in table.descriptors.map(\.name) {
                    let samples = scrape.family(name)?.samples ?? []
                    #expect(
                        samples.allSatisfy { $0.labels.pairs.map(\.name) == table.labels.sorted() }, "labels of \(name)"
                    )
                }
            }
            await exporter.close()
        }
    }

    @Test(arguments: PostgresUnderTest.primaries + [PostgresUnderTest.replica])
    func everyDefaultCollectorSucceedsOnAQuietServer(server: PostgresUnderTest) async throws {
        let exporter = try PgExporterUnderTest(server.monitor())
        let scrape = await exporter.scrape()
        #expect(scrape.failed == [])
        #expect(scrape.value("pg_replication_is_replica") == (server.isReplica ? 1 : 0))
        #expect(exporter.log.lines == [])
        await exporter.close()
    }

    @Test func replicaGivesExactlyWhatAStandbyHas() async throws {
        let server = PostgresUnderTest.replica
        let idle = PostgresConnection.forTests(try server.superuser(), name: "golden-idle")
        _ = try await idle.query("SELECT 1")
        let exporter = try PgExporterUnderTest(server.monitor(), Self.allOn)
        let scrape = await exporter.scrape()
        #expect(scrape.failed == [])
        // A standby runs no vacuum; this one has no slots, no receivers and was never reset.
        let absent = [
            "pg_stat_activity_autovacuum_", "pg_stat_progress_vacuum_", "pg_replication_slots_", "pg_stat_replication_",
            "pg_stat_database_stats_reset",
        ]
        #expect(Self.names(scrape).symmetricDifference(Self.expected(17, without: absent)) == [])
        #expect(scrape.value("pg_settings_transaction_read_only") == 1)
        let receiver = ["upstream_host": "127.0.0.1", "slot_name": "fleet_replica", "status": "streaming"]
        #expect(scrape.value("pg_stat_wal_receiver_received_tli", receiver) == 1)
        #expect(scrape.value("pg_replication_lag_seconds") == 0)
        try await Self.check(
            exporter, on: idle,
            [
                Value("pg_stat_wal_receiver_flushed_lsn", "SELECT flushed_lsn - '0/0' FROM pg_stat_wal_receiver"),
                Value(
                    "pg_stat_wal_receiver_last_msg_receipt_time",
                    "SELECT extract(epoch FROM last_msg_receipt_time) FROM pg_stat_wal_receiver"),
                Value("pg_xlog_location_bytes", "SELECT pg_last_wal_replay_lsn() - '0/0'"),
            ])
        await exporter.close()
        await idle.close()
    }

    @Test func replicaWithoutASlotIsSeenFromBothSides() async throws {
        let replica = PostgresUnderTest.replica
        let slot = try #require(
            try await PostgresUnderTest.execute(["SHOW primary_slot_name"], at: replica.superuser())?.text(0, 0))
        func useSlot(_ name: String) async throws {
            try await PostgresUnderTest.execute(
                ["ALTER SYSTEM SET primary_slot_name = '\(name)'", "SELECT pg_reload_conf()"], at: replica.superuser())
        }
        try await useSlot("")
        let exporter = try PgExporterUnderTest(replica.monitor(), ["--collector.stat_wal_receiver"])
        let primary = try PgExporterUnderTest(PostgresUnderTest(major: 17).monitor())
        let result = await Result<Void, any Error>.of {
            let received = try await eventually(within: .seconds(30)) {
                let labels = ["slot_name": "", "status": "streaming"]
                return await exporter.scrape().value("pg_stat_wal_receiver_flushed_lsn", labels) != nil
            }
            #expect(received)
            let sent = try await eventually(within: .seconds(30)) {
                let labels = ["application_name": "fleet_replica", "slot_name": "", "state": "streaming"]
                return await primary.scrape().value("pg_stat_replication_pg_wal_lsn_diff", labels) != nil
            }
            #expect(sent)
        }
        try await useSlot(slot)
        #expect(
            try await eventually(within: .seconds(30)) {
                await exporter.scrape().value("pg_stat_wal_receiver_flushed_lsn", ["slot_name": slot]) != nil
            })
        await exporter.close()
        await primary.close()
        try result.get()
    }

    /// Workers that are slow enough to be seen, at tables of one name.
    @Test(arguments: PostgresUnderTest.primaries)
    func tablesOfOneNameInAutovacuumAreToldApart(server: PostgresUnderTest) async throws {
        let options = """
            autovacuum_vacuum_threshold = 1, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_cost_delay = 100, \
            autovacuum_vacuum_cost_limit = 1, autovacuum_analyze_threshold = 1000000
            """
        let schema = ["a", "b"].flatMap { name in
            [
                "CREATE SCHEMA \(name)", "CREATE TABLE \(name).t (i int, t text) WITH (\(options))",
                "INSERT INTO \(name).t SELECT g, repeat('x', 200) FROM generate_series(1, 20000) g",
                "DELETE FROM \(name).t WHERE i % 2 = 0",
            ]
        }
        func setPause(_ value: String) async throws {
            try await PostgresUnderTest.execute(
                ["ALTER SYSTEM \(value)", "SELECT pg_reload_conf()"], at: server.superuser())
        }
        try await setPause("SET autovacuum_naptime = '1s'")
        let result = await Result<Void, any Error>.of {
            try await server.withDatabase(schema) { name in
                let exporter = try PgExporterUnderTest(
                    PostgresUnderTest.url(server.monitor(), database: name), ["--collector.stat_activity_autovacuum"])
                var scrape = await exporter.scrape()
                let metric = "pg_stat_activity_autovacuum_timestamp_seconds"
                let areBothSeen = try await eventually(within: .seconds(60)) {
                    scrape = await exporter.scrape()
                    return scrape.value(metric, ["relname": "a.t"]) != nil
                        && scrape.value(metric, ["relname": "b.t"]) != nil
                }
                #expect(areBothSeen, "\(scrape.family(metric)?.samples.map(\.labels.pairs) ?? [])")
                #expect(scrape.value(metric, ["relname": "t"]) == nil)
                #expect(scrape.failed == [])
                await exporter.close()
            }
        }
        try await setPause("RESET autovacuum_naptime")
        try result.get()
    }

    // MARK: - Values

    /// A series and the SQL that gives its value.
    private struct Value {
        let metric: String
        let labels: [String: String]
        let sql: String

        init(_ metric: String, _ labels: [String: String], _ sql: String) {
            (self.metric, self.labels, self.sql) = (metric, labels, sql)
        }

        init(_ metric: String, _ sql: String) { self.init(metric, [:], sql) }
    }

    /// Asks before and after a scrape: what moves must be in between.
    private static func check(
        _ exporter: PgExporterUnderTest, on connection: PostgresConnection, _ values: [Value]
    ) async throws {
        func ask() async throws -> [Double] {
            var numbers: [Double] = []
            for value in values {
                numbers.append(
                    try #require(try await connection.query(value.sql).number(0, 0, booleans: true), "\(value.sql)"))
            }
            return numbers
        }
        let before = try await ask()
        let scrape = await exporter.scrape()
        let after = try await ask()
        for (value, (before, after)) in zip(values, zip(before, after)) {
            let found = try #require(scrape.value(value.metric, value.labels), "\(value.metric) \(value.labels)")
            let slack = max(abs(before), abs(after)) * 1e-12
            #expect(
                (min(before, after) - slack...max(before, after) + slack).contains(found),
                "\(value.metric) \(value.labels) is \(found), SQL says \(before) to \(after)")
        }
    }

    @Test(arguments: PostgresUnderTest.primaries)
    func valuesAreThoseOfPlainSQL(server: PostgresUnderTest) async throws {
        try await PostgresScene.with(server) { scene in
            let exporter = try PgExporterUnderTest(scene.monitor, Self.allOn)
            _ = await exporter.scrape()
            let connection = PostgresConnection.forTests(
                try PostgresUnderTest.url(server.superuser(), database: scene.database))
            try await Self.check(exporter, on: connection, Self.values(scene))
            let scrape = await exporter.scrape()
            let idle = scrape.family("pg_process_idle_seconds")?.samples.map(\.labels) ?? []
            #expect(idle.contains(["state": "idle", "application_name": "scene-idle"]))
            #expect(idle.contains(["state": "idle in transaction", "application_name": "scene-open"]))
            await connection.close()
            await exporter.close()
        }
    }

    private static func values(_ scene: PostgresScene) -> [Value] {
        let plain = ["datname": scene.database, "schemaname": "public", "relname": "plain"]
        let logical = ["slot_name": "\(scene.database)_logical"]
        let physical = ["slot_name": "\(scene.database)_physical"]
        let vacuum = ["datname": scene.database, "relname": "vacuumed"]
        let isNew = scene.server.major >= 17
        func table(_ column: String, _ view: String = "pg_stat_user_tables") -> String {
            "SELECT \(column) FROM \(view) WHERE relid = 'public.plain'::regclass"
        }
        func slot(_ expression: String, _ kind: String) -> String {
            "SELECT \(expression) FROM pg_replication_slots WHERE slot_name = '\(scene.database)_\(kind)'"
        }
        func vacuuming(_ column: String) -> String { "SELECT \(column) FROM pg_stat_progress_vacuum" }
        return [
            Value("pg_database_size_bytes", ["datname": "template0"], "SELECT pg_database_size('template0')"),
            Value(
                "pg_database_wraparound_age_datfrozenxid_seconds", ["datname": "template1"],
                "SELECT age(datfrozenxid) FROM pg_database WHERE datname = 'template1'"),
            Value("pg_stat_user_tables_n_live_tup", plain, table("n_live_tup")),
            Value("pg_stat_user_tables_index_size_bytes", plain, table("pg_indexes_size(relid)")),
            Value("pg_stat_user_tables_table_size_bytes", plain, table("pg_table_size(relid)")),
            Value("pg_statio_user_tables_heap_blocks_hit", plain, table("heap_blks_hit", "pg_statio_user_tables")),
            Value("pg_statio_user_tables_tidx_blocks_read", plain, table("tidx_blks_read", "pg_statio_user_tables")),
            Value(
                "pg_statio_user_indexes_idx_blks_hit_total", ["indexrelname": "plain_pkey"],
                table("idx_blks_hit", "pg_statio_user_indexes")),
            Value("pg_roles_connection_limit", ["rolname": "monitor"], "SELECT -1"),
            Value("pg_postmaster_start_time_seconds", "SELECT extract(epoch FROM pg_postmaster_start_time())"),
            Value("pg_wal_segments", "SELECT count(*) FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}$'"),
            Value("pg_xlog_location_bytes", "SELECT pg_current_wal_lsn() - '0/0'"),
            Value(
                "pg_replication_slots_slot_confirmed_flush_lsn", logical, slot("confirmed_flush_lsn - '0/0'", "logical")
            ),
            Value("pg_replication_slots_slot_is_active", logical, "SELECT 0"),
            Value(
                "pg_replication_slots_pg_wal_lsn_diff", physical, slot("pg_current_wal_lsn() - restart_lsn", "physical")
            ),
            Value("pg_replication_slots_safe_wal_size_bytes", physical, slot("safe_wal_size", "physical")),
            Value("pg_replication_slots_wal_status", physical.merging(["wal_status": "reserved"]) { $1 }, "SELECT 1"),
            Value("pg_stat_progress_vacuum_heap_blks", vacuum, vacuuming("heap_blks_total")),
            Value("pg_stat_progress_vacuum_heap_blks_scanned", vacuum, vacuuming("heap_blks_scanned")),
            Value(
                "pg_stat_progress_vacuum_num_dead_tuples", vacuum,
                vacuuming(isNew ? "num_dead_item_ids" : "num_dead_tuples")),
            Value(
                "pg_stat_progress_vacuum_\(isNew ? "dead_tuple_bytes" : "max_dead_tuples")", vacuum,
                vacuuming(isNew ? "dead_tuple_bytes" : "max_dead_tuples")),
            Value("pg_stat_progress_vacuum_phase", vacuum.merging(["phase": "scanning heap"]) { $1 }, "SELECT 1"),
            Value("pg_stat_progress_vacuum_phase", vacuum.merging(["phase": "vacuuming heap"]) { $1 }, "SELECT 0"),
            Value(
                "pg_stat_database_xact_rollback", ["datname": "postgres"],
                "SELECT xact_rollback FROM pg_stat_database WHERE datname = 'postgres'"),
            Value(
                "pg_stat_database_conflicts_confl_lock", ["datname": scene.database],
                "SELECT confl_lock FROM pg_stat_database_conflicts WHERE datname = '\(scene.database)'"),
        ]
    }
}
