import Foundation
import RedisClient
import Testing

@testable import ExporterCommand
@testable import ExporterKit
@testable import redis_exporter

/// Keys, counts, groups and streams of real servers.
@Suite(.serialized) struct RedisKeyTests {
    @Test(arguments: OwnServer.allCases)
    func keysOfEveryTypeAreTold(kind: OwnServer) async throws {
        let server = try await kind.start()
        try await server.run(SampleKeys.commands)
        let exporter = try RedisExporterUnderTest(
            server.url, ["-check-single-keys", "text,gone,db3=there", "-check-keys", "*,db3=user:*", "-scan=inline"])
        let before = try await server.run([["INFO", "errorstats"]])
        let scrape = await exporter.scrape()
        #expect(scrape.failed.isEmpty, "\(exporter.log.lines)")
        #expect(
            scrape.lines("redis_key_size") == [
                #"redis_key_size{db="db0",key="HYLL"} 11"#, #"redis_key_size{db="db0",key="empty"} 0"#,
                #"redis_key_size{db="db0",key="gone"} 0"#, #"redis_key_size{db="db0",key="hash"} 2"#,
                #"redis_key_size{db="db0",key="hll"} 3"#, #"redis_key_size{db="db0",key="list"} 2"#,
                #"redis_key_size{db="db0",key="number"} 4"#, #"redis_key_size{db="db0",key="quote\"\n\\"} 3"#,
                #"redis_key_size{db="db0",key="set"} 3"#, #"redis_key_size{db="db0",key="stream"} 3"#,
                #"redis_key_size{db="db0",key="stream:empty"} 0"#, #"redis_key_size{db="db0",key="text"} 5"#,
                #"redis_key_size{db="db0",key="zset"} 1"#, #"redis_key_size{db="db3",key="there"} 1"#,
                #"redis_key_size{db="db3",key="user:1:name"} 1"#, #"redis_key_size{db="db3",key="user:2:name"} 1"#,
            ])
        #expect(
            scrape.lines("redis_key_value{") == [
                #"redis_key_value{db="db0",key="number"} 12.5"#, #"redis_key_value{db="db3",key="there"} 3"#,
            ])
        #expect(
            scrape.lines("redis_key_value_as_string") == [
                #"redis_key_value_as_string{db="db0",key="HYLL",val="HYLLnot one"} 1"#,
                #"redis_key_value_as_string{db="db0",key="quote\"\n\\",val="a\"b"} 1"#,
                #"redis_key_value_as_string{db="db0",key="text",val="hello"} 1"#,
                #"redis_key_value_as_string{db="db3",key="user:1:name",val="x"} 1"#,
                #"redis_key_value_as_string{db="db3",key="user:2:name",val="y"} 1"#,
            ])
        let memory = try await server.run([["MEMORY", "USAGE", "list"]])[0].number
        #expect(scrape.value("redis_key_memory_usage_bytes", ["key": "list"]) == memory)
        #expect(scrape.lines("redis_key_memory_usage_bytes").count == 15)
        // Only the string that looks like a HyperLogLog and is none leaves an error on the server.
        let errors = try await server.run([["INFO", "errorstats"]])
        #expect(before[0].text?.contains("WRONGTYPE") == false)
        #expect(errors[0].text?.contains("errorstat_WRONGTYPE:count=1\r") == true, "\(errors)")
        await exporter.close()
    }

    @Test(arguments: OwnServer.allCases)
    func streamsAreToldAndWhatIsNotKnownIsNot(kind: OwnServer) async throws {
        let server = try await kind.start()
        try await server.run(SampleKeys.commands)
        for names in [["-check-single-streams", "stream,list,gone"], ["-check-streams", "s*,l*", "-scan=inline"]] {
            let exporter = try RedisExporterUnderTest(server.url, names)
            let scrape = await exporter.scrape()
            #expect(scrape.failed.isEmpty, "\(exporter.log.lines)")
            let labels = ["stream": "stream"]
            #expect(scrape.value("redis_stream_length", labels) == 3)
            #expect(scrape.value("redis_stream_groups", labels) == 2)
            #expect(scrape.value("redis_stream_first_entry_id", labels) == 1_000)
            #expect(scrape.value("redis_stream_last_entry_id", labels) == 3_000)
            #expect(scrape.value("redis_stream_last_generated_id", labels) == 3_000)
            #expect(scrape.value("redis_stream_max_deleted_entry_id", labels) == 0)
            #expect(scrape.value("redis_stream_entries_added_total", labels) == 3)
            #expect(scrape.value("redis_stream_group_lag", ["group": "first"]) == 1)
            #expect(scrape.value("redis_stream_group_entries_read", ["group": "first"]) == 2)
            #expect(scrape.value("redis_stream_group_messages_pending", ["group": "first"]) == 2)
            #expect(scrape.value("redis_stream_group_consumers", ["group": "first"]) == 1)
            #expect(scrape.value("redis_stream_group_last_delivered_id", ["group": "first"]) == 2_000)
            #expect(scrape.value("redis_stream_group_consumer_messages_pending", ["consumer": "worker"]) == 2)
            #expect((scrape.value("redis_stream_group_consumer_idle_seconds", ["consumer": "worker"]) ?? -1) >= 0)
            #expect(scrape.value("redis_stream_group_lag", ["group": "odd"]) == nil)
            #expect(scrape.value("redis_stream_group_entries_read", ["group": "odd"]) == nil)
            #expect(scrape.lines("redis_stream_length").contains { $0.contains("list") } == false)
            #expect(try await server.run([["INFO", "errorstats"]])[0].text?.contains("errorstat_") == false)
            await exporter.close()
        }
        let exporter = try RedisExporterUnderTest(
            server.url, ["-check-single-streams", "stream", "-streams-exclude-consumer-metrics"])
        #expect(await exporter.scrape().family("redis_stream_group_consumer_idle_seconds") == nil)
        await exporter.close()
    }

    @Test(arguments: OwnServer.allCases)
    func backgroundWalkCountsAndGroups(kind: OwnServer) async throws {
        let server = try await kind.start()
        try await server.run(SampleKeys.commands)
        let exporter = try RedisExporterUnderTest(
            server.url,
            [
                "-count-keys", "s*,*,db3=user:*,db9=*", "-check-key-groups", "^(%a+):,^(l)", "-scan-interval=200ms",
                "-check-keys-batch-size=3",
            ])
        let early = await exporter.scrape()
        #expect(early.failed.isEmpty)
        #expect(early.family("redis_keys_count") == nil)
        let walking = Task { await exporter.exporter.background?() }
        #expect(
            try await eventually(within: .seconds(20)) {
                await exporter.scrape().family("redis_key_scan_age_seconds") != nil
            })
        let scrape = await exporter.scrape()
        #expect(scrape.failed.isEmpty, "\(exporter.log.lines)")
        #expect(
            scrape.lines("redis_keys_count") == [
                #"redis_keys_count{db="db0",key="*"} 12"#, #"redis_keys_count{db="db0",key="s*"} 3"#,
                #"redis_keys_count{db="db3",key="user:*"} 2"#, #"redis_keys_count{db="db9",key="*"} 0"#,
            ])
        #expect(
            scrape.lines("redis_key_group_count") == [
                #"redis_key_group_count{db="db0",key_group="l"} 1"#,
                #"redis_key_group_count{db="db0",key_group="stream"} 1"#,
                #"redis_key_group_count{db="db0",key_group="unclassified"} 10"#,
                #"redis_key_group_count{db="db3",key_group="job"} 1"#,
                #"redis_key_group_count{db="db3",key_group="unclassified"} 1"#,
                #"redis_key_group_count{db="db3",key_group="user"} 2"#,
            ])
        #expect(scrape.family("redis_number_of_distinct_key_groups")?.samples.count == 16)
        let memory = try await server.run([RedisCommand(["MEMORY", "USAGE", "job:1"]).inDatabase(3)])[0].number
        #expect(scrape.value("redis_key_group_memory_usage_bytes", ["key_group": "job"]) == memory)
        #expect(scrape.value("redis_key_scan_keys") == 16)
        #expect(scrape.value("redis_key_scan_cut") == 0)
        #expect((scrape.value("redis_key_scan_age_seconds") ?? 99) < 20)
        // What comes later is seen by a later walk.
        try await server.run([RedisCommand(["DEL", "user:1:name"]).inDatabase(3)])
        #expect(
            try await eventually(within: .seconds(20)) {
                await exporter.scrape().value("redis_keys_count", ["db": "db3"]) == 1
            })
        walking.cancel()
        await walking.value
        await exporter.close()
    }

    @Test func groupsAreThoseOfLuaOnTheServer() async throws {
        let server = try await OwnRedis()
        let patterns = [
            "^(.*):[^:]+$", "(%a+)_(%d+)", "^user", "()b", "(a-)b", "%b()", "(%b[])", "%f[%w](%w+)%f[%W]", "(%w)%1",
            "[%]x](.)", "[]x]+(.)", "(.-)(%d*)$", "(%u?)%l", "([^%s%p]+)[%-_](.?)", "(%x+)%X", "a$b", "(%c)", "([a-]+)",
            "(%A-)%a", "([%a-z]+)", "^(-*)", "(.+)%1",
        ]
        var random = SystemRandomNumberGenerator()
        let alphabet = Array("ab:_-1[](){}%$^.xXz \t\u{e4}")
        let keys = (0..<150).map { _ in
            String(
                (0..<Int.random(in: 0...14, using: &random)).map { _ in alphabet.randomElement(using: &random) ?? "a" })
        }
        let script = """
            local found = {string.find(ARGV[1], ARGV[2])}
            if found[1] == nil then return false end
            return table.concat({unpack(found, 3, #found)}, '')
            """
        for pattern in patterns {
            let ours = try LuaPattern(pattern)
            let theirs = try await server.run(keys.map { ["EVAL", script, "0", $0, pattern] })
            for (key, reply) in zip(keys, theirs) {
                let group: [UInt8]? = if case .bulk(let bytes) = reply { bytes } else { nil }
                #expect(ours.group(of: Array(key.utf8)) == group, "\(pattern) on \(key)")
            }
        }
    }

    @Test func globsAreThoseOfTheServer() async throws {
        let server = try await OwnRedis()
        let alphabet = Array("abc[]^-?*\\:")
        func word(_ longest: Int) -> String {
            String((0..<Int.random(in: 1...longest)).map { _ in alphabet.randomElement() ?? "a" })
        }
        let keys = Set((0..<300).map { _ in word(6) })
        try await server.run(keys.map { ["SET", $0, "1"] })
        let patterns = (0..<300).map { _ in word(5) }
        let replies = try await server.run(patterns.map { ["KEYS", $0] })
        for (pattern, reply) in zip(patterns, replies) {
            let glob = GlobPattern(Array(pattern.utf8))
            let found = Set((reply.array ?? []).compactMap(\.text))
            #expect(keys.filter { glob.matches(Array($0.utf8)) } == found, "\(pattern)")
        }
    }

    @Test func scriptsThatFailCostOnlyThemselves() async throws {
        let server = try await OwnRedis()
        try await server.run([["SET", "n", "4"]])
        func file(_ text: String) throws -> String {
            let path = "\(server.folder)/\(UUID().uuidString).lua"
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
            return path
        }
        let good = try file("return {'n', redis.call('GET', 'n'), 'one', 1}")
        let bad = try file("return redis.call('NOSUCH')")
        let write = try file("redis.call('SET', 'w', '1') return {}")
        let exporter = try RedisExporterUnderTest(server.url, ["-script", "\(bad),\(good),\(write)"])
        for _ in 0..<2 {
            let scrape = await exporter.scrape()
            #expect(scrape.value("redis_up") == 1)
            #expect(scrape.failed == ["scripts"])
            #expect(scrape.value("redis_script_values", ["key": "n", "filename": good]) == 4)
            #expect(scrape.value("redis_script_values", ["key": "one"]) == 1)
            #expect(scrape.value("redis_script_result", ["filename": good]) == 1)
            #expect(scrape.value("redis_script_result", ["filename": bad]) == 0)
            #expect(scrape.value("redis_script_result", ["filename": write]) == 2)
        }
        await exporter.close()
        let careful = try RedisExporterUnderTest(server.url, ["-script", write, "-lua-script-read-only"])
        #expect(await careful.scrape().value("redis_script_result", ["filename": write]) == 0)
        await careful.close()
    }

    @Test func flagsLeaveOutWhatTheySay() async throws {
        let server = try await OwnRedis()
        try await server.run(SampleKeys.commands)
        try await server.run([
            ["SET", "long", String(repeating: "x", count: 100)],
            ["SET", "huge", String(repeating: "y", count: 50_000)],
        ])
        let exporter = try RedisExporterUnderTest(
            server.url,
            [
                "-check-single-keys", "gone,long,huge,text", "-check-keys", "s*,h*", "-skip-missing-keys",
                "-max-key-value-length=20", "-max-check-keys=2", "-scan=inline",
            ])
        let scrape = await exporter.scrape()
        #expect(scrape.value("redis_key_size", ["key": "gone"]) == nil)
        #expect(scrape.value("redis_key_size", ["key": "long"]) == 100)
        #expect(scrape.value("redis_key_size", ["key": "huge"]) == 50_000)
        #expect(scrape.lines("redis_key_value_as_string").count == 1)
        #expect(scrape.lines("redis_key_size").count == 3 + 2)
        // stream, stream:empty, set, hash and hll match besides the two that have series anyway.
        #expect(scrape.value("redis_key_scan_omitted_keys_total") == 3)
        await exporter.close()
        let silent = try RedisExporterUnderTest(
            server.url, ["-check-single-keys", "text,hll", "-disable-exporting-key-values"])
        let sizes = await silent.scrape()
        #expect(sizes.lines("redis_key_value").isEmpty)
        #expect(sizes.value("redis_key_size", ["key": "hll"]) == 3)
        await silent.close()
        let skipping = try RedisExporterUnderTest(
            server.url,
            ["-check-single-keys", "text", "-count-keys", "*", "-skip-checkkeys-for-role-master", "-scan=inline"])
        let skipped = await skipping.scrape()
        #expect(skipped.failed.isEmpty)
        #expect(skipped.lines("redis_key_size", "redis_keys_count").isEmpty)
        await skipping.close()
    }

    @Test func databaseThatDoesNotExistCostsOnlyItsKeys() async throws {
        let server = try await OwnRedis()
        try await server.run(SampleKeys.commands)
        let exporter = try RedisExporterUnderTest(
            server.url, ["-check-single-keys", "db99=text,text,db3=there", "-count-keys", "db98=*,*"])
        for _ in 0..<3 {
            let scrape = await exporter.scrape()
            #expect(scrape.failed == ["keys"])
            #expect(
                scrape.lines("redis_key_size") == [
                    #"redis_key_size{db="db0",key="text"} 5"#, #"redis_key_size{db="db3",key="there"} 1"#,
                ])
        }
        await exporter.close()
    }

    /// The rights of docs/guides/redis-keys.md are enough; without GET sizes are still told.
    @Test func rightsOfTheGuideAreEnough() async throws {
        let rights = [
            "+ping", "+select", "+info", "+config|get", "+client|setname", "+scan", "+type", "+memory|usage", "+strlen",
            "+pfcount", "+llen", "+scard", "+zcard", "+hlen", "+xlen", "+xinfo",
        ]
        let server = try await OwnRedis(
            ["--user", "full", "on", ">pw", "%R~*", "+get"] + rights + ["--user", "blind", "on", ">pw", "%R~*"] + rights
        )
        try await server.run(SampleKeys.commands)
        let names: Set<String> = ["keys", "streams", "key_groups", "key_scan"]
        for (user, values) in [("full", 6), ("blind", 0)] {
            let exporter = try RedisExporterUnderTest(
                "redis://\(user):pw@127.0.0.1:\(server.port)",
                [
                    "-check-keys", "*,db3=*", "-check-single-streams", "stream", "-check-key-groups", "^(.)",
                    "-scan=inline",
                ])
            let scrape = await exporter.scrape(only: names)
            #expect(scrape.failed.isEmpty, "\(exporter.log.lines)")
            #expect(scrape.lines("redis_key_size").count == 16)
            #expect(scrape.value("redis_key_size", ["key": "hll"]) == 3)
            #expect(scrape.lines("redis_key_value_as_string").count == values)
            #expect(scrape.value("redis_stream_group_consumers", ["group": "first"]) == 1)
            await exporter.close()
        }
    }

    /// What the request names counts in place of the flags; it is walked inside of the scrape, and told without delay.
    @Test func requestNamesKeysOfItsTarget() async throws {
        let server = try await OwnRedis()
        try await server.run(SampleKeys.commands)
        let exporter = try RedisExporterUnderTest(
            "", ["-check-single-keys", "list", "-check-keys", "h*", "-check-key-groups", "^(%a+):"])
        let route = try #require(exporter.exporter.routes["/scrape"])
        func scrape(_ more: String) async -> String {
            let response = await route(HTTPRequest(target: "/scrape?target=127.0.0.1:\(server.port)\(more)"))
            return String(decoding: response.body, as: UTF8.self)
        }
        let plain = await scrape("")
        #expect(plain.contains("\nredis_key_size{db=\"db0\",key=\"list\"} 2\n"))
        #expect(plain.contains("\nredis_key_size{db=\"db0\",key=\"hash\"} 2\n"))
        #expect(plain.contains("\nredis_key_group_count{db=\"db3\",key_group=\"user\"} 2\n"))
        let own = await scrape("&check-single-keys=set&check-keys=db3%3Duser:*&count-keys=s*&check-streams=str*")
        #expect(!own.contains("key=\"list\"") && !own.contains("key=\"hash\""))
        #expect(own.contains("\nredis_key_size{db=\"db0\",key=\"set\"} 3\n"))
        #expect(own.contains("\nredis_key_size{db=\"db3\",key=\"user:1:name\"} 1\n"))
        #expect(own.contains("\nredis_keys_count{db=\"db0\",key=\"s*\"} 3\n"))
        #expect(own.contains("\nredis_stream_length{db=\"db0\",stream=\"stream\"} 3\n"))
        #expect(own.contains("\nredis_up 1\n"))
        await exporter.close()
    }
}
