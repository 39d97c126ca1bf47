internal import ExporterKit
internal import Synchronization

/// How often and how many at once a source may be asked. One per source: one that hangs keeps its own places busy and
/// nobody else's.
final class RequestGate: Sendable {
    private struct State {
        /// When the next request may start, by the rate.
        var next: ContinuousClock.Instant?
        /// The source itself asked for a pause until then.
        var pausedUntil: ContinuousClock.Instant?
    }
    /// Time between two requests; `nil` for no limit.
    private let spacing: Duration?
    private let places: Pool<Int>
    private let state = Mutex(State())

    /// A pause that a server asks for counts at most this long.
    static let longestPause = Duration.seconds(3_600)

    init(rate: Double?, width: Int) {
        spacing = rate.map { .seconds(1 / $0) }
        places = Pool(Array(0..<width))
    }

    /// Runs the body when it is its turn.
    ///
    /// - Parameter waited: told the time spent waiting for the rate.
    /// - Throws: when the turn would not come before the deadline.
    func pass<Output: Sendable>(
        until deadline: ContinuousClock.Instant, waited: (Duration) -> Void,
        _ body: () async throws(CollectorError) -> Output
    ) async throws(CollectorError) -> Output {
        try await places.with(until: deadline) { _ throws(CollectorError) in
            let began = ContinuousClock.now
            let turn = try reserve(from: began, until: deadline)
            if turn > began {
                do { try await Task.sleep(until: turn, clock: .continuous) } catch {
                    throw CollectorError(.cancelled, "nobody waits for the answer any more")
                }
                waited(began.duration(to: .now))
            }
            return try await body()
        }
    }

    /// Keeps everybody away for a while.
    func pause(_ duration: Duration) {
        let end = ContinuousClock.now.advanced(by: min(duration, Self.longestPause))
        state.withLock { state in state.pausedUntil = max(state.pausedUntil ?? end, end) }
    }

    /// A turn, which is taken from those behind only when it comes in time.
    private func reserve(
        from now: ContinuousClock.Instant, until deadline: ContinuousClock.Instant
    ) throws(CollectorError) -> ContinuousClock.Instant {
        let outcome = state.withLock { state -> Result<ContinuousClock.Instant, CollectorError> in
            if let end = state.pausedUntil, end >= deadline {
                let left = now.duration(to: end).components.seconds + 1
                return .failure(
                    CollectorError(.query, "the server asked for a pause (Retry-After); it is asked again in \(left) s")
                )
            }
            let turn = max(now, state.next ?? now, state.pausedUntil ?? now)
            guard turn < deadline else {
                return .failure(
                    CollectorError(.timeout, "too many requests for the source's rate; raise rate or the interval"))
            }
            if let spacing { state.next = turn.advanced(by: spacing) }
            return .success(turn)
        }
        return try outcome.get()
    }
}
