internal import ExporterKit

/// Section `Server`, and the facts about the instance as labels.
struct ServerCollector: InfoCollector {
    typealias Session = RedisSession

    let descriptor = CollectorDescriptor("server", "Uptime, identity and threads, from INFO section Server.")
    private let fields: InfoFields
    private let start: MetricDescriptor
    private let identity: MetricDescriptor

    init(_ namespace: String) {
        fields = InfoFields(namespace, Self.rows)
        start = MetricDescriptor(
            "\(namespace)_start_time_seconds", "When the server was started, as seconds since 1970.", kind: .gauge,
            unit: "seconds")
        identity = MetricDescriptor(
            "\(namespace)_instance_info", "Version, mode, role and identity of the server, as labels.", kind: .gauge)
    }

    var metrics: [MetricDescriptor] { fields.descriptors + [start, identity] }
    var infoFields: [String] { fields.names }

    func decode(_ info: InfoDocument, into sink: inout MetricSink) {
        fields.read(info, into: &sink)
        sink.add(start, Self.startTime(info))
        guard info.text("redis_version") != nil || info.text("run_id") != nil else { return }
        sink.add(identity, 1, Self.labels(info))
    }

    /// The server's own clock counts uptime in whole seconds; taken from that clock, the difference stands still.
    private static func startTime(_ info: InfoDocument) -> Double? {
        guard let uptime = info.number("uptime_in_seconds") else { return nil }
        return (info.serverTime ?? WallClock.now) - uptime
    }

    private static func labels(_ info: InfoDocument) -> LabelSet {
        func value(_ field: Substring) -> String { String(info.text(field) ?? "") }
        var pairs = always.map { (name: String($0), value: value($0)) }
        pairs.append(("redis_mode", String(info.text("redis_mode") ?? info.text("server_mode") ?? "")))
        for name in whenGiven {
            if let given = info.text(name), !given.isEmpty { pairs.append((String(name), String(given))) }
        }
        return LabelSet(checking: pairs) ?? .empty
    }

    private static let always: [Substring] = [
        "role", "redis_version", "redis_build_id", "os", "maxmemory_policy", "tcp_port", "run_id", "process_id",
        "master_replid",
    ]
    private static let whenGiven: [Substring] = ["valkey_version", "valkey_release_stage", "availability_zone"]

    private static let rows: [MetricRow] = [
        .gauge("uptime_in_seconds", "Seconds since the server was started."),
        .gauge("process_id", "Process ID of the server on its machine."),
        .gauge("hz", "Runs per second of the background tasks, as the server has set it for itself."),
        .gauge("configured_hz", "Runs per second of the background tasks, as configured."),
        .gauge("clients_hz", "Runs per second of the background tasks for clients; Valkey only."),
        .gauge(
            "shutdown_in_milliseconds", as: "shutdown_in_seconds",
            "Seconds that replicas are still given before the server ends; only while it does.", in: .milliseconds),
        .gauge("io_threads_active", "Whether I/O threads are at work."),
    ]
}
