import ExporterKit
import RedisClient
import Testing

@testable import redis_exporter

/// KeyDB, Dragonfly and Tile38, by the replies they document.
@Suite struct FlavourTests {
    /// Everything that INFO alone gives, and the keyspace.
    private func lines(_ server: String) throws -> [String] {
        let text = try Fixture.text("\(server).info")
        let config = ConfigQuestion(command: nil, wantsAll: false)
        let collectors = Collectors.all(CollectorOptions()).compactMap { $0 as? any InfoCollector }
        return collectors.flatMap { collect($0, info: text).lines }
            + collect(KeyspaceCollector("redis", config: config, fillsUp: false), info: text).lines
    }

    @Test func keyDBTellsItsPrimariesThreadsAndStorage() throws {
        let lines = Set(try lines("keydb"))
        for line in [
            #"redis_master_link_up{master_host="kdb0",master_port="6377"} 1"#,
            #"redis_master_link_up{master_host="kdb1",master_port="6378"} 0"#,
            #"redis_master_last_io_seconds_ago{master_host="kdb1",master_port="6378"} -1"#,
            #"redis_slave_repl_offset{master_host="kdb0",master_port="6377"} 50"#,
            "redis_connected_masters 2", "redis_server_threads_total 2", "redis_long_lock_waits_total 7",
            "redis_current_client_thread 1", #"redis_keydb_thread_clients{thread="1"} 3"#,
            "redis_keydb_average_lock_contention 0.25", "redis_keydb_mvcc_depth 0",
            "redis_available_system_memory_bytes 8e+09", "redis_storage_provider_read_hits 11",
            #"redis_db_keys_cached{db="db0"} 4"#, #"redis_db_avg_ttl_seconds{db="db0"} 1.5"#,
        ] {
            #expect(lines.contains(line), "\(line)")
        }
        #expect(!lines.contains { $0.contains("redis_db_keys_with_expiring_items") })
    }

    @Test func dragonflyTellsItsOwnFieldsAndNoMinusOne() throws {
        let lines = Set(try lines("dragonfly"))
        for line in [
            "redis_max_clients 64000", "redis_dragonfly_send_delay_seconds 0.25", "redis_dragonfly_entries 12",
            "redis_dragonfly_pipelined_commands_total 30", #"redis_db_keyspace_hits_total{db="db0"} 8"#,
            #"redis_db_keyspace_misses_total{db="db0"} 2"#, #"redis_db_keys{db="db0"} 12"#,
            #"redis_connected_slave_lag_seconds{slave_ip="10.0.0.9",slave_port="6379",slave_state="stable_sync"} 3"#,
            #"redis_commands_total{cmd="get"} 10"#,
        ] {
            #expect(lines.contains(line), "\(line)")
        }
        for name in ["avg_ttl", "cached", "rejected_connections", "keydb", "lag_bytes"] {
            #expect(!lines.contains { $0.contains(name) }, "\(name)")
        }
    }

    @Test(arguments: ["", "tile38_"])
    func tile38TellsWithAndWithoutPrefix(prefix: String) {
        let reply = RedisValue.texts(
            "\(prefix)aof_size", "1024", "\(prefix)avg_point_size", "10", "\(prefix)read_only", "false", "id", "x",
            "\(prefix)num_points", "7")
        let (lines, error) = collect(Tile38Collector("redis")) { $0 == "SERVER EXT" ? .success(reply) : nil }
        #expect(error == nil)
        #expect(
            Set(lines) == [
                "redis_tile38_aof_size_bytes 1024", "redis_tile38_avg_item_size_bytes 10", "redis_tile38_read_only 0",
                "redis_tile38_num_points_total 7",
            ])
    }

    @Test func otherServersHaveNothingOfTheirs() throws {
        for name in ["redis7", "redis8", "valkey8"] {
            #expect(try !lines(name).contains { $0.contains("keydb_") || $0.contains("dragonfly_") })
        }
    }

    @Test func unknownFieldsAreToldOnRequest() throws {
        let text =
            try Fixture.text("dragonfly.info") + "\n# New Section\nshiny_thing:5\nname_of_it:x\nfoo_version:8.0\n"
        let collector = try #require(
            Collectors.all().compactMap { $0 as? UnknownInfoCollector }.first)
        let lines = Set(collect(collector, info: text).lines)
        #expect(
            lines == [
                "redis_info_new_section_shiny_thing 5", "redis_info_tiered_tiered_entries 0",
                "redis_info_server_thread_count 4",
            ])
    }

    @Test(arguments: ["redis7", "redis7-replica", "redis8", "valkey8", "valkey9"])
    func recordedServersHaveFewUnknownFields(server: String) throws {
        let collector = try #require(Collectors.all().compactMap { $0 as? UnknownInfoCollector }.first)
        let (lines, _) = collect(collector, info: try Fixture.text("\(server).info"))
        #expect(lines.isEmpty, "\(lines)")
    }
}
