import ExporterKit
import Foundation
import RedisClient
import Testing

@testable import ExporterCommand
@testable import redis_exporter

/// Keys on several servers: the shards of a cluster, a primary and its replica.
@Suite(.serialized) struct RedisKeyClusterTests {
    /// Two primaries with half of the slots each, and a replica of the first.
    private static func cluster() async throws -> [OwnRedis] {
        let bus = try (0..<3).map { _ in try unusedPort() }
        let nodes = try await bus.asyncMap { port in
            try await OwnRedis([
                "--cluster-enabled", "yes", "--cluster-port", "\(port)", "--repl-diskless-sync-delay", "0",
            ])
        }
        try await nodes[0].run([["CLUSTER", "ADDSLOTSRANGE", "0", "8191"]])
        try await nodes[1].run([["CLUSTER", "ADDSLOTSRANGE", "8192", "16383"]])
        for (node, bus) in zip(nodes, bus).dropFirst() {
            try await nodes[0].run([["CLUSTER", "MEET", "127.0.0.1", "\(node.port)", "\(bus)"]])
        }
        let primary = try await nodes[0].run([["CLUSTER", "MYID"]])[0].text ?? ""
        #expect(
            try await eventually(within: .seconds(30)) {
                _ = try? await nodes[2].run([["CLUSTER", "REPLICATE", primary]])
                for node in nodes {
                    let info = try await node.run([["CLUSTER", "INFO"]])[0].text ?? ""
                    guard info.contains("cluster_state:ok"), info.contains("cluster_known_nodes:3") else {
                        return false
                    }
                }
                let slots = try await nodes[1].run([["CLUSTER", "SLOTS"]])[0]
                return (slots.array ?? []).contains { ($0.array?.count ?? 0) > 3 }
            })
        return nodes
    }

    private static let keys = (0..<200).map { "k:\($0)" }

    /// Puts each key where it belongs.
    private static func fill(_ nodes: [OwnRedis]) async throws {
        for (half, node) in nodes.prefix(2).enumerated() {
            let own = keys.filter { ClusterShard.slot(of: Array($0.utf8)) / 8_192 == half }
            try await node.run(own.map { ["SET", $0, "7"] })
        }
    }

    @Test(arguments: [[], ["-scan-prefer-replica"]])
    func allShardsAreWalkedAndSumsAreRight(flags: [String]) async throws {
        let nodes = try await Self.cluster()
        try await Self.fill(nodes)
        #expect(
            try await eventually(within: .seconds(20)) {
                let halves = try await nodes.asyncMap { try await $0.run([["DBSIZE"]])[0].integer ?? 0 }
                return halves[0] + halves[1] == 200 && halves[2] == halves[0]
            })
        let exporter = try RedisExporterUnderTest(
            nodes[1].url,
            [
                "-is-cluster", "-count-keys", "*,k:1*", "-check-keys", "k:10*", "-check-single-keys",
                "k:1,k:2,k:3,gone",
                "-check-key-groups", "^(k)", "-scan=inline",
            ] + flags)
        for _ in 0..<2 {
            let scrape = await exporter.scrape()
            #expect(scrape.failed.isEmpty, "\(exporter.log.lines)")
            #expect(scrape.value("redis_keys_count", ["key": "*"]) == 200)
            #expect(scrape.value("redis_keys_count", ["key": "k:1*"]) == 111)
            #expect(scrape.lines("redis_key_size").count == 3 + 11)
            #expect(scrape.lines("redis_key_value{").allSatisfy { $0.hasSuffix(" 7") })
            #expect(scrape.value("redis_key_group_count", ["key_group": "k"]) == 200)
            #expect(scrape.value("redis_number_of_distinct_key_groups") == 1)
            #expect(scrape.value("redis_key_scan_keys") == 200)
        }
        let calls = try await nodes.asyncMap { try await $0.calls()["scan", default: 0] }
        #expect(flags.isEmpty ? calls == [2, 2, 0] : calls == [0, 2, 2], "\(calls)")
        await exporter.close()
    }

    @Test func replicaIsWalkedWhereThereIsOneElseThePrimary() async throws {
        let primary = try await OwnRedis(["--repl-diskless-sync-delay", "0"])
        try await primary.run(SampleKeys.commands)
        let replica = try await OwnRedis(["--replicaof", "127.0.0.1", "\(primary.port)"])
        let flags = [
            "-scan-prefer-replica", "-count-keys", "*", "-check-keys", "*", "-skip-checkkeys-for-role-master",
            "-scan=inline",
        ]
        let exporter = try RedisExporterUnderTest(primary.url, flags)
        #expect(
            try await eventually(within: .seconds(20)) {
                await exporter.scrape().value("redis_keys_count") == 12
            })
        let scrape = await exporter.scrape()
        #expect(scrape.failed.isEmpty, "\(exporter.log.lines)")
        #expect(scrape.value("redis_key_size", ["key": "hll"]) == 3)
        #expect(try await replica.calls()["scan", default: 0] > 0)
        let scans = try await primary.calls()["scan", default: 0]
        try await replica.stop()
        let without = try RedisExporterUnderTest(primary.url, flags.filter { $0 != "-skip-checkkeys-for-role-master" })
        #expect(await without.scrape().value("redis_keys_count") == 12)
        #expect(try await primary.calls()["scan", default: 0] > scans)
        await exporter.close()
        await without.close()
    }
}

extension Array {
    /// One after another.
    fileprivate func asyncMap<Result>(_ transform: (Element) async throws -> Result) async throws -> [Result] {
        var results: [Result] = []
        for element in self { results.append(try await transform(element)) }
        return results
    }
}
