import ExporterKit
import ExporterKitTesting
import Foundation
import RedisClient
import Testing

@testable import ExporterCommand
@testable import redis_exporter

/// Side by side with redis_exporter from Debian: keys, streams, groups, scripts; and what a walk costs the server.
@Suite(.serialized) struct RedisKeyPeerTests {
    private static let families = [
        "redis_key_", "redis_keys_count", "redis_stream_", "redis_script_", "redis_number_of_distinct_key_groups",
        "redis_last_key_groups_scrape_duration_milliseconds",
    ]

    /// Series of the peer that we do not have, each with its reason.
    private static func isLeftOut(_ series: String) -> Bool {
        // The peer tells 0 for what the server does not know: position and lag of a group that was set by hand, the ends of
        // an empty stream.
        series.contains("odd") && (series.contains("_lag{") || series.contains("_entries_read{"))
            || series.contains("stream:empty") && series.contains("_entry_id{") && !series.contains("max_deleted")
    }

    /// Series whose value depends on the moment.
    private static func isRestless(_ series: String) -> Bool {
        series.contains("idle_seconds") || series.contains("duration_milliseconds")
    }

    /// Series of ours that the peer does not have: how our walks go, and what its newer versions tell too.
    private static func isAdded(_ series: String) -> Bool {
        series.hasPrefix("redis_key_scan_") || series.hasPrefix("redis_stream_entries_added_total")
    }

