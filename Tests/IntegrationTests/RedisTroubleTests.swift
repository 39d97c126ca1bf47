import Foundation
import RedisClient
import Testing

@testable import ExporterCommand
@testable import ExporterKit
@testable import redis_exporter

/// Servers and networks in trouble: each scrape is answered by its deadline, says what is wrong, and the next one after the
/// trouble is whole again.
@Suite(.serialized) struct RedisTroubleTests {
    private let patience = Duration.seconds(2)

    /// A scrape that must end by its deadline.
    private func scrape(_ exporter: RedisExporterUnderTest) async -> Scrape {
        let scrape = await exporter.scrape(within: patience)
        #expect(scrape.duration < patience + .milliseconds(500))
        return scrape
    }

    private func ask(_ server: OwnRedis, _ commands: [RedisCommand]) async throws {
        let connection = RedisConnection(try RedisOptions(url: server.url))
        for command in commands { try await connection.answer(command) }
        await connection.close()
    }

    private func expectWhole(_ exporter: RedisExporterUnderTest) async {
        let scrape = await scrape(exporter)
        #expect(scrape.value("redis_up") == 1)
        #expect(scrape.redisError == "")
        #expect(scrape.failed.isEmpty)
    }

    @Test func pausedServerIsDownUntilItGoesOn() async throws {
        let server = try await OwnRedis()
        let exporter = try RedisExporterUnderTest(server.url)
        await expectWhole(exporter)
        try await ask(server, [["CLIENT", "PAUSE", "4000", "ALL"]])
        let paused = await scrape(exporter)
        #expect(paused.value("redis_up") == 0 && paused.redisError == "timeout")
        #expect(
            try await eventually(within: .seconds(10)) {
                await exporter.scrape(within: patience).value("redis_up") == 1
            })
        await expectWhole(exporter)
        await exporter.close()
    }

    @Test func stoppedTargetDoesNotHoldUpTheOthers() async throws {
        let (stopped, other) = try await (OwnRedis(), OwnRedis())
        let exporter = try RedisExporterUnderTest("")
        let route = try #require(exporter.exporter.routes["/scrape"])
        @Sendable func get(_ server: OwnRedis) async -> (text: String, took: Duration) {
            let began = ContinuousClock.now
            let response = await route(
                HTTPRequest(
                    target: "/scrape?target=\(server.url)",
                    headers: [("X-Prometheus-Scrape-Timeout-Seconds", "2")]))
            return (String(decoding: response.body, as: UTF8.self), began.duration(to: .now))
        }
        for server in [stopped, other] { #expect(await get(server).text.contains("\nredis_up 1\n")) }
        stopped.signal(SIGSTOP)
        async let hanging = get(stopped)
        for _ in 0..<5 {
            let answer = await get(other)
            #expect(answer.text.contains("\nredis_up 1\n") && answer.took < .seconds(1))
        }
        let late = await hanging
        #expect(late.text.contains("\nredis_up 0\n") && late.text.contains("err=\"timeout\"} 1\n"))
        #expect(late.took < .seconds(2))
        stopped.signal(SIGCONT)
        #expect(await get(stopped).text.contains("\nredis_up 1\n"))
        await exporter.close()
    }

    @Test func serverThatIsFullSaysSoAndIsWholeOnceThereIsRoom() async throws {
        let server = try await OwnRedis(["--maxclients", "1"])
        let guest = RedisConnection(try RedisOptions(url: server.url))
        try await guest.answer(["PING"])
        let exporter = try RedisExporterUnderTest(server.url)
        let full = await scrape(exporter)
        #expect(full.value("redis_up") == 0 && full.redisError == "connection")
        #expect(exporter.log.lines.contains { $0.contains("max number of clients") || $0.contains("maxclients") })
        await guest.close()
        #expect(try await eventually(within: .seconds(5)) { await exporter.scrape().value("redis_up") == 1 })
        await expectWhole(exporter)
        await exporter.close()
    }

    @Test func loadingServerIsUpAndTellsThatItLoads() async throws {
        let first = try await OwnRedis(["--enable-debug-command", "yes"])
        try await ask(first, [["DEBUG", "POPULATE", "20000"], ["SAVE"]])
        let port = first.port
        let dump = first.folder + "/dump.rdb"
        let copy = NSTemporaryDirectory() + "fleet-loading-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: dump, toPath: copy + "/dump.rdb")
        defer { try? FileManager.default.removeItem(atPath: copy) }
        try await first.stop()
        // 0.2 ms for each key, and a look at the clients every KiB.
        let loading = try FleetProcess(
            "redis-server",
            [
                "--port", "\(port)", "--bind", "127.0.0.1", "--save", "", "--dir", copy, "--key-load-delay", "200",
                "--loading-process-events-interval-bytes", "1024",
            ])
        let exporter = try RedisExporterUnderTest("redis://127.0.0.1:\(port)")
        var seen: Scrape?
        _ = try await eventually(within: .seconds(20)) {
            let scrape = await exporter.scrape(within: patience)
            if scrape.value("redis_loading_dump_file") == 1 { seen = scrape }
            return seen != nil
        }
        let scrape = try #require(seen)
        #expect(scrape.value("redis_up") == 1)
        #expect(
            try await eventually(within: .seconds(30)) {
                let scrape = await exporter.scrape(within: patience)
                return scrape.value("redis_loading_dump_file") == 0
                    && scrape.value("redis_db_keys", ["db": "db0"]) == 20_000
            })
        await expectWhole(exporter)
        loading.signal(SIGKILL)
        await exporter.close()
    }

    @Test func serverThatCannotSaveIsUpAndSaysSo() async throws {
        let server = try await OwnRedis(["--save", "3600 1"])
        try await ask(server, [["SET", "a", "b"]])
        try FileManager.default.removeItem(atPath: server.folder)
        try await ask(server, [["BGSAVE"]])
        let exporter = try RedisExporterUnderTest(server.url)
        let isMisconfigured = try await eventually(within: .seconds(10)) {
            await exporter.scrape().value("redis_rdb_last_bgsave_status") == 0
        }
        #expect(isMisconfigured)
        await #expect(throws: RedisError.self) { try await ask(server, [["SET", "a", "c"]]) }  // MISCONF
        await expectWhole(exporter)
        await exporter.close()
    }

    @Test func connectionCutAtAnyByteCostsOneScrapeAtMost() async throws {
        let server = try await OwnRedis()
        let proxy = try RedisProxy(to: server.port)
        let exporter = try RedisExporterUnderTest(proxy.url)
        await expectWhole(exporter)
        let size = proxy.bytes
        await exporter.close()
        for limit in [1, 2, 5] + (0..<20).map({ _ in Int.random(in: 1..<size * 9 / 10) }) {
            proxy.behave(.cut(after: limit))
            let exporter = try RedisExporterUnderTest(proxy.url)
            let cut = await scrape(exporter)
            let isUp = cut.value("redis_up")
            #expect(isUp == 0 || !cut.failed.isEmpty, "cut after \(limit) of \(size) bytes")
            #expect(cut.redisError == "connection", "cut after \(limit) of \(size) bytes")
            if isUp == 0 { #expect(cut.family("redis_uptime_in_seconds") == nil) }
            proxy.behave(.whole)
            await expectWhole(exporter)
            await exporter.close()
        }
        proxy.stop()
    }

    @Test func tricklingAnswerIsGivenUpAtTheDeadline() async throws {
        let server = try await OwnRedis()
        let proxy = try RedisProxy(to: server.port)
        let exporter = try RedisExporterUnderTest(proxy.url)
        proxy.behave(.trickle(bytes: 1, pause: .milliseconds(5)))
        for _ in 0..<2 {
            let slow = await scrape(exporter)
            #expect(slow.value("redis_up") == 0 && slow.redisError == "timeout")
        }
        proxy.behave(.whole)
        await expectWhole(exporter)
        proxy.behave(.trickle(bytes: 512, pause: .milliseconds(1)))
        await exporter.close()
        await expectWhole(exporter)
        proxy.stop()
        await exporter.close()
    }
}
