/// What can be told how long something took.
public protocol DurationObserver: AnyObject, Sendable {
    /// Counts a duration.
    func observe(_ duration: Duration)
}

extension Histogram: DurationObserver {}
extension Summary: DurationObserver {}

extension DurationObserver {
    /// Runs the work and counts how long it took, also when it throws.
    public func time<Result, Failure: Error>(_ work: () throws(Failure) -> Result) throws(Failure) -> Result {
        let began = ContinuousClock.now
        defer { observe(began.duration(to: .now)) }
        return try work()
    }

    /// Runs the work and counts how long it took, also when it throws or is cancelled.
    public func time<Result, Failure: Error>(
        _ work: () async throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        let began = ContinuousClock.now
        defer { observe(began.duration(to: .now)) }
        return try await work()
    }
}
