/// A change of state worth one log line.
public struct TroubleEvent: Sendable {
    /// Collector, or `nil` for the session.
    public let collector: String?
    /// What is wrong now; `nil` when all is well again.
    public let error: CollectorError?
}

/// Remembers what is wrong, so that a log tells of changes and not of scrapes.
struct TroubleBook {
    private var session: CollectorError.Reason?
    private var collectors: [String: CollectorError.Reason] = [:]

    /// Takes the outcome of a scrape.
    ///
    /// - Returns: what began, changed its cause or ended. A scrape whose client hung up says nothing about the server.
    mutating func note(_ scrape: ScrapeReport) -> [TroubleEvent] {
        var events: [TroubleEvent] = []
        switch scrape.session {
        case .failure(let error):
            guard error.reason != .cancelled else { return [] }
            if session != error.reason { events.append(TroubleEvent(collector: nil, error: error)) }
            session = error.reason
        case .success:
            if session != nil { events.append(TroubleEvent(collector: nil, error: nil)) }
            session = nil
        }
        for (collector, outcome) in scrape.outcomes where outcome.error?.reason != .cancelled {
            let name = collector.name
            let reason = outcome.error?.reason == .noData ? nil : outcome.error?.reason
            // All is well as a rule, and then nothing needs to be looked up.
            if reason == nil, collectors.isEmpty { continue }
            if collectors[name] != reason {
                events.append(TroubleEvent(collector: name, error: reason == nil ? nil : outcome.error))
            }
            collectors[name] = reason
        }
        return events
    }
}
