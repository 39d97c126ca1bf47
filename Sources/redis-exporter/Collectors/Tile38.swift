internal import ExporterKit
internal import RedisClient

/// `SERVER EXT` of Tile38. Some versions put `tile38_` before a name, others do not.
/// Source: https://tile38.com/commands/server/
struct Tile38Collector: QueryCollector {
    typealias Session = RedisSession

    let descriptor = CollectorDescriptor(
        "tile38", "Objects, memory and threads of Tile38, from SERVER EXT.", enabledByDefault: false)
    private let plain: ReplyRecords
    private let prefixed: ReplyRecords

    init(_ namespace: String) {
        plain = ReplyRecords(namespace, Self.rows(prefix: ""))
        prefixed = ReplyRecords(namespace, Self.rows(prefix: "tile38_"))
    }

    var metrics: [MetricDescriptor] { plain.descriptors }

    func questions(for server: RedisServer) -> [RedisCommand] { [["SERVER", "EXT"]] }

    func decode(
        _ replies: [Reply<RedisValue>], from server: RedisServer, into sink: inout MetricSink
    ) throws(CollectorError) {
        guard let reply = replies.first else { return }
        guard let record = ReplyRecord(try reply.result.get()) else {
            throw CollectorError(.decode, "SERVER EXT: the answer is no list; is this Tile38?")
        }
        for records in [plain, prefixed] { records.read([([], record)], into: &sink) }
    }

    private static func rows(prefix: String) -> [MetricRow] {
        fields.map { .gauge(prefix + $0.field, as: "tile38_\($0.metric)", $0.help) }
    }

    private static let fields: [(field: String, metric: String, help: String)] = [
        ("aof_size", "aof_size_bytes", "Bytes of the append-only file."),
        ("avg_point_size", "avg_item_size_bytes", "Mean bytes of a point."),
        ("sys_cpus", "cpus_total", "Processors of the machine."),
        ("heap_released_bytes", "heap_released_bytes", "Bytes of the heap returned to the system."),
        ("heap_alloc_bytes", "heap_size_bytes", "Bytes in use on the heap."),
        ("http_transport", "http_transport", "Whether the server speaks HTTP."),
        ("in_memory_size", "in_memory_size_bytes", "Bytes of the data itself."),
        ("max_heap_size", "max_heap_size_bytes", "Largest size of the heap in bytes, as configured; 0 for none."),
        ("alloc_bytes", "mem_alloc_bytes", "Bytes allocated and not yet freed."),
        ("num_collections", "num_collections_total", "Collections."),
        ("num_hooks", "num_hooks_total", "Hooks that are set."),
        ("num_objects", "num_objects_total", "Objects in all collections."),
        ("num_points", "num_points_total", "Points of all objects."),
        ("pointer_size", "pointer_size_bytes", "Bytes of a pointer."),
        ("read_only", "read_only", "Whether the server takes no changes."),
        ("go_threads", "threads_total", "Threads of the server."),
        ("go_goroutines", "go_goroutines_total", "Goroutines of the server."),
        ("last_gc_time_seconds", "last_gc_time_seconds", "When garbage was last collected, as seconds since 1970."),
        ("next_gc_bytes", "next_gc_bytes", "Bytes on the heap at which garbage is collected next."),
    ]
}
