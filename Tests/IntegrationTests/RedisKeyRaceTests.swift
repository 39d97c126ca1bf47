import ExporterKit
import Foundation
import RedisClient
import Synchronization
import Testing

@testable import ExporterCommand
@testable import redis_exporter

/// Errors in the middle of a pipeline, keys that vanish or change between two commands: never a value on the wrong key.
@Suite(.serialized) struct RedisKeyRaceTests {
    private func scrape(_ server: CommandServer, _ arguments: [String]) async throws -> (Scrape, RecordedLog) {
        let exporter = try RedisExporterUnderTest(server.url, arguments)
        let scrape = await exporter.scrape()
        await exporter.close()
        server.stop()
        return (scrape, exporter.log)
    }

    @Test(arguments: [["-check-single-keys", "a,b,c,db3=d,e"], ["-check-keys", "*,db3=*", "-scan=inline"]])
    func errorsInTheMiddleShiftNothing(arguments: [String]) async throws {
        let server = try CommandServer { words in
            switch words {
            case ["SELECT", "3"]: "-NOPERM this user has no permissions to run the 'select' command\r\n"
            case _ where words[0] == "SCAN": CommandServer.page(["a", "b", "c", "e"])
            case ["TYPE", "a"]: "-NOPERM No permissions to access a key\r\n"
            case ["TYPE", "b"], ["TYPE", "d"]: "+list\r\n"
            case ["TYPE", "c"]: "+set\r\n"
            case ["TYPE", "e"]: "+hash\r\n"
            case ["MEMORY", "USAGE", "c"]: "-ERR strange\r\n"
            case ["MEMORY", "USAGE", "a"], ["MEMORY", "USAGE", "d"]: ":1\r\n"
            case ["MEMORY", "USAGE", "b"]: ":2\r\n"
            case ["MEMORY", "USAGE", "e"]: ":5\r\n"
            case ["LLEN", "b"]: ":22\r\n"
            case ["LLEN", "d"]: ":44\r\n"
            case ["SCARD", "c"]: "-ERR strange\r\n"
            case ["HLEN", "e"]: ":55\r\n"
            default: CommandServer.basics(words)
            }
        }
        let (scrape, log) = try await scrape(server, arguments)
        #expect(
            scrape.lines("redis_key_size", "redis_key_memory", "redis_key_value") == [
                #"redis_key_memory_usage_bytes{db="db0",key="b"} 2"#,
                #"redis_key_memory_usage_bytes{db="db0",key="e"} 5"#,
                #"redis_key_size{db="db0",key="b"} 22"#, #"redis_key_size{db="db0",key="e"} 55"#,
            ])
        #expect(scrape.failed.contains("keys"))
        #expect(scrape.value("redis_up") == 1)
        #expect(log.lines.contains { $0.contains("NOPERM") }, "\(log.lines)")
    }

    @Test func keysThatVanishOrChangeInBetweenHaveNoValueOfTheirFormerSelves() async throws {
        let server = try CommandServer { words in
            switch words {
            case _ where words[0] == "SCAN":
                CommandServer.page(["now set", "gone", "gone text", "gone hash", "gone hll", "ok"])
            case ["TYPE", "now set"]: "+list\r\n"
            case ["LLEN", "now set"]: "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"
            case ["TYPE", "gone"]: "+none\r\n"
            case ["MEMORY", "USAGE", "gone"]: "$-1\r\n"
            case ["TYPE", "gone text"], ["TYPE", "gone hll"]: "+string\r\n"
            case ["GET", "gone text"]: "$-1\r\n"
            case ["GET", "gone hll"]: CommandServer.bulk("HYLL and more")
            case ["PFCOUNT", "gone hll"]: "-WRONGTYPE Key is not a valid HyperLogLog string value.\r\n"
            case ["TYPE", "gone hash"]: "+hash\r\n"
            case ["HLEN", "gone hash"]: ":0\r\n"
            case ["TYPE", "ok"]: "+zset\r\n"
            case ["ZCARD", "ok"]: ":6\r\n"
            case _ where words[0] == "MEMORY": ":60\r\n"
            default: CommandServer.basics(words)
            }
        }
        let (scrape, _) = try await scrape(server, ["-check-keys", "*", "-scan=inline"])
        #expect(
            scrape.lines("redis_key_size") == [
                #"redis_key_size{db="db0",key="gone hll"} 13"#, #"redis_key_size{db="db0",key="ok"} 6"#,
            ])
        #expect(scrape.lines("redis_key_memory").count == 2)
        #expect(!scrape.failed.contains("keys"))
    }

    @Test func whoMayNotGetIsToldSizes() async throws {
        let server = try CommandServer { words in
            switch words {
            case ["TYPE", "a"], ["TYPE", "h"]: "+string\r\n"
            case _ where words[0] == "MEMORY": ":60\r\n"
            case _ where words[0] == "GET": "-NOPERM this user has no permissions to run the 'get' command\r\n"
            case ["PFCOUNT", "a"]: "-WRONGTYPE Key is not a valid HyperLogLog string value.\r\n"
            case ["PFCOUNT", "h"]: ":9\r\n"
            case ["STRLEN", "a"]: ":4\r\n"
            case ["STRLEN", "h"]: ":400\r\n"
            default: CommandServer.basics(words)
            }
        }
        let (scrape, _) = try await scrape(server, ["-check-single-keys", "a,h", "-disable-exporting-key-values"])
        #expect(
            scrape.lines("redis_key_size") == [
                #"redis_key_size{db="db0",key="a"} 4"#, #"redis_key_size{db="db0",key="h"} 9"#,
            ])
    }

    /// Redis 8.8: arrays, entries given back, idempotent producers.
    @Test func newerServersTellMore() async throws {
        let server = try CommandServer { words in
            switch words {
            case ["TYPE", "array"]: "+array\r\n"
            case ["ARCOUNT", "array"]: ":12\r\n"
            case ["TYPE", "s"]: "+stream\r\n"
            case ["MEMORY", "USAGE", "array"]: ":60\r\n"
            case ["XINFO", "STREAM", "s"]:
                "*8\r\n\(CommandServer.bulk("length")):2\r\n\(CommandServer.bulk("idmp-duration")):60\r\n"
                    + "\(CommandServer.bulk("iids-duplicates")):3\r\n\(CommandServer.bulk("first-entry"))$-1\r\n"
            case ["XINFO", "STREAM", "s", "FULL", "COUNT", "1"]:
                "*2\r\n\(CommandServer.bulk("groups"))*1\r\n*4\r\n\(CommandServer.bulk("name"))\(CommandServer.bulk("g"))"
                    + "\(CommandServer.bulk("nacked-count")):8\r\n"
            case ["XINFO", "GROUPS", "s"]:
                "*1\r\n*4\r\n\(CommandServer.bulk("name"))\(CommandServer.bulk("g"))\(CommandServer.bulk("lag"))$-1\r\n"
            case ["XINFO", "CONSUMERS", "s", "g"]: "-NOGROUP No such consumer group\r\n"
            default: CommandServer.basics(words, version: "8.8.0")
            }
        }
        let (scrape, _) = try await scrape(server, ["-check-single-keys", "array", "-check-single-streams", "s"])
        #expect(scrape.value("redis_key_size", ["key": "array"]) == 12)
        #expect(
            scrape.lines("redis_stream") == [
                #"redis_stream_group_messages_nacked{db="db0",group="g",stream="s"} 8"#,
                #"redis_stream_idmp_duplicates_total{db="db0",stream="s"} 3"#,
                #"redis_stream_idmp_duration_seconds{db="db0",stream="s"} 60"#,
                #"redis_stream_length{db="db0",stream="s"} 2"#,
            ])
        #expect(!scrape.failed.contains("streams") && !scrape.failed.contains("keys"))
    }

    @Test func groupsHaveNoMemoryOfOtherKeys() async throws {
        let server = try CommandServer { words in
            switch words {
            case _ where words[0] == "SCAN": CommandServer.page(["a:1", "b:1", "c:1", "a:2"])
            case ["MEMORY", "USAGE", "a:1"]: ":100\r\n"
            case ["MEMORY", "USAGE", "b:1"]: "$-1\r\n"
            case ["MEMORY", "USAGE", "c:1"]: "-ERR strange\r\n"
            case ["MEMORY", "USAGE", "a:2"]: ":50\r\n"
            default: CommandServer.basics(words)
            }
        }
        let (scrape, _) = try await scrape(
            server, ["-check-key-groups", "^(%a)", "-scan=inline", "-config-command", "-"])
        #expect(
            scrape.lines("redis_key_group").filter { $0.contains("db0") } == [
                #"redis_key_group_count{db="db0",key_group="a"} 2"#,
                #"redis_key_group_count{db="db0",key_group="c"} 1"#,
                #"redis_key_group_memory_usage_bytes{db="db0",key_group="a"} 150"#,
                #"redis_key_group_memory_usage_bytes{db="db0",key_group="c"} 0"#,
            ])
        #expect(scrape.failed.contains("keys"))
    }

    @Test func serverThatLoadsChangesNoMetricOfTheWalkBefore() async throws {
        let calls = Calls()
        let server = try CommandServer { words in
            guard words[0] == "SCAN" else { return CommandServer.basics(words) }
            return calls.next() == 1
                ? CommandServer.page(["a", "b"]) : "-LOADING Redis is loading the dataset in memory\r\n"
        }
        let exporter = try RedisExporterUnderTest(server.url, ["-count-keys", "*", "-scan-interval=100ms"])
        let walking = Task { await exporter.exporter.background?() }
        #expect(
            try await eventually(within: .seconds(10)) {
                await exporter.scrape().value("redis_key_scan_walks_total", ["outcome": "failed"]) == 1
            })
        let scrape = await exporter.scrape()
        #expect(scrape.value("redis_keys_count") == 2)
        #expect(scrape.failed.contains("key_scan"))
        walking.cancel()
        await walking.value
        await exporter.close()
        server.stop()
    }

    /// Each key's number of elements tells its number, whatever type it has just now.
    @Test func everyValueIsOfItsKeyWhileKeysAreRecreatedAsOtherTypes() async throws {
        let server = try await OwnRedis()
        let keys = 400
        let writer = Task {
            let connection = RedisConnection(try RedisOptions(url: server.url))
            while !Task.isCancelled {
                let commands = (0..<60).flatMap { _ in Self.recreation(of: Int.random(in: 0..<keys)) }
                _ = await connection.run(commands, until: .now + .seconds(10))
            }
            await connection.close()
        }
        let exporter = try RedisExporterUnderTest(
            server.url,
            ["-check-keys", "k:*", "-check-single-keys", "k:1,k:2", "-scan=inline", "-check-keys-batch-size=20"])
        var seen = 0
        for _ in 0..<60 {
            let scrape = await exporter.scrape()
            #expect(!scrape.failed.contains("keys"), "\(exporter.log.lines)")
            for sample in scrape.family("redis_key_size")?.samples ?? [] {
                guard let key = sample.labels.pairs.first(where: { $0.name == "key" })?.value,
                    let number = Int(key.dropFirst(2)), case .number(let size) = sample.value, size > 0
                else { continue }
                seen += 1
                #expect(Int(size) / 4 == number, "\(key) has size \(size)")
            }
        }
        writer.cancel()
        _ = try await writer.value
        #expect(seen > 1_000)
        await exporter.close()
    }

    private static func recreation(of number: Int) -> [RedisCommand] {
        let key = "k:\(number)"
        let type = Int.random(in: 0..<5)
        let elements = (0..<(number * 4 + type)).map(String.init)
        let create: RedisCommand? =
            switch type {
            case 0: RedisCommand(["SET", key, String(repeating: "x", count: elements.count)])
            case 1: RedisCommand(["RPUSH", key] + elements)
            case 2: RedisCommand(["SADD", key] + elements)
            case 3: RedisCommand(["HSET", key] + elements.flatMap { [$0, "v"] })
            default: nil
            }
        return [["DEL", key]] + (create.map { [$0] } ?? [])
    }
}

/// How often something happened.
private final class Calls: Sendable {
    private let count = Mutex(0)

    func next() -> Int {
        count.withLock { count in
            count += 1
            return count
        }
    }
}
