import ExporterKit
import Foundation
import RedisClient
import Testing

@testable import redis_exporter

/// redis-exporter on the shared servers.
@Suite struct RedisExporterServerTests {
    @Test(arguments: RedisUnderTest.all)
    func everyFieldTheServerHasIsAMetric(server: RedisUnderTest) async throws {
        let exporter = try RedisExporterUnderTest(server.url())
        let scrape = await exporter.scrape()
        #expect(scrape.failed.isEmpty)
        #expect(scrape.value("redis_up") == 1)
        let connection = try server.connection()
        let info = InfoDocument(try #require(try await connection.answer(["INFO", "ALL"]).text))
        let plain: [FieldsCollector] = [
            Clients.collector("redis"), Memory.collector("redis"), Persistence.collector("redis"),
            Stats.collector("redis"),
        ]
        var sink = MetricSink()
        for collector in plain { collector.decode(info, into: &sink) }
        let expected = sink.families.filter { !$0.samples.isEmpty }
        #expect(expected.count > 100)
        for family in expected {
            #expect(
                scrape.family(family.descriptor.name)?.descriptor.kind == family.descriptor.kind,
                "\(family.descriptor.name)")
        }
        for name in Self.inEveryServer { #expect(scrape.family(name) != nil, "\(name)") }
        await connection.close()
        await exporter.close()
    }

    private static let inEveryServer = [
        "redis_instance_info", "redis_start_time_seconds", "redis_uptime_in_seconds", "redis_connected_slaves",
        "redis_cpu_sys_seconds_total", "redis_commands_total", "redis_commands_duration_seconds_total",
        "redis_latency_percentiles_usec", "redis_commands_latencies_usec", "redis_cluster_enabled", "redis_db_keys",
        "redis_config_maxclients", "redis_config_io_threads", "redis_config_client_output_buffer_limit_bytes",
        "redis_slowlog_length", "redis_slowlog_last_id", "redis_last_slow_execution_duration_seconds",
        "redis_exporter_last_scrape_error", "redis_exporter_scrapes_total", "redis_exporter_build_info",
        "redis_exporter_scrape_duration_seconds", "process_resident_memory_bytes",
    ]

    @Test func commandLogIsThereOnValkey() async throws {
        let exporter = try RedisExporterUnderTest(RedisUnderTest.valkey8.url())
        let scrape = await exporter.scrape(only: ["commandlog"])
        #expect(scrape.family("redis_commandlog_slow_length") != nil)
        #expect(scrape.family("redis_commandlog_reply_larger_than") != nil)
        await exporter.close()
    }

    @Test func wrongPasswordIsNoTroubleOfTheExporter() async throws {
        let exporter = try RedisExporterUnderTest(
            FleetServers()("FLEET_REDIS_AUTH_URL"), ["-redis.password", "hunter2"])
        for _ in 0..<3 {
            let scrape = await exporter.scrape()
            #expect(scrape.value("redis_up") == 0)
            #expect(scrape.redisError == "authentication")
            #expect(!scrape.text.contains("hunter2"))
        }
        #expect(exporter.log.lines.count == 1)
        #expect(!exporter.log.lines.joined().contains("hunter2"))
        await exporter.close()
    }

    @Test func refusedTLSIsNoTroubleOfTheExporter() async throws {
        let exporter = try RedisExporterUnderTest(FleetServers()("FLEET_REDIS8_TLS_URL"))
        let scrape = await exporter.scrape()
        #expect(scrape.value("redis_up") == 0)
        #expect(scrape.redisError == "tls")
        await exporter.close()
    }

    @Test func tlsFlagsLeadToTheServer() async throws {
        let servers = FleetServers()
        let exporter = try RedisExporterUnderTest(
            servers("FLEET_REDIS8_TLS_URL"),
            [
                "-tls-ca-cert-file", servers("FLEET_TLS_CA"), "-tls-client-cert-file", servers("FLEET_TLS_CERT"),
                "-tls-client-key-file", servers("FLEET_TLS_KEY"),
            ])
        #expect(await exporter.scrape().value("redis_up") == 1)
        await exporter.close()
    }

    @Test func flagsShapeTheOutput() async throws {
        let exporter = try RedisExporterUnderTest(
            RedisUnderTest.redis7.url(),
            [
                "-namespace", "cache", "-redis-only-metrics", "-append-instance-role-label", "-ping-on-connect",
                "-include-config-metrics", "-exclude-latency-histogram-metrics",
                "-include-metrics-for-empty-databases=false",
            ])
        let scrape = await exporter.scrape()
        #expect(scrape.families.allSatisfy { $0.descriptor.name.hasPrefix("cache_") })
        #expect(scrape.value("cache_connected_clients", ["instance_role": "master"]) != nil)
        #expect(scrape.family("cache_exporter_last_scrape_ping_time_seconds")?.samples.first?.labels.isEmpty == true)
        #expect(scrape.value("cache_config_value", ["key": "databases"]) == 16)
        #expect(scrape.family("cache_commands_latencies_usec") == nil)
        #expect(scrape.family("cache_exporter_build_info") == nil)
        await exporter.close()
    }
}
