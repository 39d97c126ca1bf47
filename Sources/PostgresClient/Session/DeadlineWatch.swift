internal import Synchronization

/// Calls when deadlines of one connection's jobs are over. One task sleeps for all of them.
///
/// A sleep holds its memory until it would have ended, also when it is cancelled: one for each job would add up to all
/// jobs of the last seconds.
final class DeadlineWatch: Sendable {
    private struct State {
        var calls: [UInt64: (deadline: ContinuousClock.Instant, action: @Sendable () -> Void)] = [:]
        /// When the next sleeper wakes up.
        var wakesAt: ContinuousClock.Instant?
        var lastCall: UInt64 = 0
    }

    private let state = Mutex(State())

    /// Calls once at the deadline, unless the call is taken back before.
    ///
    /// - Returns: what `takeBack` wants.
    func call(at deadline: ContinuousClock.Instant, _ action: @escaping @Sendable () -> Void) -> UInt64 {
        let (call, sleeps) = state.withLock { state in
            state.lastCall += 1
            state.calls[state.lastCall] = (deadline, action)
            let isFirst = state.wakesAt.map { deadline < $0 } ?? true
            if isFirst { state.wakesAt = deadline }
            return (state.lastCall, isFirst)
        }
        if sleeps { sleep(until: deadline) }
        return call
    }

    /// A call that is being made is not stopped.
    func takeBack(_ call: UInt64) {
        state.withLock { _ = $0.calls.removeValue(forKey: call) }
    }

    /// The watch may go meanwhile: then nobody waits.
    private func sleep(until deadline: ContinuousClock.Instant) {
        Task { [weak self] in
            try? await Task.sleep(until: deadline, clock: .continuous)
            self?.wake(at: deadline)
        }
    }

    private func wake(at deadline: ContinuousClock.Instant) {
        let (due, next) = state.withLock { state -> ([@Sendable () -> Void], ContinuousClock.Instant?) in
            let due = state.calls.filter { $0.value.deadline <= deadline }
            for call in due.keys { state.calls[call] = nil }
            // Another sleeper wakes earlier than what is left, and goes on from there.
            guard state.wakesAt == deadline else { return (due.values.map(\.action), nil) }
            state.wakesAt = state.calls.values.map(\.deadline).min()
            return (due.values.map(\.action), state.wakesAt)
        }
        due.forEach { $0() }
        if let next { sleep(until: next) }
    }
}
