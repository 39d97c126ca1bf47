import ExporterKitTesting
import Foundation
import Testing

/// Side by side with two versions of redis_exporter from Debian, with every flag for metrics that they know: same names,
/// types, labels and values, every difference with its reason.
@Suite struct RedisPeerTests {
    /// A version of the peer.
    struct Peer: Sendable, CustomTestStringConvertible {
        let variable: String
        let testDescription: String
        /// Flags for metrics that it knows.
        let flags: [String]
        /// Name or prefix of what it does not have yet, and why.
        let lacks: [String: String]

        static let old = Peer(
            variable: "FLEET_REDIS_EXPORTER", testDescription: "1.69",
            flags: [
                "--export-client-list", "--export-client-port", "--include-config-metrics", "--include-modules-metrics",
                "--include-system-metrics",
            ],
            lacks: [
                "redis_commandlog_": "COMMANDLOG of Valkey 8.1", "redis_eventloop_": "INFO of Redis 7",
                "redis_instantaneous_eventloop_": "INFO of Redis 7", "redis_allocator_muzzy_bytes": "INFO of Redis 7.4",
                "redis_config_repl_backlog_size": "CONFIG", "redis_lazyfreed_objects": "INFO of Redis 6.2",
                "redis_mem_": "buffers and backlog", "redis_active_time_": "INFO of Valkey 9.1",
            ])
        static let new = Peer(
            variable: "FLEET_REDIS_EXPORTER_FORKY", testDescription: "1.86",
            flags: old.flags + [
                "--include-sentinel-peer-info", "--include-rdb-file-size-metric",
                "--include-metrics-for-empty-databases",
                "--include-search-indexes-metrics", "--include-go-runtime-metrics",
            ],
            lacks: [
                "redis_commandlog_": "COMMANDLOG of Valkey 8.1", "redis_config_repl_backlog_size": "CONFIG",
                "redis_active_time_": "INFO of Valkey 9.1", "redis_mem_replicas_repl_buffer_bytes": "INFO of Valkey 9",
            ])
    }

    /// Name or prefix of what only the peers have.
    private static let onlyPeer = [
        "go_": "the Go runtime",
        "process_network_": "not a standard process metric; a container's own traffic is told by cAdvisor",
        "redis_db_keys_cached": "the peer takes Redis 7.4's subexpiry for it; its version 1.90 no longer does",
        "redis_rdb_current_size_bytes": "where the server's directory is not the exporter's",
    ]

    /// Name or prefix of what is newer than both, as far as it is not one of our additions.
    private static let newer = [
        "redis_db_keys_with_expiring_items": "1.90: subexpiry under its own name", "redis_replicas_": "1.90: Valkey 8",
        "redis_tls_": "1.90: Valkey 9", "redis_scripting_": "1.90: Valkey 9",
        "redis_expired_fields_total": "1.90: Valkey 9",
        "redis_expired_keys_with_volatile_items_stale_percentage": "1.90: Valkey 9",
        "redis_acl_access_denied_": "1.90: Valkey 9",
    ]

    /// Labels that newer peers have as well.
    private static let newerLabels: Set<String> = ["valkey_version", "valkey_release_stage", "availability_zone"]

    @Test(arguments: [Peer.old, .new], RedisUnderTest.all)
    func namesTypesLabelsAndSeriesAreThoseOfThePeer(peer: Peer, server: RedisUnderTest) async throws {
        let theirs = try await Self.families(of: FleetServers()(peer.variable), peer.flags, server)
        let ours = try await Self.families(of: "redis-exporter", peer.flags, server)
        for name in Set(theirs.keys).subtracting(ours.keys) {
            #expect(Self.onlyPeer.keys.contains(where: name.hasPrefix), "only the peer has \(name)")
        }
        let added = try Self.added()
        let known = Array(peer.lacks.keys) + Array(Self.newer.keys) + ["redis_scrape_collector_", "exporter_"]
        for name in Set(ours.keys).subtracting(theirs.keys).subtracting(added) {
            #expect(known.contains(where: name.hasPrefix), "only we have \(name)")
        }
        for (name, family) in ours {
            guard let other = theirs[name] else { continue }
            #expect(family.kind == other.kind, "\(name)")
            guard name.hasPrefix("redis_") else { continue }
            #expect(Self.labels(of: family) == Self.labels(of: other), "\(name)")
            #expect(Self.series(of: other).subtracting(Self.series(of: family)).isEmpty, "\(name)")
        }
        for name in theirs.keys where Self.stable.contains(where: name.hasPrefix) && !name.hasSuffix("_cached") {
            #expect(Self.values(of: ours[name]) == Self.values(of: theirs[name]), "\(name)")
        }
    }

    /// Names or prefixes of what stands still between two scrapes.
    private static let stable = [
        "redis_config_", "redis_db_", "redis_memory_max_bytes", "redis_max_clients", "redis_slowlog_length",
        "redis_commandlog_", "redis_module_info", "redis_total_system_memory_bytes", "redis_cluster_enabled",
        "redis_process_id", "redis_hz", "redis_configured_hz", "redis_connected_slaves", "redis_aof_enabled",
        "redis_number_of_", "redis_rdb_last_", "redis_repl_backlog_", "redis_replication_backlog_bytes",
    ]

    /// What the catalogue lists as ours.
    private static func added() throws -> Set<String> {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../RedisExporterTests/Fixtures/added.txt")
        return Set(try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map(String.init))
    }

    /// Label names of all series, without those that a peer may be too old for.
    private static func labels(of family: Exposition.Family) -> Set<String> {
        Set(family.samples.flatMap(\.labels.keys)).subtracting(newerLabels)
    }

    /// Secrets that the peer does not know as such.
    private static let secrets: Set<String> = ["primaryauth"]

    /// Every series but those whose labels differ from scrape to scrape: connections, buckets that fill, errors, versions.
    private static func series(of family: Exposition.Family) -> Set<[String: String]> {
        let moving = ["redis_connected_client_", "redis_commands_latencies_", "redis_exporter_", "redis_instance_info"]
        guard !moving.contains(where: family.name.hasPrefix) else { return [] }
        return Set(family.samples.map(\.labels).filter { !secrets.contains($0["key"] ?? "") })
    }

    private static func values(of family: Exposition.Family?) -> [[String: String]: Double] {
        let samples = (family?.samples ?? []).filter { !secrets.contains($0.labels["key"] ?? "") }
        return Dictionary(samples.map { ($0.labels, $0.value) }) { first, _ in first }
    }

    private static func families(
        of program: String, _ flags: [String], _ server: RedisUnderTest
    ) async throws -> [String: Exposition.Family] {
        let port = try unusedPort()
        let process = try FleetProcess(
            program, ["--redis.addr", server.url(), "--web.listen-address", "127.0.0.1:\(port)"] + flags)
        defer { process.signal(SIGKILL) }
        let url = "http://127.0.0.1:\(port)/metrics"
        guard
            try await eventually(within: .seconds(20), { (try? await curl(url))?.body.contains("redis_up 1") == true })
        else { throw FleetError("\(program) gives no metrics: \(process.standardError)") }
        let families = try Exposition(parsing: await curl(url).body).families
        return Dictionary(families.map { ($0.name, $0) }) { first, _ in first }
    }
}
