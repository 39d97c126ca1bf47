import ExporterKit
import Foundation
import RedisClient
import Testing

@testable import redis_exporter

/// The collectors that are off by default, Sentinel, replication and what is remembered, on real servers.
@Suite struct RedisCollectorTests {
    /// Everything that every server can answer.
    private static let everything = [
        "-export-client-list", "-export-client-port", "-include-modules-metrics", "-include-system-metrics",
        "-include-config-metrics", "-include-unknown-info", "-include-sentinel-peer-info", "-strict-types",
        "-include-rdb-file-size-metric", "-collector.client_group", "-collector.memory_stats", "-collector.hotkeys",
        "-collector.slot_stats", "-collector.slowlog_command", "-collector.commandlog_command",
    ]

    @Test(arguments: RedisUnderTest.all)
    func everythingAtOnceIsOneRoundTripAndGivesAll(server: RedisUnderTest) async throws {
        let exporter = try RedisExporterUnderTest(server.url(), Self.everything)
        _ = await exporter.scrape()
        let before = await exporter.scrape()
        let after = await exporter.scrape()
        #expect(after.failed.isEmpty)
        #expect(after.redisError == "")
        let reads = try #require(before.value("redis_total_reads_processed"))
        #expect(after.value("redis_total_reads_processed") == reads + 1)
        for name in [
            "redis_connected_client_info", "redis_connected_client_idle_since_timestamp",
            "redis_total_system_memory_bytes",
            "redis_client_group_connections", "redis_client_group_idle_seconds", "redis_memory_stats_key_bytes",
            "redis_rdb_current_size_bytes", "redis_config_value", "redis_exporter_command_supported",
            "redis_instantaneous_commands_per_second", "redis_memory_used_peak_ratio",
        ] {
            #expect(after.family(name) != nil, "\(name)")
        }
        #expect(after.value("redis_connected_client_info", ["name": "redis_exporter", "host": "127.0.0.1"]) == 1)
        #expect(after.family("redis_lazyfreed_objects")?.descriptor.kind == .counter)
        await exporter.close()
    }

    /// A field that a server has and no collector knows is a gap in the tables.
    @Test(arguments: RedisUnderTest.all)
    func noFieldOfInfoIsUnknown(server: RedisUnderTest) async throws {
        let exporter = try RedisExporterUnderTest(server.url(), ["-include-unknown-info"])
        let scrape = await exporter.scrape()
        let unknown = scrape.families.map(\.descriptor.name).filter { $0.hasPrefix("redis_info_") }
        #expect(unknown.isEmpty, "\(unknown)")
        await exporter.close()
    }

    @Test(arguments: RedisUnderTest.all)
    func nativeBucketsCountWhatTheClassicOnesCount(server: RedisUnderTest) async throws {
        let exporter = try RedisExporterUnderTest(server.url())
        _ = await exporter.scrape()
        let scrape = await exporter.scrape()
        let samples = try #require(scrape.family("redis_commands_latencies_usec")).samples
        #expect(samples.count > 2)
        for sample in samples {
            guard case .histogram(let histogram) = sample.value else { continue }
            #expect(histogram.native?.count == histogram.count, "\(sample.labels.pairs): \(histogram.upperBounds)")
        }
        await exporter.close()
    }

    @Test func sizesOfKeysAreToldByRedis8() async throws {
        let url = try RedisUnderTest.redis8.url()
        let connection = RedisConnection(try RedisOptions(url: url + "/9"))
        try await connection.answer(["SET", "fleet:size", String(repeating: "x", count: 3_000)])
        try await connection.answer(["RPUSH", "fleet:list", "a", "b", "c"])
        let exporter = try RedisExporterUnderTest(url)
        let scrape = await exporter.scrape()
        try await connection.answer(["DEL", "fleet:size", "fleet:list"])
        func largest(_ name: String, _ structure: String) -> Double? {
            let labels = [("db", "db9"), ("structure", structure)]
            let sample = scrape.family(name)?.samples.first { sample in
                labels.allSatisfy { label in sample.labels.pairs.contains { $0 == label } }
            }
            guard case .histogram(let histogram)? = sample?.value else { return nil }
            return histogram.upperBounds.last
        }
        #expect(largest("redis_keysizes_bytes", "strings") == 4_095)
        #expect(largest("redis_keysizes_items", "lists") == 3)
        await connection.close()
        await exporter.close()
    }

