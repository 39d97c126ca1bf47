internal import Synchronization

/// A value that one side gives once and the other waits for, up to a deadline.
final class Promise<Value: Sendable>: Sendable {
    private enum State {
        case open
        case awaited(CheckedContinuation<Value?, Never>)
        case done(Value?)
    }
    private let state = Mutex(State.open)

    /// Gives the value.
    ///
    /// - Returns: whether somebody has it or will; `false` when the wait is over.
    @discardableResult
    func keep(_ value: Value) -> Bool { settle(value) }

    /// Waits. To be called once.
    ///
    /// - Returns: `nil` when the deadline came first or the task was cancelled.
    func value(until deadline: ContinuousClock.Instant) async -> Value? {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                try? await Task.sleep(until: deadline, clock: .continuous)
                // Cancelled by the group below when the value was there first.
                self.settle(nil)
            }
            let value = await wait()
            group.cancelAll()
            return value
        }
    }

    private func wait() async -> Value? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                let ready: Value?? = state.withLock { state in
                    if case .done(let value) = state { return .some(value) }
                    state = .awaited(waiter)
                    return .none
                }
                if let ready { waiter.resume(returning: ready) }
            }
        } onCancel: {
            settle(nil)
        }
    }

    @discardableResult
    private func settle(_ value: Value?) -> Bool {
        let (isFirst, waiter) = state.withLock { state -> (Bool, CheckedContinuation<Value?, Never>?) in
            switch state {
            case .done: return (false, nil)
            case .open:
                state = .done(value)
                return (true, nil)
            case .awaited(let waiter):
                state = .done(value)
                return (true, waiter)
            }
        }
        waiter?.resume(returning: value)
        return isFirst
    }
}
