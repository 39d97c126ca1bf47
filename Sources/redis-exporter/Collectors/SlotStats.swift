internal import ExporterKit
internal import RedisClient

/// `CLUSTER SLOT-STATS` of Valkey 8 and Redis 8.2: the slots of this node with the most keys, CPU time or traffic. Without
/// `cluster-slot-stats-enabled` on the server it tells keys only.
/// Source: https://valkey.io/commands/cluster-slot-stats/
struct SlotStatsCollector: QueryCollector {
    typealias Session = RedisSession

    /// What slots can be ordered by.
    static let orders = ["key-count", "cpu-usec", "memory-bytes", "network-bytes-in", "network-bytes-out"]

    let descriptor = CollectorDescriptor(
        "slot_stats", "Keys, CPU time and traffic of the largest slots, from CLUSTER SLOT-STATS.",
        enabledByDefault: false)
    private let question: RedisCommand
    private let slots: ReplyRecords

    /// - Parameters:
    ///   - order: one of `orders`.
    ///   - limit: most slots to tell.
    init(_ namespace: String, order: String, limit: Int) {
        question = ["CLUSTER", "SLOT-STATS", "ORDERBY", order, "LIMIT", "\(limit)", "DESC"]
        slots = ReplyRecords(namespace, labels: ["slot"], Self.rows)
    }

    var metrics: [MetricDescriptor] { slots.descriptors }

    func questions(for server: RedisServer) -> [RedisCommand] {
        let isKnown = server.isValkey(ServerVersion(8)) || server.isRedis(ServerVersion(8, 2))
        return server.isCluster && isKnown ? [question] : []
    }

    func decode(
        _ replies: [Reply<RedisValue>], from server: RedisServer, into sink: inout MetricSink
    ) throws(CollectorError) {
        guard let reply = replies.first else { return }
        let records = try reply.list("CLUSTER SLOT-STATS").compactMap { entry -> ([String], ReplyRecord)? in
            guard let parts = entry.array, parts.count == 2, let slot = parts[0].integer,
                let record = ReplyRecord(parts[1])
            else { return nil }
            return (["\(slot)"], record)
        }
        slots.read(records, into: &sink)
    }

    private static let rows: [MetricRow] = [
        .gauge("key-count", as: "slot_stats_keys", "Keys in the slot."),
        .gauge("memory-bytes", as: "slot_stats_memory_bytes", "Bytes of the slot's keys."),
        .counter("cpu-usec", as: "slot_stats_cpu_seconds_total", "CPU time spent on the slot.", in: .microseconds),
        .counter("network-bytes-in", as: "slot_stats_received_bytes_total", "Bytes received for the slot."),
        .counter("network-bytes-out", as: "slot_stats_sent_bytes_total", "Bytes sent for the slot."),
    ]
}
