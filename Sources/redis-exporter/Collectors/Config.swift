internal import ExporterKit
internal import RedisClient

/// `CONFIG GET`: limits as metrics, and on request every parameter as a series.
/// Source: https://redis.io/docs/latest/commands/config-get/
struct ConfigCollector: QueryCollector {
    typealias Session = RedisSession

    let descriptor = CollectorDescriptor("config", "Limits and settings, from CONFIG GET.")
    private let question: ConfigQuestion
    private let redacts: Bool
    private let fields: MetricTable
    private let limitBytes: MetricDescriptor
    private let limitSeconds: MetricDescriptor
    private let keyValue: MetricDescriptor
    private let value: MetricDescriptor

    /// - Parameter redacts: leave out parameters that hold a password.
    init(_ namespace: String, question: ConfigQuestion, redacts: Bool) {
        self.question = question
        self.redacts = redacts
        fields = MetricTable(prefix: namespace, rows: Self.rows)
        func gauge(_ name: String, _ help: String) -> MetricDescriptor {
            MetricDescriptor("\(namespace)_config_\(name)", help, kind: .gauge)
        }
        limitBytes = gauge(
            "client_output_buffer_limit_bytes",
            "Size of an output buffer at which a client of the class is disconnected.")
        limitSeconds = gauge(
            "client_output_buffer_limit_overcome_seconds",
            "Seconds above the soft limit after which a client of the class is disconnected.")
        keyValue = gauge("key_value", "A parameter of the configuration and its value, as labels.")
        value = gauge("value", "Value of a numeric parameter of the configuration.")
    }

    var metrics: [MetricDescriptor] { fields.descriptors + [limitBytes, limitSeconds, keyValue, value] }

    func questions(for server: RedisServer) -> [RedisCommand] { question.commands(for: server) }

    func decode(
        _ replies: [Reply<RedisValue>], from server: RedisServer, into sink: inout MetricSink
    ) throws(CollectorError) {
        guard let reply = replies.first else { return }
        _ = try reply.list("CONFIG GET")
        guard let config = ConfigReply(replies) else { return }
        let reader = fields.reader(for: nil)
        reader.read(count: 1, into: &sink, labels: { _ in [] }) { _, row in config.number(reader.rows[row].field) }
        addLimits(config, into: &sink)
        if question.wantsAll { addEverything(config, into: &sink) }
    }

    /// `normal 0 0 0 slave 268435456 67108864 60`: class, hard limit, soft limit, seconds above the soft limit.
    private func addLimits(_ config: ConfigReply, into sink: inout MetricSink) {
        let words = (config.text("client-output-buffer-limit") ?? "").split(separator: " ")
        for start in stride(from: 0, to: words.count - 3, by: 4) {
            let name = String(words[start])
            sink.add(limitBytes, Double(words[start + 1]), LabelSet(["class": name, "limit": "hard"]))
            sink.add(limitBytes, Double(words[start + 2]), LabelSet(["class": name, "limit": "soft"]))
            sink.add(limitSeconds, Double(words[start + 3]), LabelSet(["class": name, "limit": "soft"]))
        }
    }

    private func addEverything(_ config: ConfigReply, into sink: inout MetricSink) {
        for (name, text) in config.pairs where !(redacts && Self.secrets.contains(name)) {
            sink.add(keyValue, 1, LabelSet(["key": name, "value": text]))
            sink.add(value, Double(text).flatMap { $0.isFinite ? $0 : nil }, LabelSet(["key": name]))
        }
    }

    private static let secrets: Set<String> = [
        "requirepass", "masterauth", "primaryauth", "tls-key-file-pass", "tls-client-key-file-pass",
    ]

    private static let rows: [MetricRow] = [
        .gauge("io-threads", as: "config_io_threads", "Threads for reading and writing, the main thread included."),
        .gauge("maxclients", as: "config_maxclients", "Most client connections at once, as configured."),
        .gauge("maxmemory", as: "config_maxmemory", "Limit of memory in bytes, as configured; 0 for none."),
        .gauge(
            "repl-backlog-size", as: "config_repl_backlog_size",
            "Size of the replication backlog in bytes, as configured."),
    ]
}
