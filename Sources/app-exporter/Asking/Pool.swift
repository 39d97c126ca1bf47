internal import ExporterKit
internal import Synchronization

/// A fixed number of connections that tasks borrow one at a time, first come first served.
final class Pool<Element: Sendable>: Sendable {
    private struct State {
        var idle: [Element]
        var waiting: [Promise<Element>] = []
    }
    private let state: Mutex<State>
    /// All of them, for closing.
    let elements: [Element]

    init(_ elements: [Element]) {
        self.elements = elements
        self.state = Mutex(State(idle: elements))
    }

    /// Borrows an element for the time of the body.
    ///
    /// - Throws: `.timeout` when none was free by the deadline or the task was cancelled.
    func with<Output: Sendable>(
        until deadline: ContinuousClock.Instant, _ body: (Element) async throws(CollectorError) -> Output
    ) async throws(CollectorError) -> Output {
        guard let element = await borrow(until: deadline) else {
            throw CollectorError(
                .timeout, "all connections of the source were busy; raise max_connections or the interval")
        }
        defer { giveBack(element) }
        return try await body(element)
    }

    private func borrow(until deadline: ContinuousClock.Instant) async -> Element? {
        let promise = Promise<Element>()
        let free = state.withLock { state -> Element? in
            if let element = state.idle.popLast() { return element }
            state.waiting.append(promise)
            return nil
        }
        if let free { return free }
        let element = await promise.value(until: deadline)
        if element == nil { state.withLock { state in state.waiting.removeAll { $0 === promise } } }
        return element
    }

    private func giveBack(_ element: Element) {
        while true {
            let next = state.withLock { state -> Promise<Element>? in
                guard !state.waiting.isEmpty else {
                    state.idle.append(element)
                    return nil
                }
                return state.waiting.removeFirst()
            }
            // One that has just given up does not take it: ask the one behind.
            guard let next, !next.keep(element) else { return }
        }
    }
}
