internal import ExporterKit
internal import RedisClient

/// Keys and memory by groups of keys, as of the last walk.
struct KeyGroupsCollector: Collector {
    typealias Session = RedisSession

    let descriptor = CollectorDescriptor(
        "key_groups", "Keys and memory by groups of keys; nothing unless groups are asked for.")
    private let groups: KeyGroupMetrics

    init(_ namespace: String) {
        groups = KeyGroupMetrics(namespace)
    }

    var metrics: [MetricDescriptor] { groups.all }

    func collect(
        from session: RedisSession, until deadline: Deadline, into sink: inout MetricSink
    ) async throws(CollectorError) {
        guard !session.server.isSentinel else { return }
        guard let scanner = session.keys, !scanner.options.groups.isEmpty else {
            return groups.add(duration: .zero, into: &sink)
        }
        if let results = try await scanner.results(until: deadline) {
            results.groups.families.forEach { sink.add($0) }
        }
        if let walk = scanner.record.last { groups.add(duration: walk.duration, into: &sink) }
    }
}