    // MARK: - What is remembered

    @Test func refusalOutlivesTheConnectionButNotTheServer() async throws {
        let port = try unusedPort()
        let server = try await OwnRedis(["--rename-command", "LATENCY", ""], port: port)
        let exporter = try RedisExporterUnderTest("redis://127.0.0.1:\(port)", ["-include-search-indexes-metrics"])
        let first = await exporter.scrape()
        #expect(Set(first.failed) == ["latency", "latency_histogram", "search_indexes"])
        let errors = try #require(await exporter.scrape().value("redis_total_error_replies"))
        #expect(errors == 3)
        let admin = RedisConnection(try RedisOptions(url: server.url))
        try await admin.answer(["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"])
        let again = await exporter.scrape()
        #expect(again.value("redis_total_error_replies") == errors)
        #expect(again.value("redis_exporter_command_supported", ["command": "LATENCY HISTOGRAM"]) == 0)
        #expect(again.value("redis_exporter_command_supported", ["command": "SLOWLOG LEN"]) == 1)
        await admin.close()
        try await server.stop()
        let newer = try await OwnRedis(port: port)
        let scrape = await exporter.scrape()
        #expect(scrape.failed == ["search_indexes"])
        #expect(scrape.value("redis_exporter_command_supported", ["command": "LATENCY HISTOGRAM"]) == 1)
        try await newer.stop()
        await exporter.close()
    }

    @Test func failingCollectorsAndAStrangeConfigurationLeaveTheServerUp() async throws {
        let server = try await OwnRedis([
            "--user", "monitor", "on", ">pw", "~*", "+info", "+ping", "+client|setname", "+slowlog",
        ])
        let exporter = try RedisExporterUnderTest(
            "redis://monitor:pw@127.0.0.1:\(server.port)", ["-export-client-list", "-config-command", "GET"])
        let scrape = await exporter.scrape()
        #expect(scrape.value("redis_up") == 1)
        #expect(Set(scrape.failed) == ["config", "client_list", "latency", "latency_histogram"])
        #expect(scrape.value("redis_slowlog_length") == 0)
        #expect(scrape.value("redis_db_keys", ["db": "db15"]) == 0)
        await exporter.close()
    }

    // MARK: - Big and hot

