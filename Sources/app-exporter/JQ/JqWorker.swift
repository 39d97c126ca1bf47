internal import Dispatch
internal import ExporterKit
internal import Synchronization

/// Runs the expressions of one group on a queue of its own: an expression that never ends costs its own group only.
final class JqWorker: Sendable {
    private let queue: DispatchQueue
    private let busy = Atomic<Bool>(false)

    init(_ name: String) {
        queue = DispatchQueue(label: "jq.\(name)")
    }

    /// Runs the work and waits for it, not longer than the deadline. libjq cannot be interrupted: work that is given up
    /// goes on, and until it ends every further call fails.
    func run<Output: Sendable>(
        until deadline: ContinuousClock.Instant, _ work: @escaping @Sendable () -> Result<Output, CollectorError>
    ) async -> Result<Output, CollectorError> {
        guard !busy.exchange(true, ordering: .acquiringAndReleasing) else {
            return .failure(
                CollectorError(.timeout, "an earlier run of the jq expressions has not ended; make them simpler"))
        }
        let promise = Promise<Result<Output, CollectorError>>()
        queue.async { [self] in
            let result = work()
            busy.store(false, ordering: .releasing)
            promise.keep(result)
        }
        let late = CollectorError(.timeout, "the jq expressions took longer than the timeout; make them simpler")
        return await promise.value(until: deadline) ?? .failure(late)
    }
}
