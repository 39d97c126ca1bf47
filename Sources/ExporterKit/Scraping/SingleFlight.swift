internal import Synchronization

/// Lets equal requests that come while one is being worked on share its result, and bounds how many run at once.
///
/// The work runs in a task of its own because it outlives the request that began it when others have joined; it is
/// cancelled when the last one who waits has gone.
final class SingleFlight<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    /// More different requests than allowed are running.
    struct Full: Error {}

    private struct Flight {
        let id: UInt64
        let deadline: Deadline
        let task: Task<Value, Never>
        var waiters: Int
    }

    private struct State {
        var flights: [Key: Flight] = [:]
        var running = 0
        var nextID: UInt64 = 0
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
    /// - Throws: `Full` when nothing can be joined and nothing more started.
    func run(
        _ key: Key, until deadline: Deadline, _ work: @escaping @Sendable () async -> Value
    ) async throws(Full) -> Value {
        let flight = state.withLock { state in board(key, deadline, &state, work) }
        guard let flight else { throw Full() }
        return await withTaskCancellationHandler {
            await flight.task.value
        } onCancel: {
            leave(key, flight.id)
        }
    }

    private func board(
        _ key: Key, _ deadline: Deadline, _ state: inout State, _ work: @escaping @Sendable () async -> Value
    ) -> Flight? {
        if let flight = state.flights[key], flight.deadline <= deadline {
            state.flights[key]?.waiters += 1
            return flight
        }
        guard limit == 0 || state.running < limit else { return nil }
        state.nextID += 1
        state.running += 1
        let id = state.nextID
        let task = Task {
            let value = await work()
            self.land(key, id)
            return value
        }
        let flight = Flight(id: id, deadline: deadline, task: task, waiters: 1)
        state.flights[key] = flight
        return flight
    }

    private func land(_ key: Key, _ id: UInt64) {
        state.withLock { state in
            state.running -= 1
            if state.flights[key]?.id == id { state.flights[key] = nil }
        }
    }

    private func leave(_ key: Key, _ id: UInt64) {
        let abandoned = state.withLock { state -> Task<Value, Never>? in
            guard var flight = state.flights[key], flight.id == id else { return nil }
            flight.waiters -= 1
            state.flights[key] = flight.waiters > 0 ? flight : nil
            return flight.waiters > 0 ? nil : flight.task
        }
        abandoned?.cancel()
    }
}
