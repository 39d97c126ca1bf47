import Foundation
import RedisClient
import Testing

@testable import ExporterCommand
@testable import ExporterKit
@testable import redis_exporter

/// What discovery told Prometheus, by target.
struct DiscoveryAnswer {
    let status: Int
    let text: String
    let labels: [String: [String: String]]

    init(_ exporter: RedisExporterUnderTest, _ target: String) async throws {
        let path = String(target.prefix { $0 != "?" })
        let route = try #require(exporter.exporter.routes[path])
        let response = await route(HTTPRequest(target: target))
        status = response.status
        text = String(decoding: response.body, as: UTF8.self)
        struct Group: Decodable {
            let targets: [String]
            let labels: [String: String]
        }
        guard response.status == 200 else {
            labels = [:]
            return
        }
        let groups = try JSONDecoder().decode([Group].self, from: Data(response.body))
        labels = Dictionary(groups.flatMap { group in group.targets.map { ($0, group.labels) } }) { first, _ in first }
    }
}

/// A real cluster of three primaries with a replica each.
final class OwnCluster: Sendable {
    let primaries: [OwnRedis]
    let replicas: [OwnRedis]
    static let slots = ["0-5460", "5461-10922", "10923-16383"]

    init() async throws {
        var nodes: [(server: OwnRedis, bus: Int, id: String)] = []
        for number in 0..<6 {
            let bus = try unusedPort()
            let server = try await OwnRedis([
                "--cluster-enabled", "yes", "--cluster-port", "\(bus)", "--cluster-node-timeout", "1000",
                "--cluster-announce-hostname", "node\(number).example", "--repl-diskless-sync-delay", "0",
            ])
            let id = try await Self.ask(server, [["CLUSTER", "MYID"]])[0].text
            nodes.append((server, bus, try #require(id)))
        }
        let first = nodes[0].server
        for node in nodes.dropFirst() {
            _ = try await Self.ask(first, [["CLUSTER", "MEET", "127.0.0.1", "\(node.server.port)", "\(node.bus)"]])
        }
        for (node, range) in zip(nodes, Self.slots) {
            let ends = range.split(separator: "-").map(String.init)
            _ = try await Self.ask(node.server, [["CLUSTER", "ADDSLOTSRANGE", ends[0], ends[1]]])
        }
        for number in 3..<6 {
            let isMet = try await eventually(within: .seconds(20)) {
                let known = try await Self.ask(nodes[number].server, [["CLUSTER", "NODES"]])[0].text ?? ""
                return known.contains(nodes[number - 3].id)
            }
            #expect(isMet)
            _ = try await Self.ask(nodes[number].server, [["CLUSTER", "REPLICATE", nodes[number - 3].id]])
        }
        primaries = nodes[..<3].map(\.server)
        replicas = nodes[3...].map(\.server)
        let isReady = try await eventually(within: .seconds(30)) {
            for node in nodes {
                let replies = try await Self.ask(node.server, [["CLUSTER", "INFO"], ["CLUSTER", "NODES"]])
                let (state, list) = (replies[0].text ?? "", replies[1].text ?? "")
                let count = list.split(separator: "\n").filter { $0.contains("slave") }.count
                guard state.contains("cluster_state:ok"), count == 3, !list.contains("handshake") else { return false }
            }
            return true
        }
        guard isReady else { throw FleetError("the cluster does not form") }
    }

    static func ask(_ server: OwnRedis, _ commands: [RedisCommand]) async throws -> [RedisValue] {
        let connection = RedisConnection(try RedisOptions(url: server.url))
        var values: [RedisValue] = []
        for command in commands { values.append(try await connection.answer(command)) }
        await connection.close()
        return values
    }
}

/// redis-exporter and a whole cluster.
@Suite(.serialized) struct RedisClusterTests {
    @Test func everyNodeIsFoundAndScraped() async throws {
        let cluster = try await OwnCluster()
        let exporter = try RedisExporterUnderTest(cluster.primaries[0].url, ["-is-cluster"])
        let answer = try await DiscoveryAnswer(exporter, "/discover-cluster-nodes")
        #expect(answer.status == 200)
        #expect(answer.labels.count == 6)
        for (number, primary) in cluster.primaries.enumerated() {
            let labels = try #require(answer.labels[primary.url])
            let below = try #require(answer.labels[cluster.replicas[number].url])
            #expect(labels["__meta_redis_role"] == "master" && below["__meta_redis_role"] == "slave")
            #expect(labels["__meta_redis_shard"] == labels["__meta_redis_node_id"])
            #expect(below["__meta_redis_shard"] == labels["__meta_redis_node_id"])
            #expect(labels["__meta_redis_slots"] == OwnCluster.slots[number] && below["__meta_redis_slots"] == nil)
        }
        let scrape = try #require(exporter.exporter.routes["/scrape"])
        for target in answer.labels.keys {
            let response = await scrape(HTTPRequest(target: "/scrape?target=\(target)"))
            let text = String(decoding: response.body, as: UTF8.self)
            #expect(text.contains("\nredis_up 1\n") && text.contains("\nredis_cluster_state 1\n"))
        }
        let named = try RedisExporterUnderTest(
            cluster.primaries[1].url.replacing("redis://", with: "valkey://"),
            ["-is-cluster", "-cluster-discover-hostnames"])
        let names = try await DiscoveryAnswer(named, "/discover-cluster-nodes").labels.keys
        #expect(names.contains("valkey://node0.example:\(cluster.primaries[0].port)"))
        for exporter in [exporter, named] { await exporter.close() }
    }

    @Test func failedNodeIsLeftOut() async throws {
        let cluster = try await OwnCluster()
        let exporter = try RedisExporterUnderTest("", ["--scrape.allowed-targets=127.0.0.1"])
        let path = "/discover-cluster-nodes?target=127.0.0.1:\(cluster.primaries[0].port)"
        #expect(try await DiscoveryAnswer(exporter, path).labels.count == 6)
        try await cluster.replicas[2].stop()
        let isGone = try await eventually(within: .seconds(20)) {
            try await DiscoveryAnswer(exporter, path).labels[cluster.replicas[2].url] == nil
        }
        #expect(isGone)
        #expect(try await DiscoveryAnswer(exporter, path).labels.count == 5)
        await exporter.close()
    }

    @Test func whatCannotBeFoundOutIsAnErrorAndNoEmptyList() async throws {
        let server = try await OwnRedis()
        let target = "127.0.0.1:\(server.port)"
        let exporter = try RedisExporterUnderTest("redis://127.0.0.1:1", ["--scrape.allowed-targets=127.0.0.1"])
        let cases: [(path: String, status: Int, text: String)] = [
            ("/discover-cluster-nodes", 400, "The discovery endpoint is only available on a redis cluster"),
            ("/discover-cluster-nodes?target=127.0.0.1:1", 500, "Couldn't connect to redis cluster: "),
            ("/discover-cluster-nodes?target=\(target)", 500, "cluster support disabled"),
            ("/discover-cluster-nodes?target=evil", 403, "is not among the allowed targets"),
            ("/discover-sentinel", 500, "Couldn't connect to Sentinel: "),
            ("/discover-sentinel?target=\(target)", 500, "is this a Sentinel?"),
        ]
        for expected in cases {
            let answer = try await DiscoveryAnswer(exporter, expected.path)
            #expect(answer.status == expected.status, "\(expected.path)")
            #expect(answer.text.contains(expected.text), "\(answer.text)")
        }
        await exporter.close()
    }

    /// Valkey tells its zone; the shared one is alone in its cluster and has none, so a node of our own says one.
    @Test func zoneIsAskedOfEachNodeThatHasOne() async throws {
        let port = try unusedPort()
        let folder = NSTemporaryDirectory() + "fleet-valkey-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let server = try FleetProcess(
            FleetServers()("FLEET_VALKEY_SERVER"),
            [
                "--port", "\(port)", "--bind", "127.0.0.1", "--save", "", "--cluster-enabled", "yes",
                "--dir", folder, "--cluster-port", "\(unusedPort())",
                "--availability-zone", "zone-b",
            ])
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let exporter = try RedisExporterUnderTest("valkey://127.0.0.1:\(port)", ["-is-cluster"])
        var answer = try await DiscoveryAnswer(exporter, "/discover-cluster-nodes")
        _ = try await eventually(within: .seconds(20)) {
            answer = try await DiscoveryAnswer(exporter, "/discover-cluster-nodes")
            return answer.status == 200
        }
        #expect(answer.labels["valkey://127.0.0.1:\(port)"]?["__meta_redis_zone"] == "zone-b", "\(answer.text)")
        server.signal(SIGKILL)
        await exporter.close()
    }
}
