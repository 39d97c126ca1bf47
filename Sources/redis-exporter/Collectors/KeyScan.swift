internal import ExporterKit
internal import RedisClient

/// How the walks over the keys go. Nothing unless there is something to walk for.
struct KeyScanCollector: Collector {
    typealias Session = RedisSession

    let descriptor = CollectorDescriptor("key_scan", "Age, duration and outcome of the walks over the keys.")
    private let age: MetricDescriptor
    private let duration: MetricDescriptor
    private let keys: MetricDescriptor
    private let commands: MetricDescriptor
    private let isCut: MetricDescriptor
    private let walks: MetricDescriptor
    private let omitted: MetricDescriptor

    init(_ namespace: String) {
        func metric(_ name: String, _ kind: MetricKind, _ help: String) -> MetricDescriptor {
            MetricDescriptor(
                "\(namespace)_key_scan_\(name)", help, kind: kind, unit: name.hasSuffix("seconds") ? "seconds" : nil)
        }
        age = metric("age_seconds", .gauge, "Time since the end of the last finished walk, which other metrics show.")
        duration = metric("duration_seconds", .gauge, "Time the last finished walk took, pauses included.")
        keys = metric("keys", .gauge, "Keys that the last finished walk saw.")
        commands = metric("commands", .gauge, "Commands that the last finished walk sent.")
        isCut = metric("cut", .gauge, "Whether the latest walk was given up because its time was over.")
        walks = metric("walks_total", .counter, "Walks since the exporter started, by how they ended.")
        omitted = metric(
            "omitted_keys_total", .counter, "Keys and streams that got no series because of --max-check-keys.")
    }

    var metrics: [MetricDescriptor] { [age, duration, keys, commands, isCut, walks, omitted] }

    func collect(
        from session: RedisSession, until deadline: Deadline, into sink: inout MetricSink
    ) async throws(CollectorError) {
        guard let scanner = session.keys, scanner.options.needsWalk, !session.server.isSentinel else { return }
        let record = scanner.record
        if let walk = record.last {
            sink.add(age, max(0, walk.ended.duration(to: .now).seconds))
            sink.add(duration, walk.duration.seconds)
            sink.add(keys, Double(walk.results.seen))
            sink.add(commands, Double(walk.commands))
        }
        sink.add(isCut, record.failure?.reason == .timeout ? 1 : 0)
        for (outcome, count) in [("finished", record.finished), ("cut", record.cut), ("failed", record.failed)] {
            sink.add(walks, Double(count), LabelSet(["outcome": outcome]))
        }
        sink.add(omitted, Double(record.omitted))
        if let failure = record.failure { throw failure }
    }
}
