import ExporterKit
import RedisClient
import Testing

@testable import redis_exporter

/// What is big and what is hot, by the replies the servers document.
@Suite struct DetailCollectorTests {
    @Test func keysAreToldBySize() {
        let info = """
            # Keysizes
            db0_distrib_strings_sizes:0=1,4=7,1K=2
            db3_distrib_zsets_items:1=5
            db0_distrib_lists_items:nonsense=1
            db0_distrib_hashes_sizes:9223372036854775808=1,16E=1
            odd_line:1=2
            """
        let (lines, error) = collect(KeysizesCollector("redis"), info: info)
        #expect(error == nil)
        let labels = #"db="db0",structure="strings""#
        for (bound, count) in [("0", 1), ("1", 1), ("3", 1), ("7", 8), ("1023", 8), ("2047", 10), ("+Inf", 10)] {
            #expect(lines.contains(#"redis_keysizes_bytes_bucket{\#(labels),le="\#(bound)"} \#(count)"#), "\(bound)")
        }
        #expect(lines.contains("redis_keysizes_bytes_count{\(labels)} 10"))
        #expect(lines.contains(#"redis_keysizes_items_count{db="db3",structure="zsets"} 5"#))
        #expect(lines.filter { $0.contains("_count{") }.count == 2)
    }

