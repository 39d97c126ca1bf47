/// How a scrape of one server went: what an exporter makes its own `up` and `last_scrape` metrics from.
public struct ScrapeReport: Sendable {
    /// Whether a session could be had.
    public let session: Result<Void, CollectorError>
    /// Time to open or reuse the session.
    public let connecting: Duration
    /// Time of the whole scrape.
    public let duration: Duration
    /// Scrapes since start, this one included.
    public let count: UInt64
    /// Outcomes in list order; none when there was no session.
    public let outcomes: [(collector: CollectorDescriptor, outcome: CollectorOutcome)]

    /// 1 when the server was reached, else 0.
    public var up: Double {
        if case .success = session { 1 } else { 0 }
    }

    /// The first thing that went wrong, if any.
    public var firstError: CollectorError? {
        if case .failure(let error) = session { return error }
        return outcomes.lazy.compactMap(\.outcome.error).first { $0.reason != .noData }
    }
}
