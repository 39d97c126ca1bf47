internal import ExporterKit

/// A source that is asked for no longer than a given time, whatever the request allows.
struct CappedSource: MetricSource {
    private let source: any MetricSource
    private let limit: Duration

    init(_ source: any MetricSource, at limit: Duration) {
        self.source = source
        self.limit = limit
    }

    var collectors: [CollectorStatus] { source.collectors }

    func families(for request: ScrapeRequest) async -> [MetricFamily] {
        let deadline = min(request.deadline, .after(limit))
        return await source.families(for: ScrapeRequest(filter: request.filter, deadline: deadline))
    }
}

/// What is served when no server is named: `pg_up 0`.
struct NoServer: MetricSource {
    func families(for request: ScrapeRequest) async -> [MetricFamily] {
        let up = MetricDescriptor("pg_up", "Whether the server could be reached in this scrape.", kind: .gauge)
        return [MetricFamily(up, [Sample(0)])]
    }
}
