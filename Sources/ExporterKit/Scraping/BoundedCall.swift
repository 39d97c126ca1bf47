internal import Synchronization

/// Work that is waited for until a deadline and no longer, whether it heeds its cancellation or not.
///
/// It runs in a task of its own because nobody may have to wait for it to end.
final class BoundedCall<Value: Sendable>: Sendable {
    private enum State {
        case running
        case awaited(CheckedContinuation<Value?, Never>)
        case ended(Value)
        case abandoned
    }

    private let state = Mutex(State.running)
    private let alarm: Alarm
    private let late: LateCalls?
    private let task = Mutex<Task<Void, Never>?>(nil)

    /// Starts the work.
    ///
    /// - Parameters:
    ///   - alarm: tells when a deadline is over.
    ///   - executor: where the work runs; `nil` for anywhere.
    ///   - late: counts the work for as long as it goes on after nobody waits for it any more.
    init(
        _ alarm: Alarm, late: LateCalls? = nil, on executor: (any TaskExecutor)? = nil,
        _ work: @escaping @Sendable () async -> Value
    ) {
        self.alarm = alarm
        self.late = late
        let task = Task(executorPreference: executor) { self.end(await work()) }
        self.task.withLock { $0 = task }
    }

    /// The result; called once.
    ///
    /// - Returns: `nil` when there is none by the deadline, or soon after the surrounding task was cancelled. The work is
    ///   cancelled then.
    func value(until deadline: Deadline) async -> Value? {
        if let ready { return ready }
        let call = alarm.set(deadline) { self.abandon() }
        defer { alarm.cancel(call) }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { self.wait($0) }
        } onCancel: {
            task.withLock { $0 }?.cancel()
            // Time to leave in good order.
            _ = alarm.set(min(deadline, .after(.milliseconds(500)))) { self.abandon() }
        }
    }

    private var ready: Value? {
        state.withLock { state in
            if case .ended(let value) = state { value } else { nil }
        }
    }

    private func wait(_ continuation: CheckedContinuation<Value?, Never>) {
        let value: Value?? = state.withLock { state in
            switch state {
            case .ended(let value): return value
            case .abandoned, .awaited: return .some(nil)
            case .running:
                state = .awaited(continuation)
                return .none
            }
        }
        if let value { continuation.resume(returning: value) }
    }

    private func end(_ value: Value) {
        state.withLock { state in
            switch state {
            case .running: state = .ended(value)
            case .awaited(let continuation):
                state = .ended(value)
                continuation.resume(returning: value)
            case .ended: break
            case .abandoned: late?.count.subtract(1, ordering: .relaxed)
            }
        }
    }

    private func abandon() {
        state.withLock { state in
            let before = state
            switch before {
            case .ended, .abandoned: return
            case .awaited, .running: state = .abandoned
            }
            late?.count.add(1, ordering: .relaxed)
            // Counted first: who resumes may at once want to know whether to ask again.
            if case .awaited(let continuation) = before { continuation.resume(returning: nil) }
        }
        task.withLock { $0 }?.cancel()
    }
}

/// Calls to one party that go on although nobody waits for them any more.
final class LateCalls: Sendable {
    fileprivate let count = Atomic<Int>(0)

    /// True while there is one: to ask again would only pile up.
    var isAny: Bool { count.load(ordering: .relaxed) > 0 }
}
