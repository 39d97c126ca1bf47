import ExporterKit
import RedisClient
import Testing

@testable import redis_exporter

/// The prefix rules of INFO and the commands besides it, each on what a server says.
@Suite struct CollectorTests {
    private let config = ConfigQuestion(command: "CONFIG", wantsAll: false)

    // MARK: - INFO

    @Test func missingFieldGivesNoSample() {
        let (lines, error) = collect(Memory.collector("redis"), info: "used_memory:\r\nmaxmemory:5\r\n")
        #expect(lines == ["redis_memory_max_bytes 5"])
        #expect(error == nil)
    }

    @Test func negativeCounterGivesNoSampleNegativeGaugeDoes() {
        let (lines, _) = collect(Stats.collector("redis"), info: "rejected_connections:-1\r\nexpired_stale_perc:-1\r\n")
        #expect(lines == ["redis_expired_stale_percentage -1"])
    }

    @Test func unitsAreConvertedInTheRow() {
        let (lines, _) = collect(Stats.collector("redis"), info: "latest_fork_usec:1500\r\n")
        #expect(lines == ["redis_latest_fork_seconds 0.0015"])
    }

    @Test func commandsKeepTheirNamesAndMissNothingButWhatTheServerLeavesOut() {
        let info =
            "# Commandstats\r\ncmdstat_config|get:calls=2,usec=3000000,failed_calls=1\r\ncmdstat_ft.search:calls=1\r\n"
        let (lines, _) = collect(CommandstatsCollector("redis"), info: info)
        #expect(
            lines == [
                #"redis_commands_total{cmd="config|get"} 2"#, #"redis_commands_total{cmd="ft.search"} 1"#,
                #"redis_commands_duration_seconds_total{cmd="config|get"} 3"#,
                #"redis_commands_failed_calls_total{cmd="config|get"} 1"#,
            ])
    }

    @Test func errorsAreCountedByCode() {
        let (lines, _) = collect(ErrorstatsCollector("redis"), info: "# Errorstats\r\nerrorstat_WRONGTYPE:count=4\r\n")
        #expect(lines == [#"redis_errors_total{err="WRONGTYPE"} 4"#])
    }

    @Test func percentilesHavePercentLabelsAndTheSumsOfTheirCommand() {
        let info = """
            # Commandstats
            cmdstat_get:calls=5,usec=7
            # Latencystats
            latency_percentiles_usec_get:p50=1.003,p99=2.007,p99.9=3
            latency_percentiles_usec_broken:
            """
        let (lines, _) = collect(LatencystatsCollector("redis"), info: info)
        #expect(
            lines == [
                #"redis_latency_percentiles_usec{cmd="get",quantile="50"} 1.003"#,
                #"redis_latency_percentiles_usec{cmd="get",quantile="99"} 2.007"#,
                #"redis_latency_percentiles_usec{cmd="get",quantile="99.9"} 3"#,
                #"redis_latency_percentiles_usec_sum{cmd="get"} 7"#,
                #"redis_latency_percentiles_usec_count{cmd="get"} 5"#,
            ])
    }

    @Test func replicaLinesAreToldFromOtherFieldsOfSlaves() {
        let info = """
            slave0:ip=10.0.0.1,port=6379,state=online,offset=42,lag=1,type=replica
            slave1:ip=10.0.0.2,port=6379,state=wait_bgsave
            slave_priority:100
            """
        let (lines, _) = collect(ReplicationCollector("redis"), info: info)
        #expect(
            Set(lines) == [
                "redis_slave_priority 100",
                #"redis_connected_slave_offset_bytes{slave_ip="10.0.0.1",slave_port="6379",slave_state="online"} 42"#,
                #"redis_connected_slave_lag_seconds{slave_ip="10.0.0.1",slave_port="6379",slave_state="online"} 1"#,
            ])
    }

    @Test func everyPrimaryOfAReplicaIsTold() {
        let info = """
            role:slave
            master_host:a
            master_port:1
            master_link_status:up
            master_1_host:b
            master_1_port:2
            master_1_link_status:down
            slave_repl_offset:9
            slave_read_only:1
            """
        let (lines, _) = collect(ReplicationCollector("redis"), info: info)
        #expect(lines.contains(#"redis_master_link_up{master_host="a",master_port="1"} 1"#))
        #expect(lines.contains(#"redis_master_link_up{master_host="b",master_port="2"} 0"#))
        #expect(lines.contains(#"redis_slave_repl_offset{master_host="a",master_port="1"} 9"#))
        #expect(lines.contains(#"redis_slave_info{master_host="a",master_port="1",read_only="1"} 1"#))
    }

    @Test func ioThreadsHaveASeriesEach() {
        let (lines, _) = collect(CPUCollector("redis"), info: "# CPU\nused_active_time_io_thread_2:0.5\n")
        #expect(lines == [#"redis_active_time_io_thread_seconds_total{thread="2"} 0.5"#])
    }

    @Test func startTimeComesFromTheServersClock() {
        let info = "redis_version:7.0.0\nserver_time_usec:1700000600900000\nuptime_in_seconds:100\n"
        let (lines, _) = collect(ServerCollector("redis"), info: info)
        #expect(lines.contains("redis_start_time_seconds 1.7000005e+09"))
    }

    @Test func optionalLabelsOfTheInstanceAreThereWhenGiven() {
        let (lines, _) = collect(
            ServerCollector("redis"),
            info: "redis_version:7.2.4\nserver_mode:standalone\nvalkey_version:9.0.0\navailability_zone:\n")
        let info = lines.first { $0.hasPrefix("redis_instance_info") } ?? ""
        #expect(info.contains(#"valkey_version="9.0.0""#))
        #expect(info.contains(#"redis_mode="standalone""#))
        #expect(!info.contains("availability_zone"))
    }

    @Test func sentinelTellsOfItsPrimaries() {
        let info = """
            # Sentinel
            sentinel_masters:1
            sentinel_tilt:0
            master0:name=cache,status=sdown,address=10.0.0.1:6379,slaves=2,sentinels=3
            """
        let (lines, _) = collect(SentinelCollector("redis"), info: info)
        #expect(lines.contains(#"redis_sentinel_master_slaves{master_address="10.0.0.1:6379",master_name="cache"} 2"#))
        #expect(
            lines.contains(
                #"redis_sentinel_master_status{master_address="10.0.0.1:6379",master_name="cache",master_status="sdown"} 0"#
            ))
    }

    @Test func scriptingEnginesHaveASeriesEach() {
        let info = """
            # Scripting Engines
            engines_count:1
            engine_0:name=LUA,module=built-in,abi_version=4,used_memory=10,memory_overhead=2
            """
        let (lines, _) = collect(ScriptingEnginesCollector("redis"), info: info)
        #expect(lines.contains("redis_scripting_engines_count 1"))
        #expect(
            lines.contains(
                #"redis_scripting_engine_memory_used_bytes{abi_version="4",engine="LUA",module="built-in"} 10"#))
    }

    @Test func certificatesAreTold() {
        let (lines, _) = collect(
            TLSCollector("redis"), info: "# TLS\ntls_server_cert_serial:0a\ntls_ca_cert_expires_in_seconds:5\n")
        #expect(
            lines == [
                "redis_tls_ca_cert_expires_in_seconds 5",
                #"redis_tls_certificate_info{certificate="server",serial="0a"} 1"#,
            ])
    }

    // MARK: - Keyspace

    private func keyspace(_ info: String, fillsUp: Bool = true, databases: String? = nil) -> [String] {
        collect(KeyspaceCollector("redis", config: config, fillsUp: fillsUp), info: info) { _ in
            databases.map { .success(.texts("databases", $0)) }
        }.lines
    }

    @Test func databasesWithoutKeysAreFilledUpToTheConfiguredNumber() {
        let lines = keyspace("# Keyspace\ndb1:keys=4,expires=1,avg_ttl=2500\n", databases: "3")
        #expect(
            Set(lines) == [
                #"redis_db_keys{db="db0"} 0"#, #"redis_db_keys{db="db1"} 4"#, #"redis_db_keys{db="db2"} 0"#,
                #"redis_db_keys_expiring{db="db0"} 0"#, #"redis_db_keys_expiring{db="db1"} 1"#,
                #"redis_db_keys_expiring{db="db2"} 0"#, #"redis_db_avg_ttl_seconds{db="db1"} 2.5"#,
            ])
    }

    @Test func sixteenDatabasesWhenTheServerDoesNotTellAndOneInACluster() {
        #expect(keyspace("redis_version:7.0.0").count == 32)
        #expect(keyspace("redis_version:7.0.0\ncluster_enabled:1", databases: "16").count == 2)
        #expect(keyspace("redis_version:7.0.0", fillsUp: false).isEmpty)
    }

    @Test(arguments: ["many", "", "-3", "99999999999999999999"])
    func strangeNumberOfDatabasesIsTheDefault(databases: String) {
        #expect(keyspace("redis_version:7.0.0", databases: databases).count == 32)
    }

    @Test(arguments: ["subexpiry", "keys_with_volatile_items"])
    func furtherKeysOfADatabaseAreReadByName(key: String) {
        let lines = keyspace("db0:keys=1,expires=0,avg_ttl=0,\(key)=7,unknown=9\n", fillsUp: false)
        #expect(lines.contains(#"redis_db_keys_with_expiring_items{db="db0"} 7"#))
        #expect(!lines.contains { $0.contains("cached") })
    }

    @Test func sizesOfKeysAreNoDatabase() {
        #expect(keyspace("# Keysizes\ndb0_distrib_strings_sizes:1=2\n", fillsUp: false).isEmpty)
    }

    // MARK: - Commands

    @Test func configIsAskedByNameWhereTheServerCan() {
        func asked(_ info: String, all: Bool = false, command: String? = "CONFIG") -> [String] {
            ConfigQuestion(command: command, wantsAll: all).commands(for: RedisServer(InfoDocument(info))).map {
                question in
                question.arguments.map { String(decoding: $0, as: UTF8.self) }.prefix(3).joined(separator: " ")
            }
        }
        #expect(asked("redis_version:7.0.0") == ["CONFIG GET databases"])
        #expect(asked("redis_version:7.0.0", all: true) == ["CONFIG GET *"])
        #expect(asked("redis_version:6.2.0", command: "CFG") == ["CFG GET *"])
        #expect(asked("redis_version:7.4.0\ndragonfly_version:df-1.20\n") == ["CONFIG GET *"])
        #expect(asked("redis_version:7.0.0", command: nil).isEmpty)
        #expect(asked("sentinel_masters:1\nredis_version:7.0.0").isEmpty)
    }

    @Test func configBecomesMetricsAndKeepsItsSecrets() {
        let reply = RedisValue.texts(
            "maxclients", "10000", "requirepass", "hunter2", "client-output-buffer-limit",
            "normal 0 0 0 slave 256 64 60",
            "save", "")
        let everything = ConfigQuestion(command: "CONFIG", wantsAll: true)
        let collector = ConfigCollector("redis", question: everything, redacts: true)
        let (lines, error) = collect(collector, info: "redis_version:7.0.0") { _ in .success(reply) }
        #expect(error == nil)
        #expect(lines.contains("redis_config_maxclients 10000"))
        #expect(lines.contains(#"redis_config_client_output_buffer_limit_bytes{class="slave",limit="hard"} 256"#))
        #expect(
            lines.contains(#"redis_config_client_output_buffer_limit_overcome_seconds{class="slave",limit="soft"} 60"#))
        #expect(lines.contains(#"redis_config_value{key="maxclients"} 10000"#))
        #expect(lines.contains(#"redis_config_key_value{key="save",value=""} 1"#))
        #expect(!lines.contains { $0.contains("hunter2") })
    }

    @Test func slowlogTellsItsNewestEntry() {
        let entry = RedisValue.array([.integer(7), .integer(1_700_000_000), .integer(2_500_000), .texts("GET", "x")])
        let (lines, _) = collect(SlowlogCollector("redis")) { question in
            .success(question == "SLOWLOG LEN" ? .integer(3) : .array([entry]))
        }
        #expect(
            lines == [
                "redis_slowlog_length 3", "redis_slowlog_last_id 7", "redis_last_slow_execution_duration_seconds 2.5",
            ])
    }

    @Test func emptySlowlogIsZero() {
        let (lines, _) = collect(SlowlogCollector("redis")) { question in
            .success(question == "SLOWLOG LEN" ? .integer(0) : .array([]))
        }
        #expect(lines.allSatisfy { $0.hasSuffix(" 0") })
        #expect(lines.count == 3)
    }

    @Test func latencySpikesAreToldByEvent() {
        let reply = RedisValue.array([
            .array([.bulk("command"), .integer(1_700_000_000), .integer(250), .integer(300)]), .null,
        ])
        let (lines, _) = collect(LatencyCollector("redis")) { _ in .success(reply) }
        #expect(
            lines == [
                #"redis_latency_spike_last{event_name="command"} 1.7e+09"#,
                #"redis_latency_spike_duration_seconds{event_name="command"} 0.25"#,
                #"redis_latency_spike_longest_seconds{event_name="command"} 0.3"#,
            ])
    }

    @Test(arguments: ["client|no-evict", "georadius_ro", "ft.search"])
    func histogramHasTheSumOfItsCommandWhateverItsName(command: String) {
        let details = RedisValue.array([
            .bulk("calls"), .integer(5), .bulk("histogram_usec"),
            .array([.integer(1), .integer(2), .integer(4), .integer(5)]),
        ])
        let broken = RedisValue.array([
            .bulk("calls"), .integer(5), .bulk("histogram_usec"),
            .array([.integer(4), .integer(2), .integer(1), .integer(1)]),
        ])
        let info = "redis_version:7.0.0\n# Commandstats\ncmdstat_\(command):calls=5,usec=11\n"
        let (lines, _) = collect(LatencyHistogramCollector("redis"), info: info) { _ in
            .success(.array([.bulk("broken"), broken, .bulk(command), details, .bulk("odd")]))
        }
        #expect(
            lines == [
                "redis_commands_latencies_usec_bucket{cmd=\"\(command)\",le=\"1\"} 2",
                "redis_commands_latencies_usec_bucket{cmd=\"\(command)\",le=\"4\"} 5",
                "redis_commands_latencies_usec_bucket{cmd=\"\(command)\",le=\"+Inf\"} 5",
                "redis_commands_latencies_usec_sum{cmd=\"\(command)\"} 11",
                "redis_commands_latencies_usec_count{cmd=\"\(command)\"} 5",
            ])
    }

    @Test func oldServersAreNotAskedForHistograms() {
        let (lines, error) = collect(LatencyHistogramCollector("redis"), info: "redis_version:6.2.0")
        #expect(lines.isEmpty)
        #expect(error == nil)
    }

    @Test func commandLogsAreAskedOfValkeyOnly() {
        let collector = CommandlogCollector("redis", config: config)
        #expect(collect(collector, info: "redis_version:8.0.0").error == nil)
        let (lines, _) = collect(collector, info: "redis_version:7.2.4\nvalkey_version:8.1.1") { question in
            .success(question.hasPrefix("COMMANDLOG") ? .integer(2) : .texts("commandlog-reply-larger-than", "1048576"))
        }
        #expect(lines.contains("redis_commandlog_large_reply_length 2"))
        #expect(lines.contains("redis_commandlog_reply_larger_than 1.048576e+06"))
    }

    @Test func clusterFieldsGoThroughUnderTheirNames() {
        let info = "cluster_enabled:1\n# Cluster Info\ncluster_state:fail\n"
        let (lines, _) = collect(ClusterCollector("redis"), info: info) { _ in
            .success(
                .bulk("cluster_state:ok\r\ncluster_stats_messages_auth-req_sent:3\r\ncluster_stats_messages_sent:8\r\n")
            )
        }
        #expect(
            Set(lines) == [
                "redis_cluster_enabled 1", "redis_cluster_state 1", "redis_cluster_stats_messages_auth_req_sent 3",
                "redis_cluster_messages_sent_total 8",
            ])
    }

    @Test func refusedCommandIsTheErrorOfItsCollector() {
        let (lines, error) = collect(SlowlogCollector("redis")) { _ in .failure(CollectorError(.permission, "no")) }
        #expect(lines.isEmpty)
        #expect(error?.reason == .permission)
    }

    @Test func answerOfAnotherShapeIsADecodeError() {
        for collector in Collectors.all().compactMap({ $0 as? any QueryCollector<RedisSession> }) {
            let (_, error) = collect(collector, info: "redis_version:7.2.4\nvalkey_version:8.1.0\ncluster_enabled:1") {
                _ in
                .success(.array([.null]))
            }
            #expect(error == nil || error?.reason == .decode)
        }
    }
}