    @Test(arguments: OwnServer.allCases)
    func seriesAndStableValuesAreThoseOfThePeer(kind: OwnServer) async throws {
        let server = try await kind.start()
        try await server.run(SampleKeys.commands)
        let script = "\(server.folder)/script.lua"
        try Data("return {'one', '1', 'half', '0.5'}".utf8)
            .write(to: URL(fileURLWithPath: script))
        let flags = [
            "-check-keys", "h*,s*,db3=user:*,db7=*", "-check-single-keys", "text,number,db3=there",
            "-check-streams", "str*", "-count-keys", "*,db3=user:*,db5=*", "-script", script,
            "-check-key-groups", "^(user):,^(%a+):,\"^(.),\",^([lq])", "-max-distinct-key-groups", "3",
        ]
        let theirs = try await Self.series(of: FleetServers()("FLEET_REDIS_EXPORTER"), server, flags)
        for scan in [["-scan=inline"], ["-scan-interval=1s"]] {
            let ours = try await Self.series(of: "redis-exporter", server, flags + scan)
            #expect(theirs.count > 60)
            for (series, value) in theirs.sorted(by: { $0.key < $1.key }) where !Self.isLeftOut(series) {
                let own = try #require(ours[series], "only the peer has \(series)")
                if !Self.isRestless(series) { #expect(own == value, "\(series)") }
            }
            for series in ours.keys where theirs[series] == nil {
                #expect(Self.isAdded(series), "only we have \(series)")
            }
            for series in theirs.keys where Self.isLeftOut(series) { #expect(ours[series] == nil, "\(series)") }
        }
    }

    private static func series(
        of program: String, _ server: OwnRedis, _ flags: [String]
    ) async throws -> [String: Double] {
        let port = try unusedPort()
        let process = try FleetProcess(
            program, ["-redis.addr", server.url, "-web.listen-address", "127.0.0.1:\(port)"] + flags)
        defer { process.signal(SIGKILL) }
        let url = "http://127.0.0.1:\(port)/metrics"
        let isReady = try await eventually(within: .seconds(20)) {
            guard let body = try? await curl(url).body else { return false }
            return body.contains("redis_up 1") && body.contains("redis_keys_count{")
        }
        guard isReady else { throw FleetError("\(program) gives no keys: \(process.standardError)") }
        var series: [String: Double] = [:]
        for line in try await curl(url).body.split(separator: "\n") where families.contains(where: line.hasPrefix) {
            let parts = line.split(separator: " ")
            series[parts.dropLast().joined(separator: " ")] = Double(parts.last ?? "")
        }
        return series
    }

    // MARK: - Costs

    private static let wide = ["-check-keys", "k:1*", "-count-keys", "k:*,k:2*"]

    /// Strings, lists and hashes; a tenth of them have series.
    private static func fill(_ server: OwnRedis, _ count: Int) async throws {
        let types: [(Int) -> RedisCommand] = [
            { ["SET", "k:\($0)", "\($0)"] }, { ["RPUSH", "k:\($0)", "a"] }, { ["HSET", "k:\($0)", "a", "b"] },
        ]
        for start in stride(from: 0, to: count, by: 5_000) {
            try await server.run((start..<min(start + 5_000, count)).map { types[$0 % 3]($0) })
        }
    }

    /// Commands that `work` makes the server run.
    private static func commands(_ server: OwnRedis, _ work: () async throws -> Void) async throws -> [String: Int] {
        let before = try await server.calls()
        try await work()
        let after = try await server.calls()
        return after.merging(before.mapValues(-)) { $0 + $1 }.filter { $0.value > 0 && $0.key != "info" }
    }

    @Test func walkSendsNoMoreCommandsThanThePeer() async throws {
        let server = try await OwnRedis()
        try await Self.fill(server, 20_000)
        let port = try unusedPort()
        let peer = try FleetProcess(
            FleetServers()("FLEET_REDIS_EXPORTER"),
            ["-redis.addr", server.url, "-web.listen-address", "127.0.0.1:\(port)"] + Self.wide)
        defer { peer.signal(SIGKILL) }
        let url = "http://127.0.0.1:\(port)/metrics"
        #expect(
            try await eventually(within: .seconds(20)) { (try? await curl(url))?.body.contains("redis_up 1") == true })
        let keyCommands: Set<String> = [
            "scan", "select", "type", "memory|usage", "get", "strlen", "pfcount", "llen", "hlen",
        ]
        let theirs = try await Self.commands(server) { _ = try await curl(url) }.filter { keyCommands.contains($0.key) }
        let exporter = try RedisExporterUnderTest(server.url, Self.wide)
        let ours = try await Self.commands(server) { await exporter.exporter.refresh?(.after(.seconds(60))) }
        let scrape = await exporter.scrape()
        await exporter.close()
        #expect(scrape.value("redis_keys_count", ["key": "k:*"]) == 20_000)
        let sums = (ours: ours.values.reduce(0, +), theirs: theirs.values.reduce(0, +))
        #expect(sums.ours <= sums.theirs, "\(ours) against \(theirs)")
        #expect(ours["scan", default: 0] * 3 <= theirs["scan", default: 0] + 3, "\(ours) against \(theirs)")
        #expect(ours["pfcount"] == nil)
        // Calls that others do not know are those of the connection itself.
        #expect(Set(ours.keys).subtracting(keyCommands).isSubset(of: ["client|setname"]), "\(ours)")
    }

    @Test(arguments: [10, 20_000])
    func scrapesAreOneRoundTripHoweverManyKeysThereAre(count: Int) async throws {
        let server = try await OwnRedis()
        try await Self.fill(server, count)
        try await server.run([["RPUSH", "single", "a"], ["XADD", "stream", "1-1", "f", "v"]])
        let exporter = try RedisExporterUnderTest(
            server.url, Self.wide + ["-check-single-keys", "single,db3=k", "-check-single-streams", "stream"])
        await exporter.exporter.refresh?(.after(.seconds(60)))
        var reads: [Double] = []
        for _ in 0..<6 {
            let scrape = await exporter.scrape()
            #expect(scrape.value("redis_keys_count", ["key": "k:*"]) == Double(count))
            #expect(scrape.value("redis_key_size", ["key": "single"]) == 1)
            #expect(scrape.value("redis_stream_length") == 1)
            reads.append(try #require(scrape.value("redis_total_reads_processed")))
        }
        #expect(zip(reads.dropFirst(), reads).map(-).suffix(4) == [1, 1, 1, 1], "\(reads)")
        await exporter.close()
    }

    @Test func walkKeepsToItsBudgetAndIsCutByItsLimit() async throws {
        let server = try await OwnRedis()
        try await Self.fill(server, 3_000)
        let slow = try RedisExporterUnderTest(
            server.url, ["-count-keys", "*", "-check-keys-batch-size=10", "-scan-budget=500/s", "-scan-interval=1h"])
        let walking = Task { await slow.exporter.background?() }
        #expect(
            try await eventually(within: .seconds(20)) { await slow.scrape().value("redis_key_scan_keys") == 3_000 })
        // 300 SCANs at 500 a second.
        #expect((await slow.scrape().value("redis_key_scan_duration_seconds") ?? 0) > 0.5)
        walking.cancel()
        await walking.value
        await slow.close()
        let cut = try RedisExporterUnderTest(
            server.url,
            [
                "-count-keys", "*", "-check-keys-batch-size=10", "-scan-budget=100/s", "-scan-limit=200ms",
                "-scan-interval=1h",
            ])
        let cutting = Task { await cut.exporter.background?() }
        #expect(try await eventually(within: .seconds(20)) { await cut.scrape().value("redis_key_scan_cut") == 1 })
        let scrape = await cut.scrape()
        #expect(scrape.failed == ["key_scan"])
        #expect(scrape.family("redis_keys_count") == nil)
        #expect(scrape.value("redis_key_scan_walks_total", ["outcome": "cut"]) == 1)
        #expect(scrape.value("redis_up") == 1)
        cutting.cancel()
        await cutting.value
        await cut.close()
    }
}
