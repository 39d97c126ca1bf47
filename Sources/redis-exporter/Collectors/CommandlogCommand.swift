internal import ExporterKit
internal import RedisClient

/// `COMMANDLOG GET` of Valkey 8.1: large requests and large replies summed up by command, as far as entries are still in
/// the log. Slow commands are those of `slowlog_command`.
/// Source: https://valkey.io/commands/commandlog-get/
struct CommandlogCommandCollector: QueryCollector {
    typealias Session = RedisSession

    let descriptor = CollectorDescriptor(
        "commandlog_command", "Large requests and replies by command, from COMMANDLOG GET of Valkey.",
        enabledByDefault: false)
    private let summary: LogSummary

    /// - Parameter limit: most commands of a log that get series.
    init(_ namespace: String, limit: Int) {
        func gauge(_ name: String, _ help: String, unit: String? = nil) -> MetricDescriptor {
            MetricDescriptor("\(namespace)_commandlog_command_\(name)", help, kind: .gauge, unit: unit)
        }
        summary = LogSummary(
            entries: gauge("entries", "Entries of the command in the log."),
            total: gauge("bytes", "Bytes of all entries of the command in the log.", unit: "bytes"),
            largest: gauge("largest_bytes", "Bytes of the largest entry of the command in the log.", unit: "bytes"),
            in: .base, limit: limit)
    }

    var metrics: [MetricDescriptor] { summary.metrics }

    func questions(for server: RedisServer) -> [RedisCommand] {
        guard server.isValkey(ServerVersion(8, 1)) else { return [] }
        return Self.logs.map { ["COMMANDLOG", "GET", LogSummary.entries, $0] }
    }

    func decode(
        _ replies: [Reply<RedisValue>], from server: RedisServer, into sink: inout MetricSink
    ) throws(CollectorError) {
        for (log, reply) in zip(Self.logs, replies) {
            summary.add(try reply.list("COMMANDLOG GET"), [("log", log)], into: &sink)
        }
    }

    private static let logs = ["large-request", "large-reply"]
}
