import ExporterKit
import Foundation
import RedisClient
import Testing

@testable import redis_exporter

/// Modules, search indexes, the snapshot file and types.
@Suite struct ModuleTests {
    @Test func modulesTellThemselvesAndTheirFigures() {
        let text = """
            # Modules
            module:name=search,ver=21005,api=1,filters=0,usedby=[],using=[ReJSON],options=[handle-io-errors]
            module:name=odd,ver=1
            module:nonsense
            # search_garbage_collector
            search_gc_bytes_collected:5
            search_total_query_commands:7
            search_used_memory_indexes_human:1
            bf_bloom_defrag_hits:3
            """
        let (lines, error) = collect(ModulesCollector("redis")) { question in
            question == "INFO MODULES" ? .success(.bulk(text)) : nil
        }
        #expect(error == nil)
        #expect(
            Set(lines) == [
                #"redis_module_info{api="1",filters="0",name="search",usedby="[]",using="[ReJSON]",ver="21005"} 1"#,
                #"redis_module_info{api="",filters="",name="odd",usedby="",using="",ver="1"} 1"#,
                "redis_search_gc_collected_bytes 5", "redis_search_query_commands_total 7",
                "redis_bf_bloom_defrag_hits_total 3",
            ])
    }

    private func decode(_ replies: [Result<RedisValue, CollectorError>]) -> (lines: [String], error: CollectorError?) {
        let collector = SearchIndexesCollector("redis", wanted: .all)
        var sink = MetricSink()
        let names = replies.indices.map { "idx\($0)" }
        do throws(CollectorError) {
            try collector.decode(names, replies.map { Reply($0, took: .zero) }, into: &sink)
            return (lines(sink), nil)
        } catch { return (lines(sink), error) }
    }

    @Test func indexIsToldInBytes() {
        let reply = RedisValue.array([
            .bulk("index_name"), .bulk("books"), .bulk("num_docs"), .bulk("12"), .bulk("inverted_sz_mb"), .bulk("0.5"),
            .bulk("percent_indexed"), .bulk("1"), .bulk("number_of_uses"), .integer(3), .bulk("attributes"), .array([]),
            .bulk("bytes_per_record_avg"), .bulk("nan"),
        ])
        let (lines, error) = decode([.success(reply)])
        #expect(error == nil)
        #expect(
            Set(lines) == [
                #"redis_search_index_num_docs{index_name="books"} 12"#,
                #"redis_search_index_inverted_size_bytes{index_name="books"} 524288"#,
                #"redis_search_index_percent_indexed{index_name="books"} 1"#,
                #"redis_search_index_number_of_uses_total{index_name="books"} 3"#,
            ])
    }

    @Test func indexThatFailsCostsNoOther() {
        let good = RedisValue.array([.bulk("num_docs"), .integer(1)])
        let (lines, error) = decode([.failure(CollectorError(.query, "Unknown index name")), .success(good)])
        #expect(lines == [#"redis_search_index_num_docs{index_name="idx1"} 1"#])
        #expect(error?.reason == .query)
    }

    private func rdb(_ folder: String, _ file: String) -> (lines: [String], error: CollectorError?) {
        let config = ConfigQuestion(command: "CONFIG", wantsAll: false, wantsFile: true)
        return collect(RdbFileCollector("redis", config: config), info: "redis_version:7.0.0") { _ in
            .success(.texts("dir", folder, "dbfilename", file))
        }
    }

    @Test func snapshotFileIsMeasured() throws {
        let folder = NSTemporaryDirectory() + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        #expect(rdb(folder, "dump.rdb").lines == ["redis_rdb_current_size_bytes 0"])
        try Data(repeating: 1, count: 123).write(to: URL(fileURLWithPath: folder + "/dump.rdb"))
        #expect(rdb(folder, "dump.rdb").lines == ["redis_rdb_current_size_bytes 123"])
        #expect(rdb("/", "dev").error?.reason == .query)
        #expect(rdb("", "").error?.reason == .decode)
    }

    @Test(arguments: ["../etc/passwd", "..", ".", ""])
    func serverCannotLeadElsewhere(name: String) {
        let (lines, error) = rdb("/tmp", name)
        #expect(lines.isEmpty)
        #expect(error?.reason == .decode)
    }

    @Test func fileIsAskedForOnlyWhenWanted() {
        let server = RedisServer(InfoDocument("redis_version:7.0.0"))
        func words(_ options: CollectorOptions) -> [String] {
            let config = Collectors.all(options).first { $0.descriptor.name == "config" } as? ConfigCollector
            return (config?.questions(for: server).first?.arguments ?? []).map { String(decoding: $0, as: UTF8.self) }
        }
        #expect(!words(CollectorOptions()).contains("dbfilename"))
        #expect(words(CollectorOptions(asked: ["rdb_file"])).contains("dbfilename"))
    }

    // MARK: - Types

    @Test func strictTypesAreTheOnlyDifference() {
        let usual = Collectors.all().flatMap(\.metrics)
        let strict = Collectors.all(CollectorOptions(includesSystem: true, hasStrictTypes: true)).flatMap(\.metrics)
        #expect(usual.map(\.name) == strict.map(\.name))
        let changed = zip(usual, strict).filter { $0.kind != $1.kind }.map(\.0.name)
        let expected = StrictKinds.kinds.keys.map { "redis_\($0)" }.filter { name in usual.contains { $0.name == name }
        }
        #expect(Set(changed) == Set(expected))
        #expect(changed.count > 15)
    }

    @Test func everyStrictTypeIsInTheGuide() throws {
        let guide = try Fixture.text("../../../docs/guides/redis-metrics.md")
        for name in StrictKinds.kinds.keys { #expect(guide.contains("`redis_\(name)`"), "\(name)") }
    }

    @Test func strictTypesReachTheSamplesAndEveryMessageOfTheCluster() throws {
        let collectors = Collectors.all(CollectorOptions(namespace: "a_b", hasStrictTypes: true))
        let cluster = try #require(
            collectors.first { $0.descriptor.name == "cluster" } as? any QueryCollector<RedisSession>)
        var sink = MetricSink()
        let server = RedisServer(InfoDocument("cluster_enabled:1"))
        let text = "cluster_stats_messages_ping_sent:3\r\ncluster_stats_messages_sent:8\r\ncluster_size:1\r\n"
        try cluster.decode([Reply(.success(.bulk(text)), took: .zero)], from: server, into: &sink)
        let kinds = Dictionary(sink.families.map { ($0.descriptor.name, $0.descriptor.kind) }) { first, _ in first }
        #expect(kinds["a_b_cluster_stats_messages_ping_sent"] == .counter)
        #expect(kinds["a_b_cluster_messages_sent_total"] == .counter)
        #expect(kinds["a_b_cluster_size"] == .gauge)
        #expect(lines(sink).contains("a_b_cluster_messages_sent_total 8"))
    }
}
