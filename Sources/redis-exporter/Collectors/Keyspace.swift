internal import ExporterKit
internal import RedisClient

/// Section `Keyspace`: `db0:keys=1,expires=0,avg_ttl=0,subexpiry=0`, read by name. Databases without keys are not in
/// it; they are filled up with zeros to the configured number of databases.
/// Source: https://redis.io/docs/latest/commands/info/#keyspace
struct KeyspaceCollector: QueryCollector {
    typealias Session = RedisSession

    let descriptor = CollectorDescriptor("keyspace", "Keys per database, from INFO section Keyspace.")
    private let config: ConfigQuestion
    private let fillsUp: Bool
    private let keys: InfoRecords
    private let details: InfoRecords

    /// - Parameter fillsUp: give databases without keys a zero.
    init(_ namespace: String, config: ConfigQuestion, fillsUp: Bool) {
        self.config = config
        self.fillsUp = fillsUp
        keys = InfoRecords(namespace, labels: ["db"], Self.keyRows)
        details = InfoRecords(namespace, labels: ["db"], Self.detailRows)
    }

    var metrics: [MetricDescriptor] { keys.descriptors + details.descriptors }

    func questions(for server: RedisServer) -> [RedisCommand] {
        fillsUp && !server.isSentinel ? config.commands(for: server) : []
    }

    func decode(
        _ replies: [Reply<RedisValue>], from server: RedisServer, into sink: inout MetricSink
    ) throws(CollectorError) {
        let present = server.info.entries(prefix: "db").compactMap { entry in
            UInt(entry.name.dropFirst(2)).map { (number: $0, record: InfoRecord(entry.value)) }
        }
        let records = present.map { (labels: ["db\($0.number)"], record: $0.record) }
        details.read(records.map { ($0.labels, $0.record.withoutUnknownTime) }, into: &sink)
        let numbers = Set(present.map(\.number))
        let empty = InfoRecord("keys=0,expires=0")
        let missing = (0..<databases(replies, server)).filter { !numbers.contains($0) }
        keys.read(records + missing.map { (["db\($0)"], empty) }, into: &sink)
    }

    /// How many databases there are; 16, the default of the server, when it does not tell. A cluster uses one.
    private func databases(_ replies: [Reply<RedisValue>], _ server: RedisServer) -> UInt {
        guard fillsUp, !server.isSentinel else { return 0 }
        guard !server.isCluster else { return 1 }
        let count = ConfigReply(replies)?.text("databases").flatMap { UInt($0) } ?? 16
        return min(count, 10_000)
    }

    private static let keyRows: [MetricRow] = [
        .gauge("keys", as: "db_keys", "Keys in the database."),
        .gauge("expires", as: "db_keys_expiring", "Keys in the database with a time limit."),
    ]

    private static let detailRows: [MetricRow] = [
        .gauge(
            "avg_ttl", as: "db_avg_ttl_seconds", "Estimated mean time that keys with a limit have left.",
            in: .milliseconds),
        .gauge(
            "subexpiry", as: "db_keys_with_expiring_items", "Hashes in the database with fields that have a time limit."
        ),
        .gauge(
            "keys_with_volatile_items", as: "db_keys_with_expiring_items",
            "Hashes in the database with fields that have a time limit."),
        .gauge("cached_keys", as: "db_keys_cached", "Keys of the database held in memory; KeyDB only."),
        .counter("hits", as: "db_keyspace_hits_total", "Lookups in the database that found their key; Dragonfly only."),
        .counter(
            "misses", as: "db_keyspace_misses_total", "Lookups in the database that found no key; Dragonfly only."),
    ]
}

extension InfoRecord {
    /// Dragonfly says `avg_ttl=-1` for "not known".
    fileprivate var withoutUnknownTime: InfoRecord {
        guard text("avg_ttl")?.utf8.first == UInt8(ascii: "-") else { return self }
        return without("avg_ttl")
    }
}
