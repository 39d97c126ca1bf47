internal import ExporterKit
internal import RedisClient

/// `INFO MODULES`: the modules that are loaded, and what search, JSON and Bloom filters say of themselves.
/// Source: https://redis.io/docs/latest/commands/info/#modules
struct ModulesCollector: QueryCollector {
    typealias Session = RedisSession

    let descriptor = CollectorDescriptor(
        "modules", "Modules and their own figures, from INFO MODULES.", enabledByDefault: false)
    private let fields: InfoFields
    private let module: MetricDescriptor

    init(_ namespace: String) {
        fields = InfoFields(
            namespace, Self.redisSearch + Self.redisSearchActivity + Self.valkeySearch + Self.bloomAndJSON)
        module = MetricDescriptor(
            "\(namespace)_module_info", "A loaded module with its version and what it works with, as labels.",
            kind: .gauge)
    }

    var metrics: [MetricDescriptor] { fields.descriptors + [module] }

    func questions(for server: RedisServer) -> [RedisCommand] { server.isSentinel ? [] : [["INFO", "MODULES"]] }

    func decode(
        _ replies: [Reply<RedisValue>], from server: RedisServer, into sink: inout MetricSink
    ) throws(CollectorError) {
        guard let reply = replies.first else { return }
        guard let text = try reply.result.get().text else {
            throw CollectorError(.decode, "INFO MODULES: the answer is no text")
        }
        let info = InfoDocument(text)
        fields.read(info, into: &sink)
        for entry in info.entries(prefix: "module") where entry.name == "module" {
            let record = InfoRecord(entry.value)
            guard record.text("name") != nil else { continue }
            let pairs = Self.labels.map { (name: $0, value: String(record.text($0) ?? "")) }
            sink.add(module, 1, LabelSet(checking: pairs) ?? .empty)
        }
    }

    private static let labels = ["name", "ver", "api", "filters", "usedby", "using"]

    private static let bloomAndJSON: [MetricRow] = [
        .gauge("bf_bloom_total_memory_bytes", "Bytes of all Bloom filters."),
        .gauge("bf_bloom_num_objects", "Bloom filter keys."),
        .gauge("bf_bloom_num_filters_across_objects", "Filters inside of all Bloom filter keys."),
        .gauge("bf_bloom_num_items_across_objects", "Items in all Bloom filters."),
        .gauge("bf_bloom_capacity_across_objects", "Items all Bloom filters have room for."),
        .counter("bf_bloom_defrag_hits", as: "bf_bloom_defrag_hits_total", "Bloom filters moved by defragmentation."),
        .counter(
            "bf_bloom_defrag_misses", as: "bf_bloom_defrag_misses_total",
            "Bloom filters defragmentation looked at and did not move."),
        .gauge("json_total_memory_bytes", "Bytes of all JSON documents."),
        .gauge("json_num_documents", "JSON documents."),
    ]
}
