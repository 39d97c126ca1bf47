internal import ExporterKit
internal import RedisClient

/// `SENTINEL CONFIG GET *`: the settings of a Sentinel, as series. Comes with `--include-config-metrics`.
/// Source: https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/
struct SentinelConfigCollector: QueryCollector {
    typealias Session = RedisSession

    let descriptor = CollectorDescriptor(
        "sentinel_config", "Every setting of a Sentinel, from SENTINEL CONFIG GET.", enabledByDefault: false)
    private let redacts: Bool
    private let keyValue: MetricDescriptor
    private let value: MetricDescriptor

    /// - Parameter redacts: leave out settings that hold a password.
    init(_ namespace: String, redacts: Bool) {
        self.redacts = redacts
        keyValue = MetricDescriptor(
            "\(namespace)_sentinel_config_key_value", "A setting of the Sentinel and its value, as labels.",
            kind: .gauge)
        value = MetricDescriptor(
            "\(namespace)_sentinel_config_value", "Value of a numeric setting of the Sentinel.", kind: .gauge)
    }

    var metrics: [MetricDescriptor] { [keyValue, value] }

    func questions(for server: RedisServer) -> [RedisCommand] {
        server.isSentinel && server.isAtLeast(ServerVersion(6, 2)) ? [["SENTINEL", "CONFIG", "GET", "*"]] : []
    }

    func decode(
        _ replies: [Reply<RedisValue>], from server: RedisServer, into sink: inout MetricSink
    ) throws(CollectorError) {
        guard let reply = replies.first else { return }
        _ = try reply.list("SENTINEL CONFIG GET")
        guard let config = ConfigReply(replies) else { return }
        for (name, text) in config.pairs where !(redacts && name.hasSuffix("-pass")) {
            sink.add(keyValue, 1, LabelSet(["key": name, "value": text]))
            sink.add(value, Double(text).flatMap { $0.isFinite ? $0 : nil }, LabelSet(["key": name]))
        }
    }
}