    @Test func ioThreadsOfRedis8AreTold() {
        let (lines, _) = collect(
            ThreadsCollector("redis"), info: "# Threads\nio_thread_1:clients=3,reads=13,writes=6\n")
        #expect(
            lines == [
                #"redis_threads_io_clients{thread="1"} 3"#, #"redis_threads_io_reads_total{thread="1"} 13"#,
                #"redis_threads_io_writes_total{thread="1"} 6"#,
            ])
    }

    @Test func memoryStatsTellWhatInfoDoesNot() {
        let tables = RedisValue.array([
            .bulk("overhead.hashtable.main"), .integer(2_848), .bulk("overhead.hashtable.expires"), .integer(232),
        ])
        let reply = RedisValue.array([
            .bulk("peak.allocated"), .integer(5), .bulk("keys.bytes-per-key"), .integer(316), .bulk("db.9"), tables,
            .bulk("dataset.percentage"), .bulk("57.5"), .bulk("db.dict.rehashing.count"), .integer(0),
        ])
        let (lines, _) = collect(MemoryStatsCollector("redis"), info: "redis_version:8.0.0") { _ in .success(reply) }
        #expect(
            Set(lines) == [
                "redis_memory_stats_key_bytes 316", "redis_memory_stats_dataset_ratio 0.575",
                "redis_memory_stats_tables_rehashing 0", #"redis_memory_stats_db_keys_table_bytes{db="db9"} 2848"#,
                #"redis_memory_stats_db_expires_table_bytes{db="db9"} 232"#,
            ])
    }

    private let hotkeys = RedisValue.array([
        .bulk("tracking-active"), .integer(1), .bulk("sample-ratio"), .integer(1), .bulk("selected-slots"), .array([]),
        .bulk("all-commands-all-slots-us"), .integer(220), .bulk("collection-duration-ms"), .integer(6_408),
        .bulk("by-cpu-time-us"),
        .array([.bulk("x"), .integer(104), .bulk("y"), .integer(98), .bulk("z"), .integer(1)]),
        .bulk("by-net-bytes"), .array([.bulk("x"), .integer(64)]),
    ])

    @Test(arguments: [false, true])
    func hotKeysAreTold(isNested: Bool) {
        let reply = isNested ? RedisValue.array([hotkeys]) : hotkeys
        let (lines, error) = collect(HotkeysCollector("redis", limit: 2), info: "redis_version:8.6.0") { _ in
            .success(reply)
        }
        #expect(error == nil)
        #expect(
            Set(lines) == [
                "redis_hotkeys_tracking_active 1", "redis_hotkeys_sample_ratio 1",
                "redis_hotkeys_all_cpu_seconds 0.00022",
                "redis_hotkeys_duration_seconds 6.408", #"redis_hotkeys_cpu_seconds{key="x"} 0.000104"#,
                #"redis_hotkeys_cpu_seconds{key="y"} 9.8e-05"#, #"redis_hotkeys_network_bytes{key="x"} 64"#,
            ])
    }

    @Test(arguments: [RedisValue.null, .array([])])
    func noTrackingIsNothing(reply: RedisValue) {
        let (lines, error) = collect(HotkeysCollector("redis", limit: 2), info: "redis_version:8.6.0") { _ in
            .success(reply)
        }
        #expect(lines.isEmpty && error == nil)
    }

    @Test(arguments: [
        ("redis_version:8.4.0", 0), ("redis_version:8.6.0", 1), ("redis_version:7.2.4\nvalkey_version:9.0.0", 0),
    ])
    func hotKeysAreAskedOfTheServersThatHaveThem(info: String, count: Int) {
        #expect(HotkeysCollector("redis", limit: 1).questions(for: RedisServer(InfoDocument(info))).count == count)
    }

    @Test func largestSlotsAreTold() {
        let collector = SlotStatsCollector("redis", order: "cpu-usec", limit: 2)
        let info = "redis_version:7.2.4\nvalkey_version:8.0.1\ncluster_enabled:1"
        let (lines, _) = collect(collector, info: info) { question in
            guard question == "CLUSTER SLOT-STATS ORDERBY cpu-usec LIMIT 2 DESC" else { return nil }
            let first = RedisValue.array([.bulk("key-count"), .integer(5), .bulk("cpu-usec"), .integer(1_500_000)])
            return .success(.array([.array([.integer(12), first]), .null, .array([.integer(7)])]))
        }
        #expect(
            lines == [#"redis_slot_stats_keys{slot="12"} 5"#, #"redis_slot_stats_cpu_seconds_total{slot="12"} 1.5"#])
        for info in ["redis_version:8.0.0\ncluster_enabled:1", "redis_version:7.2.4\nvalkey_version:8.0.1"] {
            #expect(collector.questions(for: RedisServer(InfoDocument(info))).isEmpty)
        }
    }

    private func entry(_ value: Int64, _ words: String...) -> RedisValue {
        .array([.integer(1), .integer(1_700_000_000), .integer(value), .array(words.map { .bulk($0) }), .bulk("a:1")])
    }

    @Test func slowCommandsAreSummedUpAndTellNoArgument() {
        let log = RedisValue.array([
            entry(2_000_000, "GET", "secret"), entry(1_000_000, "get", "x"), entry(500_000, "KEYS", "*"), .null,
            entry(100_000, "sort", "y"),
        ])
        let (lines, _) = collect(SlowlogCommandCollector("redis", limit: 1)) { _ in .success(log) }
        #expect(
            lines == [
                #"redis_slowlog_command_entries{cmd="get"} 2"#, #"redis_slowlog_command_entries{cmd="other"} 2"#,
                #"redis_slowlog_command_duration_seconds{cmd="get"} 3"#,
                #"redis_slowlog_command_duration_seconds{cmd="other"} 0.6"#,
                #"redis_slowlog_command_longest_seconds{cmd="get"} 2"#,
                #"redis_slowlog_command_longest_seconds{cmd="other"} 0.5"#,
            ])
    }

    @Test func largeRepliesAreSummedUp() {
        let info = "redis_version:7.2.4\nvalkey_version:8.1.0"
        let (lines, _) = collect(CommandlogCommandCollector("redis", limit: 5), info: info) { question in
            .success(.array(question.hasSuffix("large-reply") ? [entry(3_000, "MGET", "k")] : []))
        }
        #expect(
            lines == [
                #"redis_commandlog_command_entries{cmd="mget",log="large-reply"} 1"#,
                #"redis_commandlog_command_bytes{cmd="mget",log="large-reply"} 3000"#,
                #"redis_commandlog_command_largest_bytes{cmd="mget",log="large-reply"} 3000"#,
            ])
    }

    @Test(arguments: [
        ("", "", "get", true), ("get,set", "", "GET", false), ("get,set", "", "get", true),
        ("config|*", "", "config|get", true),
        ("", "config|*", "config|get", false), ("*", "get", "get", false), ("get", "g*", "get", false),
        (" GET , x", "", "get", true),
    ])
    func commandsAreChosenByName(allowed: String, denied: String, command: String, isIncluded: Bool) {
        #expect(CommandFilter(allowing: allowed, denying: denied).includes(command) == isIncluded)
    }

    private func histogram(_ command: String, _ buckets: [Int64], calls: Int64) -> [RedisValue] {
        [
            .bulk(command),
            .array([
                .bulk("calls"), .integer(calls), .bulk("histogram_usec"), .array(buckets.map { .integer($0) }),
            ]),
        ]
    }

    private func snapshots(_ reply: [RedisValue], filter: CommandFilter = .all) throws -> [HistogramSnapshot] {
        var sink = MetricSink()
        let collector = LatencyHistogramCollector("redis", filter: filter)
        let server = RedisServer(InfoDocument("redis_version:7.0.0"))
        try collector.decode([Reply(.success(.array(reply)), took: .zero)], from: server, into: &sink)
        return sink.families.flatMap(\.samples).compactMap { sample in
            if case .histogram(let snapshot) = sample.value { snapshot } else { nil }
        }
    }

    @Test func powersOfTwoAreNativeBuckets() throws {
        let snapshot = try #require(
            try snapshots(histogram("get", [1, 2, 4, 2, 16, 5, 33, 9, 8_454, 10], calls: 12)).first)
        let native = try #require(snapshot.native)
        #expect(native.schema == 0)
        #expect(native.count == snapshot.count)
        #expect(native.positive.map(\.index) == [0, 4, 5, 13, 14])
        #expect(native.positive.map(\.count) == [2, 3, 4, 1, 2])
    }

    @Test func otherBoundsHaveNoNativeBuckets() throws {
        #expect(try snapshots(histogram("get", [3, 2], calls: 2)).first?.native == nil)
        #expect(try snapshots(histogram("get", [32, 1, 33, 2], calls: 2)).first?.native == nil)
        #expect(try snapshots(histogram("get", [], calls: 0)).first?.native?.count == 0)
    }

    @Test func histogramsOfOtherCommandsAreLeftOut() throws {
        let reply = histogram("get", [1, 2], calls: 2) + histogram("config|get", [1, 1], calls: 1)
        #expect(try snapshots(reply, filter: CommandFilter(allowing: "", denying: "config|*")).map(\.count) == [2])
    }

    @Test func lagInBytesIsThatOfTheSameMoment() {
        let info = """
            master_repl_offset:100
            master_failover_state:no-failover
            slave0:ip=10.0.0.1,port=6379,state=online,offset=42,lag=1
            slave1:ip=10.0.0.2,port=6379,state=online,offset=101,lag=0
            """
        let (lines, _) = collect(ReplicationCollector("redis"), info: info)
        func line(_ ip: String, _ value: Int) -> String {
            #"redis_connected_slave_lag_bytes{slave_ip="\#(ip)",slave_port="6379",slave_state="online"} \#(value)"#
        }
        #expect(lines.contains(line("10.0.0.1", 58)) && lines.contains(line("10.0.0.2", 0)))
        #expect(lines.contains(#"redis_master_failover_state{redis_master_failover_state="no-failover"} 1"#))
    }

    @Test func percentSignIsReadAsAShare() {
        let (lines, _) = collect(Memory.collector("redis"), info: "used_memory_peak_perc:99.50%\r\n")
        #expect(lines == ["redis_memory_used_peak_ratio 0.995"])
    }
}
