internal import NIOCore
internal import Synchronization

/// The connections of a server, and the answers that are owed on them.
final class ConnectionBook: Sendable {
    private struct State {
        var connections: [ObjectIdentifier: any Channel] = [:]
        var answers = 0
        var isClosing = false
        var waiters: [UInt64: CheckedContinuation<Bool, Never>] = [:]
        var lastWaiter: UInt64 = 0
    }

    private let state = Mutex(State())
    private let limit: Int

    /// - Parameter limit: connections at once; 0 for no limit.
    init(limit: Int) {
        self.limit = limit
    }

    /// Notes a connection until it closes.
    ///
    /// - Returns: false when there are too many, or none is wanted any more.
    func admit(_ channel: any Channel) -> Bool {
        let key = ObjectIdentifier(channel)
        let isAdmitted = state.withLock { state in
            guard !state.isClosing, limit == 0 || state.connections.count < limit else { return false }
            state.connections[key] = channel
            return true
        }
        guard isAdmitted else { return false }
        channel.closeFuture.whenComplete { _ in self.state.withLock { $0.connections[key] = nil } }
        return true
    }

    /// True when each answer should be the last one of its connection.
    var isClosing: Bool { state.withLock { $0.isClosing } }

    /// From now on no connection is admitted.
    func beginClosing() {
        state.withLock { $0.isClosing = true }
    }

    /// Closes every connection, whatever is on it.
    func closeAll() {
        for channel in state.withLock({ Array($0.connections.values) }) { channel.close(promise: nil) }
    }

    /// An answer is owed.
    func answerBegan() {
        state.withLock { $0.answers += 1 }
    }

    /// An answer is out, or nobody can take it any more and nothing works for it.
    func answerEnded() {
        let waiters = state.withLock { state -> [CheckedContinuation<Bool, Never>] in
            state.answers -= 1
            guard state.answers == 0 else { return [] }
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        waiters.forEach { $0.resume(returning: true) }
    }

    /// Waits until no answer is owed.
    ///
    /// - Returns: false when one still was after this time.
    func untilIdle(_ time: Duration) async -> Bool {
        await withCheckedContinuation { continuation in
            let id = state.withLock { state -> UInt64? in
                guard state.answers > 0 else { return nil }
                state.lastWaiter += 1
                state.waiters[state.lastWaiter] = continuation
                return state.lastWaiter
            }
            guard let id else { return continuation.resume(returning: true) }
            // A task of its own: shutting down goes on in good order when the surrounding task has been cancelled.
            Task {
                try? await Task.sleep(for: time)
                self.state.withLock { $0.waiters.removeValue(forKey: id) }?.resume(returning: false)
            }
        }
    }
}
