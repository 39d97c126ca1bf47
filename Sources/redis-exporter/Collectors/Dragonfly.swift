internal import ExporterKit

/// What only Dragonfly tells. For "not counted" it says -1: no sample.
/// Source: https://www.dragonflydb.io/docs/command-reference/server-management/info
struct DragonflyCollector: InfoCollector {
    typealias Session = RedisSession

    let descriptor = CollectorDescriptor("dragonfly", "Tables, queues and pipelines of Dragonfly, from INFO.")
    private let fields: InfoFields

    init(_ namespace: String) {
        fields = InfoFields(namespace, Self.rows)
    }

    var metrics: [MetricDescriptor] { fields.descriptors }
    var infoFields: [String] { fields.names }

    func decode(_ info: InfoDocument, into sink: inout MetricSink) {
        guard info.text("dragonfly_version") != nil else { return }
        fields.read(info, into: &sink)
    }

    private static let rows: [MetricRow] = [
        .gauge("max_clients", "Most client connections at once, as configured and allowed by the system."),
        .gauge(
            "client_read_buffer_bytes", as: "dragonfly_client_read_buffer_bytes", "Bytes of all clients' read buffers."),
        .gauge(
            "pipeline_queue_length", as: "dragonfly_pipeline_queue_length", "Commands of pipelines that wait."),
        .gauge(
            "send_delay_ms", as: "dragonfly_send_delay_seconds", "Seconds the oldest unfinished send has taken.",
            in: .milliseconds),
        .counter(
            "timeout_disconnects", as: "dragonfly_timeout_disconnects_total",
            "Clients disconnected because they were idle too long."),
        .gauge("object_used_memory", as: "dragonfly_object_memory_bytes", "Bytes of the values."),
        .gauge("table_used_memory", as: "dragonfly_table_memory_bytes", "Bytes of the tables of keys."),
        .gauge("num_entries", as: "dragonfly_entries", "Keys in all databases."),
        .gauge("inline_keys", as: "dragonfly_inline_keys", "Keys that lie in their table itself."),
        .gauge("dispatch_queue_bytes", as: "dragonfly_dispatch_queue_bytes", "Bytes of commands that wait."),
        .gauge(
            "pipeline_queue_bytes", as: "dragonfly_pipeline_queue_bytes", "Bytes of commands of pipelines that wait."),
        .gauge("tls_bytes", as: "dragonfly_tls_bytes", "Bytes of TLS buffers."),
        .gauge("fibers_count", as: "dragonfly_fibers", "Fibers, running and waiting."),
        .counter("oom_rejections", as: "dragonfly_oom_rejections_total", "Commands refused because memory was full."),
        .counter("keyspace_mutations", as: "dragonfly_keyspace_mutations_total", "Changes to keys."),
        .counter(
            "total_pipelined_commands", as: "dragonfly_pipelined_commands_total", "Commands that came in pipelines."),
        .counter(
            "pipeline_throttle_total", as: "dragonfly_pipeline_throttles_total",
            "Times reading from a client paused because its pipeline was too long."),
        .counter("hard_evictions", as: "dragonfly_hard_evictions_total", "Keys evicted while a command waited."),
    ]
}
