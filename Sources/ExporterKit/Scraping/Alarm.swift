internal import Synchronization

/// Calls back when deadlines are over. One task sleeps for all of them.
///
/// A sleep that is cancelled holds its memory until it would have ended: one for each call of a busy server is a leak.
final class Alarm: Sendable {
    private struct State {
        var calls: [UInt64: (deadline: Deadline, action: @Sendable () -> Void)] = [:]
        /// When the next sleeper wakes up.
        var wakesAt: Deadline?
        var lastID: UInt64 = 0
    }

    private let state = Mutex(State())

    /// Calls once when the deadline is over, unless it is taken back before.
    ///
    /// - Returns: what `cancel` wants.
    func set(_ deadline: Deadline, _ action: @escaping @Sendable () -> Void) -> UInt64 {
        let (id, sleeps) = state.withLock { state in
            state.lastID += 1
            state.calls[state.lastID] = (deadline, action)
            let isFirst = state.wakesAt.map { deadline < $0 } ?? true
            if isFirst { state.wakesAt = deadline }
            return (state.lastID, isFirst)
        }
        if sleeps { sleep(until: deadline) }
        return id
    }

    /// Takes a call back. One that is being made is not stopped.
    func cancel(_ id: UInt64) {
        state.withLock { _ = $0.calls.removeValue(forKey: id) }
    }

    private func sleep(until deadline: Deadline) {
        Task {
            try? await Task.sleep(until: deadline.instant, clock: .continuous)
            self.wake(at: deadline)
        }
    }

    private func wake(at deadline: Deadline) {
        let (due, next) = state.withLock { state -> ([@Sendable () -> Void], Deadline?) in
            let due = state.calls.filter { $0.value.deadline <= deadline }
            for id in due.keys { state.calls[id] = nil }
            // Another sleeper wakes earlier than what is left; it goes on from there.
            guard state.wakesAt == deadline else { return (due.values.map(\.action), nil) }
            state.wakesAt = state.calls.values.map(\.deadline).min()
            return (due.values.map(\.action), state.wakesAt)
        }
        due.forEach { $0() }
        if let next { sleep(until: next) }
    }
}
