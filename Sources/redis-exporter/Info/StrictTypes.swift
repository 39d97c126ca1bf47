internal import ExporterKit
internal import RedisClient

/// A collector whose metrics have the kind they should have, where redis_exporter gives them another. Names stay.
struct StrictTypes<Base: QueryCollector<RedisSession>>: QueryCollector {
    typealias Session = RedisSession

    private let base: Base
    private let namespace: String

    init(_ base: Base, namespace: String) {
        self.base = base
        self.namespace = namespace
    }

    var descriptor: CollectorDescriptor { base.descriptor }
    var metrics: [MetricDescriptor] { base.metrics.map { StrictKinds.corrected($0, namespace: namespace) } }

    func questions(for server: RedisServer) -> [RedisCommand] { base.questions(for: server) }

    func decode(
        _ replies: [Reply<RedisValue>], from server: RedisServer, into sink: inout MetricSink
    ) throws(CollectorError) {
        var own = MetricSink()
        defer { copy(own, into: &sink) }
        try base.decode(replies, from: server, into: &own)
    }

    private func copy(_ own: MetricSink, into sink: inout MetricSink) {
        for family in own.families {
            let slot = sink.open(StrictKinds.corrected(family.descriptor, namespace: namespace))
            for sample in family.samples { sink.append(sample.value, sample.labels, to: slot) }
        }
    }
}

/// The kinds that redis_exporter has wrong.
enum StrictKinds {
    /// Name without namespace, and what the value really is.
    static let kinds: [String: MetricKind] = Dictionary(
        sums.map { ($0, .counter) } + [("cached_keys_total", .gauge), ("search_active_queries_total", .gauge)]
    ) { first, _ in first }

    /// Given as gauges, though they only grow.
    private static let sums = [
        "aof_delayed_fsync", "cluster_messages_received_total", "cluster_messages_sent_total", "defrag_hits",
        "defrag_key_hits", "defrag_key_misses", "defrag_misses", "lazyfreed_objects", "long_lock_waits_total",
        "rdb_saves_total", "replica_partial_resync_accepted", "replica_partial_resync_denied", "replica_resyncs_full",
        "search_collected_bytes", "search_errors_indexing_failures", "search_gc_collected_bytes",
        "search_index_hash_indexing_failures",
    ]

    /// Fields of `CLUSTER INFO` go through under their own names; these count messages and bytes.
    private static let clusterSums = "cluster_stats_"

    static func corrected(_ row: MetricRow) -> MetricRow {
        guard let kind = kinds[row.name] else { return row }
        return MetricRow(
            row.field, as: row.name, kind: kind, row.help, in: row.unit, since: row.since, until: row.until)
    }

    static func corrected(_ metric: MetricDescriptor, namespace: String) -> MetricDescriptor {
        let name = String(metric.name.dropFirst(namespace.count + 1))
        let kind = name.hasPrefix(clusterSums) ? .counter : kinds[name]
        guard let kind, kind != metric.kind else { return metric }
        return MetricDescriptor(metric.name, metric.help, kind: kind, unit: metric.unit)
    }
}
