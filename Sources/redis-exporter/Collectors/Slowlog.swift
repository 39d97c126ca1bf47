internal import ExporterKit
internal import RedisClient

/// `SLOWLOG`: how much is in it, and the newest entry.
/// Source: https://redis.io/docs/latest/commands/slowlog-get/
struct SlowlogCollector: QueryCollector {
    typealias Session = RedisSession

    let descriptor = CollectorDescriptor("slowlog", "Length and newest entry of the slow log, from SLOWLOG.")
    private let length: MetricDescriptor
    private let lastID: MetricDescriptor
    private let lastDuration: MetricDescriptor

    init(_ namespace: String) {
        length = MetricDescriptor("\(namespace)_slowlog_length", "Entries in the slow log.", kind: .gauge)
        lastID = MetricDescriptor(
            "\(namespace)_slowlog_last_id", "Number of the newest entry of the slow log; 0 when it is empty.",
            kind: .gauge)
        lastDuration = MetricDescriptor(
            "\(namespace)_last_slow_execution_duration_seconds",
            "Time the newest command of the slow log took; 0 when it is empty.", kind: .gauge, unit: "seconds")
    }

    var metrics: [MetricDescriptor] { [length, lastID, lastDuration] }

    func questions(for server: RedisServer) -> [RedisCommand] {
        server.isSentinel ? [] : [["SLOWLOG", "LEN"], ["SLOWLOG", "GET", "1"]]
    }

    func decode(
        _ replies: [Reply<RedisValue>], from server: RedisServer, into sink: inout MetricSink
    ) throws(CollectorError) {
        guard replies.count == 2 else { return }
        sink.add(length, try replies[0].number("SLOWLOG LEN"))
        guard let entry = try replies[1].list("SLOWLOG GET").first else {
            sink.add(lastID, 0)
            sink.add(lastDuration, 0)
            return
        }
        guard let parts = entry.array, parts.count > 2 else {
            throw CollectorError(.decode, "SLOWLOG GET: an entry without id and duration")
        }
        sink.add(lastID, parts[0].number)
        sink.add(lastDuration, parts[2].number.map { $0 / 1_000_000 })
    }
}
