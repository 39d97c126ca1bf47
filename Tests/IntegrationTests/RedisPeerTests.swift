import Foundation
import Testing

/// Side by side with redis_exporter 1.69 from Debian: same names, types and labels, every difference with its reason.
@Suite struct RedisPeerTests {
    /// Name or prefix of what only the peer has.
    private static let onlyPeer = [
        "go_": "the Go runtime",
        "process_network_": "not a standard process metric; a container's own traffic is told by cAdvisor",
        "redis_db_keys_cached": "the peer takes Redis 7.4's subexpiry for it; its version 1.90 no longer does",
        "redis_last_key_groups_scrape_duration_milliseconds": "comes with key groups",
        "redis_target_scrape_request_errors_total": "comes with /scrape",
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
        let peer = try await Self.exposition(of: FleetServers()("FLEET_REDIS_EXPORTER"), server)
        let ours = try await Self.exposition(of: "redis-exporter", server)
        for name in Set(peer.kinds.keys).subtracting(ours.kinds.keys) {
            #expect(Self.onlyPeer.keys.contains(where: name.hasPrefix), "only the peer has \(name)")
        }
        for name in Set(ours.kinds.keys).subtracting(peer.kinds.keys) {
            #expect(Self.onlyOurs.keys.contains(where: name.hasPrefix), "only we have \(name)")
        }
        for (name, kind) in peer.kinds where ours.kinds[name] != nil {
            #expect(ours.kinds[name] == kind, "\(name)")
        }
        for (name, labels) in peer.labels where ours.labels[name] != nil && name.hasPrefix("redis_") {
            #expect(ours.labels[name]?.subtracting(Self.newerLabels) == labels, "\(name)")
        }
    }

    private struct Exposition {
        var kinds: [String: String] = [:]
        /// Label names of all series of a name.
        var labels: [String: Set<String>] = [:]

        init(_ text: String) {
            for line in text.split(separator: "\n") {
                if line.hasPrefix("# TYPE ") {
                    let words = line.split(separator: " ")
                    kinds[String(words[2])] = String(words[3])
                } else if !line.hasPrefix("#") {
                    let name = String(line.prefix { $0 != "{" && $0 != " " })
                    let names = line.matches(of: /([a-z_]+)="/).map { String($0.1) }
                    labels[name, default: []].formUnion(names)
                }
            }
        }
    }

    private static func exposition(of program: String, _ server: RedisUnderTest) async throws -> Exposition {
        let port = try unusedPort()
        let process = try FleetProcess(
            program, ["--redis.addr", server.url(), "--web.listen-address", "127.0.0.1:\(port)"])
        defer { process.signal(SIGKILL) }
        let url = "http://127.0.0.1:\(port)/metrics"
        guard
            try await eventually(within: .seconds(20), { (try? await curl(url))?.body.contains("redis_up 1") == true })
        else { throw FleetError("\(program) gives no metrics: \(process.standardError)") }
        return Exposition(try await curl(url).body)
    }
}
