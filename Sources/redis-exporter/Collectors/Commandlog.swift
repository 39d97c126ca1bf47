internal import ExporterKit
internal import RedisClient

/// `COMMANDLOG` of Valkey 8.1: slow commands, large requests and large replies, with the settings of each.
/// Source: https://valkey.io/commands/commandlog-len/
struct CommandlogCollector: QueryCollector {
    typealias Session = RedisSession

    let descriptor = CollectorDescriptor(
        "commandlog", "Lengths and limits of the command logs, from COMMANDLOG of Valkey.")
    private let config: ConfigQuestion
    private let lengths: [(log: String, metric: MetricDescriptor)]
    private let settings: MetricTable

    init(_ namespace: String, config: ConfigQuestion) {
        self.config = config
        lengths = Self.logs.map { log in
            let metric = MetricDescriptor("\(namespace)_commandlog_\(log.metric)_length", log.help, kind: .gauge)
            return (log.name, metric)
        }
        settings = MetricTable(prefix: namespace, rows: Self.rows)
    }

    var metrics: [MetricDescriptor] { lengths.map(\.metric) + settings.descriptors }

    func questions(for server: RedisServer) -> [RedisCommand] {
        guard let version = server.valkeyVersion, version >= ServerVersion(8, 1) else { return [] }
        return lengths.map { ["COMMANDLOG", "LEN", $0.log] } + config.commands(for: server)
    }

    func decode(
        _ replies: [Reply<RedisValue>], from server: RedisServer, into sink: inout MetricSink
    ) throws(CollectorError) {
        if let config = ConfigReply(Array(replies.dropFirst(lengths.count))) {
            let reader = settings.reader(for: nil)
            reader.read(count: 1, into: &sink, labels: { _ in [] }) { _, row in config.number(reader.rows[row].field) }
        }
        for ((log, metric), reply) in zip(lengths, replies) {
            sink.add(metric, try reply.number("COMMANDLOG LEN \(log)"))
        }
    }

    private static let logs: [(name: String, metric: String, help: String)] = [
        ("slow", "slow", "Entries in the log of slow commands."),
        ("large-request", "large_request", "Entries in the log of large requests."),
        ("large-reply", "large_reply", "Entries in the log of large replies."),
    ]

    private static let rows: [MetricRow] = [
        .gauge(
            "commandlog-execution-slower-than", as: "commandlog_execution_slower_than",
            "Microseconds from which a command is slow; -1 for never."),
        .gauge(
            "commandlog-request-larger-than", as: "commandlog_request_larger_than",
            "Bytes from which a request is large; -1 for never."),
        .gauge(
            "commandlog-reply-larger-than", as: "commandlog_reply_larger_than",
            "Bytes from which a reply is large; -1 for never."),
        .gauge(
            "commandlog-slow-execution-max-len", as: "commandlog_slow_execution_max_len",
            "Most entries in the log of slow commands."),
        .gauge(
            "commandlog-large-request-max-len", as: "commandlog_large_request_max_len",
            "Most entries in the log of large requests."),
        .gauge(
            "commandlog-large-reply-max-len", as: "commandlog_large_reply_max_len",
            "Most entries in the log of large replies."),
    ]
}
