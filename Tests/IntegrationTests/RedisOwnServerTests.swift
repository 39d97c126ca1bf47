import ExporterKit
import Foundation
import RedisClient
import Testing

@testable import redis_exporter

/// redis-exporter on servers that the test starts, stops, freezes and restricts.
@Suite(.serialized) struct RedisOwnServerTests {
    @Test func warmScrapeIsOneRoundTrip() async throws {
        let server = try await OwnRedis()
        let exporter = try RedisExporterUnderTest(server.url)
        var reads: [Double] = []
        var commands: [Double] = []
        for _ in 0..<4 {
            let scrape = await exporter.scrape()
            reads.append(try #require(scrape.value("redis_total_reads_processed")))
            commands.append(try #require(scrape.value("redis_commands_processed_total")))
        }
        // The server has read the whole scrape when it answers INFO: from one INFO to the next it reads once. The first
        // scrape, on a new connection, asks the rest in a second round trip.
        #expect(zip(reads.dropFirst(), reads).map(-) == [2, 1, 1])
        #expect(zip(commands.dropFirst(2), commands.dropFirst()).map(-) == [6, 6])
        #expect((await exporter.scrape()).value("redis_connections_received_total") == 1)
        await exporter.close()
    }

    @Test func frozenServerAnswersInTimeAndIsWholeAfterwards() async throws {
        let server = try await OwnRedis()
        let process = try FleetProcess(
            "redis-exporter", ["-redis.addr", server.url, "--web.listen-address=127.0.0.1:0"])
        let url = "http://127.0.0.1:\(try await process.port())/metrics"
        #expect(try await curl(url).body.contains("\nredis_up 1\n"))
        server.signal(SIGSTOP)
        for _ in 0..<3 {
            let answer = try await curl(url, ["-H", "X-Prometheus-Scrape-Timeout-Seconds: 2"])
            #expect(answer.status == 200)
            #expect(answer.seconds < 2)
            #expect(answer.body.contains("\nredis_up 0\n"))
            #expect(answer.body.contains("redis_exporter_last_scrape_error{err=\"timeout\"} 1\n"))
        }
        server.signal(SIGCONT)
        let answer = try await curl(url)
        #expect(answer.body.contains("\nredis_up 1\n"))
        #expect(answer.body.contains("redis_exporter_last_scrape_error{err=\"\"} 0\n"))
        #expect(!answer.body.contains("redis_scrape_collector_success{collector=\"config\"} 0"))
        let lines = process.standardError.split(separator: "\n").filter {
            $0.contains("Server ") && $0.contains("reached")
        }
        #expect(lines.count == 2, "\(lines)")
        process.signal(SIGTERM)
        #expect(try await process.exitStatus() == 0)
    }

    @Test func serverThatComesLaterIsScrapedThen() async throws {
        let port = try unusedPort()
        let exporter = try RedisExporterUnderTest("redis://127.0.0.1:\(port)")
        for _ in 0..<2 {
            let scrape = await exporter.scrape()
            #expect(scrape.value("redis_up") == 0)
            #expect(scrape.redisError == "connection")
        }
        let server = try await OwnRedis(port: port)
        #expect(await exporter.scrape().value("redis_up") == 1)
        try await server.stop()
        #expect(await exporter.scrape().value("redis_up") == 0)
        let again = try await OwnRedis(port: port)
        #expect(await exporter.scrape().failed.isEmpty)
        try await again.stop()
        #expect(exporter.log.lines.count == 4, "\(exporter.log.lines)")
        await exporter.close()
    }

    @Test func refusedCommandsAreAskedOnceAndCostOnlyTheirMetrics() async throws {
        let server = try await OwnRedis(["--user", "monitor", "on", ">pw", "~*", "+info", "+ping"])
        let exporter = try RedisExporterUnderTest("redis://monitor:pw@127.0.0.1:\(server.port)")
        var errors: [Double] = []
        for _ in 0..<4 {
            let scrape = await exporter.scrape()
            #expect(scrape.value("redis_up") == 1)
            #expect(scrape.redisError == "")
            #expect(scrape.failed == ["config", "slowlog", "latency", "latency_histogram"])
            #expect(scrape.value("redis_db_keys", ["db": "db15"]) == 0)
            errors.append(try #require(scrape.value("redis_total_error_replies")))
        }
        // SETNAME is refused before INFO; the other five after the first INFO, and never again.
        #expect(errors == [1, 6, 6, 6])
        #expect(exporter.log.lines.count == 4, "\(exporter.log.lines)")
        await exporter.close()
    }

    @Test func renamedConfigCommandIsUsed() async throws {
        let server = try await OwnRedis(["--rename-command", "CONFIG", "CFG"])
        let plain = try RedisExporterUnderTest(server.url)
        let without = await plain.scrape()
        #expect(without.failed == ["config"])
        await plain.close()
        let knowing = try RedisExporterUnderTest(server.url, ["-config-command", "CFG"])
        #expect(await knowing.scrape().value("redis_config_maxclients") != nil)
        await knowing.close()
        let never = try RedisExporterUnderTest(server.url, ["-config-command", "-"])
        let scrape = await never.scrape()
        #expect(scrape.failed.isEmpty)
        #expect(scrape.family("redis_config_maxclients") == nil)
        await never.close()
    }

    @Test func nodeOfAClusterTellsItsState() async throws {
        let server = try await OwnRedis(["--cluster-enabled", "yes", "--cluster-port", "\(unusedPort())"])
        let exporter = try RedisExporterUnderTest(server.url)
        let scrape = await exporter.scrape()
        #expect(scrape.failed.isEmpty)
        #expect(scrape.value("redis_cluster_enabled") == 1)
        #expect(scrape.value("redis_cluster_state") == 0)
        #expect(scrape.value("redis_cluster_known_nodes") == 1)
        #expect(scrape.family("redis_db_keys")?.samples.count == 1)
        await exporter.close()
    }

    @Test func primaryAndReplicaTellOfEachOther() async throws {
        let primary = try await OwnRedis(["--repl-diskless-sync-delay", "0"])
        let replica = try await OwnRedis(["--replicaof", "127.0.0.1", "\(primary.port)"])
        let above = try RedisExporterUnderTest(primary.url)
        let below = try RedisExporterUnderTest(replica.url)
        let labels = ["master_host": "127.0.0.1", "master_port": "\(primary.port)"]
        let isLinked = try await eventually(within: .seconds(30)) {
            await below.scrape().value("redis_master_link_up", labels) == 1
        }
        #expect(isLinked)
        let isOnline = try await eventually(within: .seconds(30)) {
            await above.scrape().value("redis_connected_slave_lag_seconds", ["slave_port": "\(replica.port)"]) != nil
        }
        #expect(isOnline)
        #expect(await below.scrape().value("redis_slave_info", labels) == 1)
        for exporter in [above, below] { await exporter.close() }
    }

    @Test func sentinelIsAServerToo() async throws {
        let primary = try await OwnRedis()
        let file = NSTemporaryDirectory() + "fleet-sentinel-\(UInt32.random(in: 0...UInt32.max)).conf"
        let port = try unusedPort()
        try "port \(port)\nbind 127.0.0.1\nsentinel monitor cache 127.0.0.1 \(primary.port) 1\n"
            .write(toFile: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: file) }
        let sentinel = try FleetProcess("redis-server", [file, "--sentinel"])
        let exporter = try RedisExporterUnderTest("redis://127.0.0.1:\(port)")
        #expect(try await eventually(within: .seconds(20)) { await exporter.scrape().value("redis_up") == 1 })
        let scrape = await exporter.scrape()
        #expect(scrape.failed.isEmpty)
        #expect(scrape.value("redis_sentinel_masters") == 1)
        #expect(scrape.value("redis_sentinel_master_status", ["master_name": "cache", "master_status": "ok"]) == 1)
        sentinel.signal(SIGKILL)
        await exporter.close()
    }

    @Test func fiftyScrapesAtOnceShareOneConnection() async throws {
        let server = try await OwnRedis()
        let exporter = try RedisExporterUnderTest(server.url)
        await withTaskGroup { group in
            for _ in 0..<50 { group.addTask { await exporter.scrape().value("redis_up") } }
            for await up in group { #expect(up == 1) }
        }
        #expect(await exporter.scrape().value("redis_connections_received_total") == 1)
        await exporter.close()
    }

    @Test(
        arguments: [
            (["-check-keys", "a=b=c"], 2), (["--no-such-flag"], 2), (["-redis.addr", "http://h"], 2),
            (["-redis.password-file", "/nowhere/passwords.json"], 1),
            (["-redis.addr", "rediss://h", "-tls-ca-cert-file", "/nowhere/ca.pem"], 1), (["-namespace", "a-b"], 2),
        ] as [([String], Int32)])
    func badInputIsOneLine(arguments: [String], status: Int32) async throws {
        let process = try FleetProcess("redis-exporter", arguments + ["--check-config"])
        #expect(try await process.exitStatus() == status)
        #expect(process.standardError.split(separator: "\n").count == 1)
    }
}
