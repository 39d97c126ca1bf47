internal import ExporterKit
internal import RedisClient

/// `CLUSTER INFO` on a node of a cluster, and every field of `INFO` that begins with `cluster_`. Names are not a closed
/// list: a numeric field goes through under its own name.
/// Source: https://redis.io/docs/latest/commands/cluster-info/
struct ClusterCollector: QueryCollector {
    typealias Session = RedisSession

    let descriptor = CollectorDescriptor("cluster", "State of the cluster as this node sees it, from CLUSTER INFO.")
    private let namespace: String

    init(_ namespace: String) {
        self.namespace = namespace
    }

    var metrics: [MetricDescriptor] {
        Self.helps.map { MetricDescriptor("\(namespace)_\(Self.names[$0.key] ?? $0.key)", $0.value, kind: .gauge) }
            .sorted { $0.name < $1.name } + [overruns]
    }

    func questions(for server: RedisServer) -> [RedisCommand] {
        server.isCluster ? [["CLUSTER", "INFO"]] : []
    }

    func decode(
        _ replies: [Reply<RedisValue>], from server: RedisServer, into sink: inout MetricSink
    ) throws(CollectorError) {
        server.info.entries(prefix: "cluster_").forEach { add($0, into: &sink) }
        guard let reply = replies.first else { return }
        guard let text = try reply.result.get().text else {
            throw CollectorError(.decode, "CLUSTER INFO: the answer is no text")
        }
        let info = InfoDocument(text)
        info.entries(prefix: "cluster_").forEach { add($0, into: &sink) }
        sink.add(overruns, info.number("total_cluster_links_buffer_limit_exceeded"))
    }

    private var overruns: MetricDescriptor {
        MetricDescriptor(
            "\(namespace)_cluster_links_buffer_limit_exceeded_total",
            "Links to other nodes that were cut because their buffer was too large.", kind: .counter)
    }

    private func add(_ entry: InfoDocument.Entry, into sink: inout MetricSink) {
        let field = MetricNames.sanitized(entry.name)
        let help = Self.helps[field] ?? "Field \(field) of CLUSTER INFO."
        let descriptor = MetricDescriptor("\(namespace)_\(Self.names[field] ?? field)", help, kind: .gauge)
        sink.add(descriptor, InfoNumber(entry.value)?.value)
    }

    private static let names = [
        "cluster_stats_messages_sent": "cluster_messages_sent_total",
        "cluster_stats_messages_received": "cluster_messages_received_total",
    ]

    private static let helps: [String: String] = [
        "cluster_connections": "Connections of the cluster bus, roughly.",
        "cluster_current_epoch": "Epoch of the cluster.",
        "cluster_enabled": "Whether the server is a node of a cluster.",
        "cluster_known_nodes": "Nodes this node knows, those in handshake included.",
        "cluster_my_epoch": "Configuration epoch of this node.",
        "cluster_size": "Primaries that serve at least one slot.",
        "cluster_slots_assigned": "Slots that belong to a node.",
        "cluster_slots_fail": "Slots whose node has failed.",
        "cluster_slots_ok": "Slots whose node is well.",
        "cluster_slots_pfail": "Slots whose node this node cannot reach.",
        "cluster_state": "Whether the cluster can serve queries.",
        "cluster_stats_messages_received": "Messages received on the cluster bus since the start.",
        "cluster_stats_messages_sent": "Messages sent on the cluster bus since the start.",
    ]
}
