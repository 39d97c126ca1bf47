internal import Synchronization

/// Lets equal requests that come while one is being worked on share its result, and bounds how many run at once.
///
/// The work runs in a task of its own because it outlives the request that began it when others have joined; it is
/// cancelled when the last one who waits has gone.
final class SingleFlight<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    /// More different requests than allowed are running.
    struct Full: Error {}

    private struct Flight {
        let key: Key
        let deadline: Deadline
        let task: Task<Value, Never>
        var waiters = 1
    }

    private struct State {
        /// Every flight that somebody waits for.
        var flights: [UInt64: Flight] = [:]
        /// The one of each key that others may join.
        var open: [Key: UInt64] = [:]
        var running = 0
        var lastID: UInt64 = 0

        /// Closes a flight to others.
        mutating func close(_ id: UInt64, _ key: Key) {
            if open[key] == id { open[key] = nil }
        }
    }

    private let state = Mutex(State())
    private let limit: Int

    /// - Parameter limit: how many may run at once; 0 for no limit.
    init(limit: Int) {
        self.limit = limit
    }

    /// Joins the running work of this key, or starts it.
    ///
    /// Work that will end later than the caller can wait is not joined.
    ///
    /// - Parameter executor: where the work runs; `nil` for anywhere.
    /// - Throws: `Full` when nothing can be joined and nothing more started.
    func run(
        _ key: Key, until deadline: Deadline, on executor: (any TaskExecutor)? = nil,
        _ work: @escaping @Sendable () async -> Value
    ) async throws(Full) -> Value {
        let seat = state.withLock { state in board(key, deadline, &state, executor, work) }
        guard let seat else { throw Full() }
        return await withTaskCancellationHandler {
            await seat.task.value
        } onCancel: {
            leave(seat.id)
        }
    }

    private func board(
        _ key: Key, _ deadline: Deadline, _ state: inout State, _ executor: (any TaskExecutor)?,
        _ work: @escaping @Sendable () async -> Value
    ) -> (id: UInt64, task: Task<Value, Never>)? {
        if let id = state.open[key], let flight = state.flights[id], flight.deadline <= deadline {
            state.flights[id]?.waiters += 1
            return (id, flight.task)
        }
        guard limit == 0 || state.running < limit else { return nil }
        state.lastID += 1
        state.running += 1
        let id = state.lastID
        let task = Task(executorPreference: executor) {
            let value = await work()
            self.land(id)
            return value
        }
        state.flights[id] = Flight(key: key, deadline: deadline, task: task)
        state.open[key] = id
        return (id, task)
    }

    private func land(_ id: UInt64) {
        state.withLock { state in
            state.running -= 1
            if let flight = state.flights.removeValue(forKey: id) { state.close(id, flight.key) }
        }
    }

    private func leave(_ id: UInt64) {
        let abandoned = state.withLock { state -> Task<Value, Never>? in
            guard let flight = state.flights[id] else { return nil }
            state.flights[id]?.waiters -= 1
            guard flight.waiters == 1 else { return nil }
            state.flights[id] = nil
            state.close(id, flight.key)
            return flight.task
        }
        abandoned?.cancel()
    }
}
