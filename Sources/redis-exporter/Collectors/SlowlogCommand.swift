internal import ExporterKit
internal import RedisClient

/// `SLOWLOG GET` summed up by command, as far as entries are still in the log.
/// Source: https://redis.io/docs/latest/commands/slowlog-get/
struct SlowlogCommandCollector: QueryCollector {
    typealias Session = RedisSession

    let descriptor = CollectorDescriptor(
        "slowlog_command", "Entries of the slow log by command, from SLOWLOG GET.", enabledByDefault: false)
    private let summary: LogSummary

    /// - Parameter limit: most commands that get series.
    init(_ namespace: String, limit: Int) {
        func gauge(_ name: String, _ help: String, unit: String? = nil) -> MetricDescriptor {
            MetricDescriptor("\(namespace)_slowlog_command_\(name)", help, kind: .gauge, unit: unit)
        }
        summary = LogSummary(
            entries: gauge("entries", "Entries of the command in the slow log."),
            total: gauge("duration_seconds", "Time of all entries of the command in the slow log.", unit: "seconds"),
            largest: gauge(
                "longest_seconds", "Time of the slowest entry of the command in the slow log.", unit: "seconds"),
            in: .microseconds, limit: limit)
    }

    var metrics: [MetricDescriptor] { summary.metrics }

    func questions(for server: RedisServer) -> [RedisCommand] {
        server.isSentinel ? [] : [["SLOWLOG", "GET", LogSummary.entries]]
    }

    func decode(
        _ replies: [Reply<RedisValue>], from server: RedisServer, into sink: inout MetricSink
    ) throws(CollectorError) {
        guard let reply = replies.first else { return }
        summary.add(try reply.list("SLOWLOG GET"), into: &sink)
    }
}
