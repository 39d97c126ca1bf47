internal import ExporterKit
internal import RedisClient

/// Streams, their groups and consumers: those named are asked in the scrape, those found by patterns are of the last walk.
struct StreamsCollector: Collector {
    typealias Session = RedisSession

    let descriptor = CollectorDescriptor(
        "streams", "Streams, their groups and consumers, from XINFO; nothing unless streams are asked for.")
    private let streams: StreamMetrics

    init(_ namespace: String) {
        streams = StreamMetrics(namespace)
    }

    var metrics: [MetricDescriptor] { streams.all }

    func collect(
        from session: RedisSession, until deadline: Deadline, into sink: inout MetricSink
    ) async throws(CollectorError) {
        guard let scanner = session.keys, !session.server.isSentinel else { return }
        var troubles: [CollectorError] = []
        if scanner.asksInScrapes(session.server) {
            let wish = StreamProbe.Wish(
                includesConsumers: !scanner.options.excludesConsumers, includesNacks: session.server.tellsNacks)
            var probes = scanner.options.singleStreams.map { StreamProbe($0, wish) }
            var asker = SessionAsker(session: session, deadline: deadline)
            try await asker.settle(&probes)
            for probe in probes {
                streams.add(probe, into: &sink)
                if let trouble = probe.trouble { troubles.append(trouble) }
            }
        }
        if let results = try await scanner.results(until: deadline) {
            results.streams.families.forEach { sink.add($0) }
        }
        if let first = troubles.first { throw first }
    }
}
