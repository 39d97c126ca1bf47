internal import ExporterKit
internal import RedisClient

/// `HOTKEYS GET` of Redis 8.6: the keys that took the most CPU time and traffic since someone said `HOTKEYS START`. The
/// exporter reads only; it starts and stops nothing.
/// Source: https://redis.io/docs/latest/commands/hotkeys-get/
struct HotkeysCollector: QueryCollector {
    typealias Session = RedisSession

    let descriptor = CollectorDescriptor(
        "hotkeys", "Hottest keys of the tracking that HOTKEYS START began.", enabledByDefault: false)
    private let limit: Int
    private let session: ReplyRecords
    private let cpu: MetricDescriptor
    private let traffic: MetricDescriptor

    /// - Parameter limit: most keys to tell, of those the server gives.
    init(_ namespace: String, limit: Int) {
        self.limit = limit
        session = ReplyRecords(namespace, Self.rows)
        cpu = MetricDescriptor(
            "\(namespace)_hotkeys_cpu_seconds", "CPU time spent on the key since tracking began, about.", kind: .gauge,
            unit: "seconds")
        traffic = MetricDescriptor(
            "\(namespace)_hotkeys_network_bytes", "Bytes received and sent for the key since tracking began, about.",
            kind: .gauge, unit: "bytes")
    }

    var metrics: [MetricDescriptor] { session.descriptors + [cpu, traffic] }

    func questions(for server: RedisServer) -> [RedisCommand] {
        server.isRedis(ServerVersion(8, 6)) && !server.isSentinel ? [["HOTKEYS", "GET"]] : []
    }

    func decode(
        _ replies: [Reply<RedisValue>], from server: RedisServer, into sink: inout MetricSink
    ) throws(CollectorError) {
        guard let reply = replies.first else { return }
        let answer = try reply.result.get()
        // Nothing was ever tracked.
        guard answer != .null, answer != .array([]) else { return }
        // One session, or a list of the one session.
        let isNested = answer.array?.first?.array != nil
        guard let record = ReplyRecord(isNested ? answer.array?.first ?? answer : answer) else {
            throw CollectorError(.decode, "HOTKEYS GET: the answer is no list")
        }
        session.read([([], record)], into: &sink)
        add(record["by-cpu-time-us"], as: cpu, in: .microseconds, into: &sink)
        add(record["by-net-bytes"], as: traffic, in: .base, into: &sink)
    }

    private func add(
        _ keys: RedisValue?, as metric: MetricDescriptor, in unit: SourceUnit, into sink: inout MetricSink
    ) {
        for (name, value) in (keys?.pairs ?? []).prefix(limit) {
            sink.add(metric, value.number.map(unit.toBase), LabelSet(["key": name]))
        }
    }

    private static let rows: [MetricRow] = [
        .gauge("tracking-active", as: "hotkeys_tracking_active", "Whether hot keys are being tracked."),
        .gauge("sample-ratio", as: "hotkeys_sample_ratio", "One of so many commands is looked at."),
        .gauge(
            "collection-start-time-unix-ms", as: "hotkeys_start_timestamp_seconds",
            "When tracking began, as seconds since 1970.", in: .milliseconds),
        .gauge(
            "collection-duration-ms", as: "hotkeys_duration_seconds", "Seconds that were tracked.", in: .milliseconds),
        .gauge(
            "all-commands-all-slots-us", as: "hotkeys_all_cpu_seconds",
            "CPU time of all commands while hot keys were tracked.", in: .microseconds),
        .gauge(
            "net-bytes-all-commands-all-slots", as: "hotkeys_all_network_bytes",
            "Bytes received and sent for all commands while hot keys were tracked."),
    ]
}
