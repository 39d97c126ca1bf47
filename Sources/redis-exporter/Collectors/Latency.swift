internal import ExporterKit
internal import RedisClient

/// `LATENCY LATEST`: events that took longer than `latency-monitor-threshold`.
/// Source: https://redis.io/docs/latest/commands/latency-latest/
struct LatencyCollector: QueryCollector {
    typealias Session = RedisSession

    let descriptor = CollectorDescriptor("latency", "Latest latency spike per event, from LATENCY LATEST.")
    private let last: MetricDescriptor
    private let duration: MetricDescriptor
    private let longest: MetricDescriptor

    init(_ namespace: String) {
        last = MetricDescriptor(
            "\(namespace)_latency_spike_last", "When the latest spike of the event was, as seconds since 1970.",
            kind: .gauge)
        duration = MetricDescriptor(
            "\(namespace)_latency_spike_duration_seconds", "Time the latest spike of the event took.", kind: .gauge,
            unit: "seconds")
        longest = MetricDescriptor(
            "\(namespace)_latency_spike_longest_seconds",
            "Time the longest spike of the event took since the last reset.", kind: .gauge, unit: "seconds")
    }

    var metrics: [MetricDescriptor] { [last, duration, longest] }

    func questions(for server: RedisServer) -> [RedisCommand] { server.isSentinel ? [] : [["LATENCY", "LATEST"]] }

    func decode(
        _ replies: [Reply<RedisValue>], from server: RedisServer, into sink: inout MetricSink
    ) throws(CollectorError) {
        guard let reply = replies.first else { return }
        for event in try reply.list("LATENCY LATEST") {
            guard let parts = event.array, parts.count > 2, let name = parts[0].text else { continue }
            let labels = LabelSet(["event_name": name])
            sink.add(last, parts[1].number, labels)
            sink.add(duration, parts[2].number.map { $0 / 1_000 }, labels)
            guard parts.count > 3 else { continue }
            sink.add(longest, parts[3].number.map { $0 / 1_000 }, labels)
        }
    }
}
