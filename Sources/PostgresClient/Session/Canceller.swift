internal import Synchronization

/// Sends cancel requests, each on a thread of its own because a stopped server never answers one; at most one at a
/// time.
final class Canceller: Sendable {
    private let state = Mutex(State())
    private let done: @Sendable () -> Void

    private struct State {
        var isBusy = false
        var mayRepeat: ContinuousClock.Instant?
        var pause = Canceller.shortestPause
    }

    /// Each request stops one statement and several may be under way, so it is repeated soon; ever later while nothing
    /// comes of it.
    private static let shortestPause = Duration.milliseconds(100)
    private static let longestPause = Duration.seconds(2)

    /// - Parameter done: called on some thread when a request has gone through or failed.
    init(done: @escaping @Sendable () -> Void) {
        self.done = done
    }

    /// True while a request is under way: its signal may still hit the server process.
    var isBusy: Bool { state.withLock { $0.isBusy } }

    /// From when another request makes sense; `nil` while one is under way.
    var mayRepeat: ContinuousClock.Instant? { state.withLock { $0.isBusy ? nil : $0.mayRepeat } }

    /// A statement has ended: the next one is cancelled soon again.
    func noteProgress() { state.withLock { $0.pause = Self.shortestPause } }

    /// Sends a request unless one is under way.
    func send(_ request: PGCancel?) {
        let isFree = state.withLock { state in
            guard !state.isBusy else { return false }
            state.isBusy = request != nil
            state.mayRepeat = .now + state.pause
            return request != nil
        }
        guard isFree, let request else { return }
        let isStarted = OSThread.start { [self] in
            request.send()
            finish()
        }
        if !isStarted { finish() }
    }

    private func finish() {
        state.withLock { state in
            state.isBusy = false
            state.mayRepeat = .now + state.pause
            state.pause = min(state.pause * 2, Self.longestPause)
        }
        done()
    }
}
