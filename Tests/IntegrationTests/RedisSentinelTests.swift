import Foundation
import RedisClient
import Testing

@testable import ExporterCommand
@testable import ExporterKit
@testable import redis_exporter

/// redis-exporter and a real set of three Sentinels that watch a primary and its replica.
@Suite(.serialized) struct RedisSentinelTests {
    private final class Sentinel: Sendable {
        let port: Int
        private let file: String
        private let process: FleetProcess

        init(watching primary: OwnRedis, _ lines: String = "") throws {
            port = try unusedPort()
            file = NSTemporaryDirectory() + "fleet-sentinel-\(UUID().uuidString).conf"
            try """
            port \(port)
            bind 127.0.0.1
            sentinel monitor cache 127.0.0.1 \(primary.port) 2
            sentinel down-after-milliseconds cache 1000
            \(lines)

            """.write(toFile: file, atomically: true, encoding: .utf8)
            process = try FleetProcess("redis-server", [file, "--sentinel"])
        }

        deinit {
            process.signal(SIGKILL)
            try? FileManager.default.removeItem(atPath: file)
        }
    }

    @Test func primaryAndReplicasAreFoundAndSentinelsTellOfEachOther() async throws {
        let primary = try await OwnRedis()
        let replica = try await OwnRedis([
            "--replicaof", "127.0.0.1", "\(primary.port)", "--repl-diskless-sync-delay", "0",
        ])
        let sentinels = try (0..<3).map { _ in try Sentinel(watching: primary) }
        let exporter = try RedisExporterUnderTest("redis://127.0.0.1:\(sentinels[0].port)")
        let isComplete = try await eventually(within: .seconds(30)) {
            let scrape = await exporter.scrape()
            let labels = ["master_name": "cache"]
            return scrape.value("redis_sentinel_master_sentinels", labels) == 3
                && scrape.value("redis_sentinel_master_slaves", labels) == 1
        }
        #expect(isComplete)
        for sentinel in sentinels {
            let answer = try await DiscoveryAnswer(exporter, "/discover-sentinel?target=127.0.0.1:\(sentinel.port)")
            #expect(answer.status == 200, "\(answer.text)")
            let found = try await eventually(within: .seconds(30)) {
                try await DiscoveryAnswer(exporter, "/discover-sentinel?target=127.0.0.1:\(sentinel.port)").labels
                    == [
                        primary.url: ["__meta_redis_role": "master", "__meta_redis_sentinel_master": "cache"],
                        replica.url: ["__meta_redis_role": "slave", "__meta_redis_sentinel_master": "cache"],
                    ]
            }
            #expect(found)
        }
        try await replica.stop()
        let isGone = try await eventually(within: .seconds(20)) {
            Array(try await DiscoveryAnswer(exporter, "/discover-sentinel").labels.keys) == [primary.url]
        }
        #expect(isGone, "a replica that is down is left out, its primary stays")
        await exporter.close()
    }

    @Test func sentinelWithAPasswordOfItsOwn() async throws {
        let primary = try await OwnRedis(["--requirepass", "data"])
        let sentinel = try Sentinel(
            watching: primary, "requirepass watch\nsentinel auth-pass cache data\n")
        let modules = NSTemporaryDirectory() + "modules-\(UUID().uuidString).yml"
        try """
        modules:
          sentinels: { targets: ["127.0.0.1:\(sentinel.port)"], password: watch }
          data: { targets: ["127.0.0.1"], password: data }

        """.write(toFile: modules, atomically: true, encoding: .utf8)
        let exporter = try RedisExporterUnderTest("redis://127.0.0.1:\(sentinel.port)", ["-config.file", modules])
        #expect(try await eventually(within: .seconds(20)) { await exporter.scrape().value("redis_up") == 1 })
        let targets = try await DiscoveryAnswer(exporter, "/discover-sentinel").labels.keys
        #expect(Array(targets) == [primary.url])
        let response = await exporter.exporter.routes["/scrape"]?(.init(target: "/scrape?target=\(primary.url)"))
        #expect(response.map { String(decoding: $0.body, as: UTF8.self).contains("\nredis_up 1\n") } == true)
        await exporter.close()
    }
}
