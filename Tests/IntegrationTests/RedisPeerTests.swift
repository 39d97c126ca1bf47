import ExporterKitTesting
import Foundation
import Testing

/// Side by side with redis_exporter 1.69 from Debian: same names, types and labels, every difference with its reason.
@Suite struct RedisPeerTests {
    /// Name or prefix of what only the peer has.
    private static let onlyPeer = [
        "go_": "the Go runtime",
        "process_network_": "not a standard process metric; a container's own traffic is told by cAdvisor",
        "redis_db_keys_cached": "the peer takes Redis 7.4's subexpiry for it; its version 1.90 no longer does",
    ]

    /// Name or prefix of what only we have.
    private static let onlyOurs = [
        "redis_scrape_collector_": "outcome of each collector",
        "exporter_": "the exporter's own server",
        "redis_commandlog_": "newer than the peer's version: COMMANDLOG of Valkey 8.1",
        "redis_eventloop_": "newer than the peer's version",
        "redis_instantaneous_eventloop_": "newer than the peer's version",
        "redis_allocator_muzzy_bytes": "newer than the peer's version",
        "redis_config_repl_backlog_size": "newer than the peer's version",
        "redis_lazyfreed_objects": "newer than the peer's version",
        "redis_db_keys_with_expiring_items": "newer than the peer's version: subexpiry under its own name",
        "redis_mem_": "newer than the peer's version: buffers and backlog",
        "redis_replicas_": "newer than the peer's version: Valkey 8",
    ]

    /// Labels that the newer peer has as well.
    private static let newerLabels: Set<String> = ["valkey_version", "valkey_release_stage"]

    @Test(arguments: RedisUnderTest.all)
    func namesTypesAndLabelsAreThoseOfThePeer(server: RedisUnderTest) async throws {
        let peer = try await Self.families(of: FleetServers()("FLEET_REDIS_EXPORTER"), server)
        let ours = try await Self.families(of: "redis-exporter", server)
        for name in Set(peer.keys).subtracting(ours.keys) {
            #expect(Self.onlyPeer.keys.contains(where: name.hasPrefix), "only the peer has \(name)")
        }
        for name in Set(ours.keys).subtracting(peer.keys) {
            #expect(Self.onlyOurs.keys.contains(where: name.hasPrefix), "only we have \(name)")
        }
        for (name, family) in ours {
            guard let other = peer[name] else { continue }
            #expect(family.kind == other.kind, "\(name)")
            guard name.hasPrefix("redis_") else { continue }
            #expect(Self.labels(of: family).subtracting(Self.newerLabels) == Self.labels(of: other), "\(name)")
        }
    }

    /// Label names of all series.
    private static func labels(of family: Exposition.Family) -> Set<String> {
        Set(family.samples.flatMap(\.labels.keys))
    }

    private static func families(
        of program: String, _ server: RedisUnderTest
    ) async throws -> [String: Exposition.Family] {
        let port = try unusedPort()
        let process = try FleetProcess(
            program, ["--redis.addr", server.url(), "--web.listen-address", "127.0.0.1:\(port)"])
        defer { process.signal(SIGKILL) }
        let url = "http://127.0.0.1:\(port)/metrics"
        guard
            try await eventually(within: .seconds(20), { (try? await curl(url))?.body.contains("redis_up 1") == true })
        else { throw FleetError("\(program) gives no metrics: \(process.standardError)") }
        let families = try Exposition(parsing: await curl(url).body).families
        return Dictionary(families.map { ($0.name, $0) }) { first, _ in first }
    }
}