    @Test func slowCommandsAreToldByName() async throws {
        let server = try await OwnRedis(["--slowlog-log-slower-than", "0"])
        let connection = RedisConnection(try RedisOptions(url: server.url))
        for _ in 0..<3 { try await connection.answer(["SET", "hunter2", "swordfish"]) }
        let exporter = try RedisExporterUnderTest(server.url, ["-collector.slowlog_command", "-max-groups", "2"])
        _ = await exporter.scrape()
        let scrape = await exporter.scrape()
        let names = try #require(scrape.family("redis_slowlog_command_entries")).samples.compactMap {
            $0.labels.pairs.first?.value
        }
        #expect(names.count == 3 && names.contains("other"))
        #expect(!scrape.text.contains("hunter2") && !scrape.text.contains("swordfish"))
        await connection.close()
        await exporter.close()
    }

    @Test func clientsAreGroupedByNameAndState() async throws {
        let server = try await OwnRedis()
        var options = try RedisOptions(url: server.url)
        options.clientName = "worker"
        let workers = (0..<3).map { [options] _ in RedisConnection(options) }
        for worker in workers { try await worker.answer(["PING"]) }
        let exporter = try RedisExporterUnderTest(server.url, ["-collector.client_group", "-export-client-list"])
        let scrape = await exporter.scrape()
        #expect(scrape.value("redis_client_group_connections", ["by": "name", "group": "worker"]) == 3)
        #expect(scrape.value("redis_client_group_connections", ["by": "state", "group": "normal"]) == 4)
        #expect(scrape.value("redis_client_group_memory_bytes", ["by": "user", "group": "default"]) ?? 0 > 1_000)
        #expect(scrape.family("redis_connected_client_info")?.samples.count == 4)
        for worker in workers { await worker.close() }
        await exporter.close()
    }

    @Test func replicaIsBehindByNoByteOnceItIsInStep() async throws {
        let primary = try await OwnRedis(["--repl-diskless-sync-delay", "0"])
        let replica = try await OwnRedis(["--replicaof", "127.0.0.1", "\(primary.port)"])
        let above = try RedisExporterUnderTest(primary.url)
        let labels = ["slave_port": "\(replica.port)", "slave_state": "online"]
        let isInStep = try await eventually(within: .seconds(30)) {
            await above.scrape().value("redis_connected_slave_lag_bytes", labels) == 0
        }
        #expect(isInStep)
        let below = try RedisExporterUnderTest(replica.url)
        let scrape = await below.scrape()
        #expect(scrape.value("redis_slave_read_repl_offset") != nil)
        for exporter in [above, below] { await exporter.close() }
    }

    @Test func largestSlotsOfAClusterAreTold() async throws {
        let server = try await OwnRedis(
            ["--cluster-enabled", "yes", "--cluster-port", "\(unusedPort())", "--cluster-slot-stats-enabled", "yes"],
            program: FleetServers()("FLEET_VALKEY_SERVER_FORKY"))
        let connection = RedisConnection(try RedisOptions(url: server.url))
        try await connection.answer(["CLUSTER", "ADDSLOTSRANGE", "0", "16383"])
        let isReady = try await eventually(within: .seconds(20)) {
            (try? await connection.answer(["SET", "{a}1", "x"])) != nil
        }
        #expect(isReady)
        for key in ["{a}2", "{a}3", "{b}1", "{c}1"] { try await connection.answer(["SET", key, "x"]) }
        let exporter = try RedisExporterUnderTest(server.url, ["-collector.slot_stats", "-max-groups", "2"])
        let scrape = await exporter.scrape()
        #expect(scrape.failed.isEmpty)
        #expect(scrape.family("redis_slot_stats_keys")?.samples.count == 2)
        #expect(scrape.value("redis_slot_stats_keys", ["slot": "15495"]) == 3)
        #expect(scrape.value("redis_slot_stats_cpu_seconds_total", ["slot": "15495"]) ?? 0 > 0)
        await exporter.close()
        try await connection.answer(["CONFIG", "SET", "cluster-slot-stats-enabled", "no"])
        let byTime = try RedisExporterUnderTest(
            server.url, ["-collector.slot_stats", "-slot-stats-order", "cpu-usec"])
        var errors: [Double] = []
        for _ in 0..<3 {
            let scrape = await byTime.scrape()
            #expect(scrape.failed == ["slot_stats"])
            errors.append(try #require(scrape.value("redis_total_error_replies")))
        }
        #expect(errors[1] == errors[2])
        await connection.close()
        await byTime.close()
    }

    /// A plain Redis whose ROLE answers as FT._LIST does, and HGETALL as FT.INFO.
    @Test func searchIndexesAreAskedTogetherOnceTheyAreKnown() async throws {
        let server = try await OwnRedis([
            "--rename-command", "ROLE", "FT._LIST", "--rename-command", "HGETALL", "FT.INFO",
        ])
        let connection = RedisConnection(try RedisOptions(url: server.url))
        try await connection.answer(["HSET", "master", "num_docs", "12", "inverted_sz_mb", "0.5"])
        let exporter = try RedisExporterUnderTest(
            server.url, ["-include-search-indexes-metrics", "-check-search-indexes", "^mas"])
        let labels = ["index_name": "master"]
        _ = await exporter.scrape()
        let before = await exporter.scrape()
        let after = await exporter.scrape()
        #expect(after.failed.isEmpty)
        #expect(after.value("redis_search_index_num_docs", labels) == 12)
        #expect(after.value("redis_search_index_inverted_size_bytes", labels) == 524_288)
        #expect(after.family("redis_search_index_num_docs")?.samples.count == 1)
        let reads = try #require(before.value("redis_total_reads_processed"))
        #expect(after.value("redis_total_reads_processed") == reads + 1)
        await connection.close()
        await exporter.close()
    }

    // MARK: - Sentinel

    @Test func sentinelTellsQuorumReplicasAndStatesInOneRoundTrip() async throws {
        let primary = try await OwnRedis(["--repl-diskless-sync-delay", "0"])
        let replica = try await OwnRedis(["--replicaof", "127.0.0.1", "\(primary.port)"])
        let (sentinel, url) = try Self.sentinel(of: primary, quorum: 1)
        let exporter = try RedisExporterUnderTest(url, ["-include-config-metrics", "-include-sentinel-peer-info"])
        let replicaName = ["master_name": "cache", "replica": "127.0.0.1:\(replica.port)"]
        let state = ["redis_sentinel_replica_state": "ok"].merging(replicaName) { $1 }
        let isKnown = try await eventually(within: .seconds(40)) {
            await exporter.scrape().value("redis_sentinel_replica_state", state) == 1
        }
        #expect(isKnown)
        let scrape = await exporter.scrape()
        #expect(scrape.failed.isEmpty)
        let name = ["master_name": "cache"]
        #expect(scrape.value("redis_sentinel_master_ckquorum_status", name) == 1)
        #expect(scrape.value("redis_sentinel_master_setting_ckquorum", name) == 1)
        #expect(scrape.value("redis_sentinel_master_ok_sentinels", name) == 1)
        #expect(scrape.value("redis_sentinel_master_ok_slaves", name) == 1)
        #expect(scrape.value("redis_sentinel_replica_priority", replicaName) == 100)
        #expect(scrape.value("redis_sentinel_master_state", ["redis_sentinel_master_state": "ok"]) == 1)
        #expect(scrape.family("redis_sentinel_config_key_value") != nil)
        #expect(!scrape.text.contains("sentinel-pass"))
        sentinel.signal(SIGKILL)
        await exporter.close()
    }

    @Test func missingQuorumIsAValueAndNoFailure() async throws {
        let primary = try await OwnRedis()
        let (sentinel, url) = try Self.sentinel(of: primary, quorum: 2)
        let exporter = try RedisExporterUnderTest(url)
        let isUp = try await eventually(within: .seconds(20)) { await exporter.scrape().value("redis_up") == 1 }
        #expect(isUp)
        let scrape = await exporter.scrape()
        #expect(scrape.failed.isEmpty)
        #expect(scrape.redisError == "")
        #expect(scrape.value("redis_sentinel_master_ckquorum_status", ["master_name": "cache"]) == 0)
        #expect(scrape.text.contains(#"message="NOQUORUM "#))
        sentinel.signal(SIGKILL)
        await exporter.close()
    }

    private static func sentinel(of primary: OwnRedis, quorum: Int) throws -> (FleetProcess, String) {
        let file = NSTemporaryDirectory() + "fleet-sentinel-\(UUID().uuidString).conf"
        let port = try unusedPort()
        let lines = [
            "port \(port)", "bind 127.0.0.1", "sentinel monitor cache 127.0.0.1 \(primary.port) \(quorum)",
            "sentinel down-after-milliseconds cache 30000",
        ]
        try lines.joined(separator: "\n").write(toFile: file, atomically: true, encoding: .utf8)
        return (try FleetProcess("redis-server", [file, "--sentinel"]), "redis://127.0.0.1:\(port)")
    }
}
