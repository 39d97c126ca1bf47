internal import ExporterKit
internal import RedisClient

/// `MEMORY STATS`: what it tells beyond `INFO`. It walks over nothing.
/// Source: https://redis.io/docs/latest/commands/memory-stats/
struct MemoryStatsCollector: QueryCollector {
    typealias Session = RedisSession

    let descriptor = CollectorDescriptor(
        "memory_stats", "Memory per key and per database's tables, from MEMORY STATS.", enabledByDefault: false)
    private let server: ReplyRecords
    private let databases: ReplyRecords

    init(_ namespace: String) {
        server = ReplyRecords(namespace, Self.rows)
        databases = ReplyRecords(namespace, labels: ["db"], Self.databaseRows)
    }

    var metrics: [MetricDescriptor] { server.descriptors + databases.descriptors }

    func questions(for server: RedisServer) -> [RedisCommand] {
        server.isSentinel || server.isDragonfly ? [] : [["MEMORY", "STATS"]]
    }

    func decode(
        _ replies: [Reply<RedisValue>], from server: RedisServer, into sink: inout MetricSink
    ) throws(CollectorError) {
        guard let reply = replies.first else { return }
        let answer = try reply.result.get()
        guard let record = ReplyRecord(answer), let pairs = answer.pairs else {
            throw CollectorError(.decode, "MEMORY STATS: the answer is no list")
        }
        self.server.read([([], record)], into: &sink)
        let tables = pairs.filter { $0.name.hasPrefix("db.") }.compactMap { name, value in
            ReplyRecord(value).map { (labels: ["db\(name.dropFirst(3))"], record: $0) }
        }
        databases.read(tables, into: &sink)
    }

    private static let rows: [MetricRow] = [
        .gauge("keys.count", as: "memory_stats_keys", "Keys in all databases."),
        .gauge(
            "keys.bytes-per-key", as: "memory_stats_key_bytes", "Mean bytes of a key, its share of overhead included."),
        .gauge(
            "dataset.percentage", as: "memory_stats_dataset_ratio",
            "Share of the data itself in what was allocated since the start.", in: .percent),
        .gauge("peak.percentage", as: "memory_stats_peak_ratio", "Allocated now over the most ever.", in: .percent),
        .gauge("lua.caches", as: "memory_stats_scripts_cached_bytes", "Bytes of the EVAL scripts kept by the server."),
        .gauge("functions.caches", as: "memory_stats_functions_cached_bytes", "Bytes of the function libraries."),
        .gauge("script.VMs", as: "memory_stats_script_engines_bytes", "Bytes of the script engines."),
        .gauge(
            "overhead.db.hashtable.lut", as: "memory_stats_tables_bytes",
            "Bytes of the lookup tables of all databases."),
        .gauge(
            "db.dict.rehashing.count", as: "memory_stats_tables_rehashing", "Tables that are being resized."),
        .gauge(
            "replica.fullsync.buffer", as: "memory_stats_replica_full_sync_buffer_bytes",
            "Bytes a replica holds back while it takes all the data of its primary."),
    ]

    private static let databaseRows: [MetricRow] = [
        .gauge(
            "overhead.hashtable.main", as: "memory_stats_db_keys_table_bytes", "Bytes of the database's table of keys."),
        .gauge(
            "overhead.hashtable.expires", as: "memory_stats_db_expires_table_bytes",
            "Bytes of the database's table of time limits."),
    ]
}
