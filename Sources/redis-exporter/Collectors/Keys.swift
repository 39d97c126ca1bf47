internal import ExporterKit
internal import RedisClient

/// Sizes and values of keys, and counts of keys: those named are asked in the scrape, those found by patterns are of the
/// last walk.
struct KeysCollector: Collector {
    typealias Session = RedisSession

    let descriptor = CollectorDescriptor(
        "keys", "Sizes and values of keys, and counts of keys by pattern; nothing unless keys are asked for.")
    private let keys: KeyMetrics

    init(_ namespace: String) {
        keys = KeyMetrics(namespace)
    }

    var metrics: [MetricDescriptor] { keys.all }

    func collect(
        from session: RedisSession, until deadline: Deadline, into sink: inout MetricSink
    ) async throws(CollectorError) {
        guard let scanner = session.keys, !session.server.isSentinel else { return }
        var troubles: [CollectorError] = []
        if scanner.asksInScrapes(session.server) {
            let options = scanner.options
            let wish = KeyProbe.Wish(hidesValues: options.hidesValues, longest: options.maxValue)
            var probes = options.singleKeys.map { KeyProbe($0, wish) }
            var asker = SessionAsker(session: session, deadline: deadline)
            try await asker.settle(&probes)
            for probe in probes {
                keys.add(probe, zeroForMissing: !options.skipsMissing, into: &sink)
                if let trouble = probe.trouble { troubles.append(trouble) }
            }
        }
        if let results = try await scanner.results(until: deadline) {
            results.keys.families.forEach { sink.add($0) }
            troubles += results.troubles
        }
        if let first = troubles.first { throw first }
    }
}

extension KeyScanner {
    /// True when keys and streams with a name are asked for in the scrape itself: not those of a cluster, which are spread
    /// over its nodes, and not on a primary that is to be left alone.
    func asksInScrapes(_ server: RedisServer) -> Bool {
        !options.isCluster && (!options.skipsPrimaries || server.role == "slave")
    }
}
