import ExporterCommand
import ExporterKit
import Foundation
import RedisClient
import Testing

@testable import redis_exporter

@Suite struct KeyFlagTests {
    private func options(_ arguments: [String], _ environment: [String: String] = [:]) throws -> KeyOptions {
        try KeyFlags.options(RedisExporter.parse(arguments, environment: environment))
    }

    @Test func namesAreReadAsRedisExporterReadsThem() throws {
        let options = try options(["-check-keys", "a*,db3= b%2Cc ,,db=x,dbdb0=y", "-count-keys=db2=n:*"])
        #expect(
            options.patterns == [
                KeyName(database: 0, name: "a*"), KeyName(database: 3, name: "b,c"), KeyName(database: 0, name: "y"),
            ])
        #expect(options.counts == [KeyName(database: 2, name: "n:*")])
        #expect(options.singleKeys.map(\.database) == [3, 0])
    }

    @Test(arguments: [
        ["-check-keys", "a=b=c"], ["-check-single-keys", "dbx=k"], ["-check-streams", "db-1=k"],
        ["-count-keys", "%zz"],
        ["-check-single-streams", "dbx=k"], ["-check-key-groups", "(a"], ["-check-key-groups", "\"a"],
        ["-scan-budget", "0%"], ["-scan-budget", "fast"], ["-scan", "sometimes"],
    ])
    func mistakesAreUsageErrorsThatNameTheFlag(arguments: [String]) {
        let error = #expect(throws: UsageError.self) { try options(arguments) }
        #expect(error?.description.contains(arguments[0]) == true, "\(error?.description ?? "")")
    }

    @Test func scriptThatIsNotThereIsAnErrorThatNamesIt() {
        let error = #expect(throws: ConfigurationError.self) { try options(["-script", "/nowhere/a.lua"]) }
        #expect(error?.description.contains("/nowhere/a.lua") == true)
    }

    @Test func environmentAndDefaultsAreThoseOfRedisExporter() throws {
        let plain = try options([])
        #expect(plain.batch == 1_000 && plain.maxGroups == 100 && !plain.needsWalk && !plain.scan.isInline)
        let set = try options(
            [],
            [
                "REDIS_EXPORTER_CHECK_KEYS": "k*", "REDIS_EXPORTER_CHECK_KEYS_BATCH_SIZE": "7",
                "REDIS_EXPORTER_CHECK_KEY_GROUPS": "^(a),^(b)", "REDIS_EXPORTER_DISABLE_EXPORTING_KEY_VALUES": "true",
                "REDIS_EXPORTER_STREAMS_EXCLUDE_CONSUMER_METRICS": "true", "REDIS_EXPORTER_SCAN": "inline",
            ])
        #expect(set.batch == 7 && set.groups.count == 2 && set.hidesValues && set.excludesConsumers)
        #expect(set.needsWalk && set.scan.isInline)
    }

    @Test func onlyWhatNeedsAWalkWalks() throws {
        #expect(try !options(["-check-keys", "plain", "-check-single-streams", "s"]).needsWalk)
        #expect(try options(["-check-single-keys", "plain", "-is-cluster"]).needsWalk)
        #expect(try options(["-count-keys", "plain"]).needsWalk)
        #expect(try options(["-check-streams", "s*"]).needsWalk)
    }

    @Test func requestReplacesWhatItNames() throws {
        var request = KeyRequest()
        request.keys = [KeyName(database: 1, name: "mine")]
        let asked = try options(["-check-single-keys", "a", "-count-keys", "b*"]).asked(by: request)
        #expect(asked.keys == request.keys)
        #expect(asked.counts == [KeyName(database: 0, name: "b*")])
    }

    @Test(arguments: [
        ("25%", ScanBudget.share(0.25)), ("100%", .share(1)), ("0.5%", .share(0.005)), ("2000/s", .rate(2_000)),
    ])
    func budgetsAreRead(text: String, budget: ScanBudget) {
        #expect(ScanBudget(text) == budget)
    }

    @Test func budgetsPause() {
        #expect(ScanBudget.share(0.25).pause(after: 10, took: .seconds(1)) == .seconds(3))
        #expect(ScanBudget.share(1).pause(after: 10, took: .seconds(1)) == .zero)
        #expect(ScanBudget.rate(100).pause(after: 50, took: .milliseconds(200)) == .milliseconds(300))
        #expect(ScanBudget.rate(100).pause(after: 1, took: .seconds(1)) == .zero)
    }

    @Test(arguments: [
        ("1", 1.0), ("-1.5e3", -1_500.0), ("inf", .infinity), ("1e999", nil), ("", nil), ("1 ", nil), ("0x1p3", 8.0),
    ])
    func valuesAreNumbersWhereGoReadsOne(text: String, number: Double?) {
        #expect(KeyMetrics.number(Array(text.utf8)) == number)
    }

    @Test func groupsBeyondTheLimitAreAddedUpSmallestLast() throws {
        var tally = KeyGroupTally([try LuaPattern("^(%a)")])
        for (name, bytes) in [("a1", 10.0), ("a2", 10), ("b1", 50), ("c1", 5), ("d1", 5), ("d2", nil), ("1", 1)] {
            tally.add(StoredKey(database: 0, name: Array(name.utf8)), bytes: bytes)
        }
        tally.open(1)
        tally.open(2)
        var sink = MetricSink()
        tally.write(KeyGroupMetrics("redis"), besides: [2], limit: 2, into: &sink)
        #expect(
            lines(sink).sorted() == [
                #"redis_key_group_count{db="db0",key_group="a"} 2"#,
                #"redis_key_group_count{db="db0",key_group="b"} 1"#,
                #"redis_key_group_count{db="db0",key_group="overflow"} 4"#,
                #"redis_key_group_memory_usage_bytes{db="db0",key_group="a"} 20"#,
                #"redis_key_group_memory_usage_bytes{db="db0",key_group="b"} 50"#,
                #"redis_key_group_memory_usage_bytes{db="db0",key_group="overflow"} 11"#,
                #"redis_number_of_distinct_key_groups{db="db0"} 5"#,
                #"redis_number_of_distinct_key_groups{db="db1"} 0"#,
            ])
    }

    @Test func groupsThatAreTooManyToKeepAreAddedUp() throws {
        var tally = KeyGroupTally([try LuaPattern("(.+)")], most: 2)
        for name in ["a", "b", "c", "a", "d"] {
            tally.add(StoredKey(database: 0, name: Array(name.utf8)), bytes: 10)
        }
        var sink = MetricSink()
        tally.write(KeyGroupMetrics("redis"), besides: [], limit: 100, into: &sink)
        #expect(
            lines(sink).filter { $0.hasPrefix("redis_key_group_memory") }.sorted() == [
                #"redis_key_group_memory_usage_bytes{db="db0",key_group="a"} 20"#,
                #"redis_key_group_memory_usage_bytes{db="db0",key_group="b"} 10"#,
                #"redis_key_group_memory_usage_bytes{db="db0",key_group="overflow"} 20"#,
            ])
    }

    @Test func scriptsTellTheirResult() {
        let scripts = [("good", "1"), ("empty", "2"), ("bad", "3"), ("text", "4")]
        let collector = ScriptsCollector(
            "redis", scripts.map { KeyScript(file: $0.0, source: $0.1) }, isReadOnly: true)
        let result = collect(collector) { words in
            switch words {
            case "EVAL_RO 1 0 0": .success(.texts("a", "1", "b", "2.5", "a", "3"))
            case "EVAL_RO 2 0 0": .success(.array([]))
            case "EVAL_RO 4 0 0": .success(.texts("a", "1", "b", "many"))
            default: .failure(CollectorError(.query, "ERR boom"))
            }
        }
        #expect(
            Set(result.lines) == [
                #"redis_script_values{filename="good",key="a"} 3"#,
                #"redis_script_values{filename="good",key="b"} 2.5"#,
                #"redis_script_values{filename="text",key="a"} 1"#, #"redis_script_result{filename="good"} 1"#,
                #"redis_script_result{filename="empty"} 2"#, #"redis_script_result{filename="bad"} 0"#,
                #"redis_script_result{filename="text"} 0"#,
            ])
        #expect(result.error?.message == "bad: ERR boom")
    }
}
