internal import Synchronization

/// One call of `connect` or `run`, from the task that waits for it to the thread that does it and back.
///
/// Whoever ends it first wins: the thread when all is answered, the waiting task when its deadline is over or it is
/// cancelled. What the thread still learns afterwards is dropped.
final class Job: Sendable {
    let statements: [Statement]
    let deadline: ContinuousClock.Instant
    private let state = Mutex(State())

    private struct State {
        var server: PostgresServer?
        var replies: [StatementReply] = []
        var lastAnswer = ContinuousClock.now
        /// Why the missing replies are missing; set with `isOver`.
        var failure: PostgresError?
        var isOver = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    /// What the caller gets.
    struct Outcome {
        var server: PostgresServer?
        var replies: [StatementReply]
        var failure: PostgresError?
    }

    init(_ statements: [Statement], until deadline: ContinuousClock.Instant) {
        self.statements = statements
        self.deadline = deadline
    }

    // MARK: - The thread's side

    var isOver: Bool { state.withLock { $0.isOver } }
    var hasReplies: Bool { state.withLock { !$0.replies.isEmpty } }

    /// The connection stands; statements are about to be sent.
    func opened(_ server: PostgresServer) {
        state.withLock { state in
            state.server = server
            state.lastAnswer = .now
        }
    }

    /// The session is as the statements need it: only now does their own time begin.
    func isSetUp() { state.withLock { $0.lastAnswer = .now } }

    /// The next statement is answered.
    func answered(_ result: Result<ResultTable, PostgresError>) {
        state.withLock { state in
            guard !state.isOver else { return }
            let now = ContinuousClock.now
            state.replies.append(StatementReply(result, took: state.lastAnswer.duration(to: now)))
            state.lastAnswer = now
        }
    }

    /// Nothing more will come.
    ///
    /// - Parameter failure: the reason for the replies that are missing.
    func end(_ failure: PostgresError? = nil) {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard !state.isOver else { return nil }
            state.isOver = true
            state.failure = failure
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    // MARK: - The task's side

    /// Waits for the end, which comes by the deadline at the latest, even when the thread is stuck in a blocking call.
    ///
    /// - Parameters:
    ///   - deadline: when to stop waiting.
    ///   - watch: looks at the deadline.
    ///   - late: the failure when the deadline ends the wait.
    ///   - cancelled: the failure when the task is cancelled.
    ///   - abandoned: called when either did, so that the thread looks up.
    @discardableResult
    func wait(
        until deadline: ContinuousClock.Instant, watch: DeadlineWatch,
        late: @escaping @Sendable () -> PostgresError, cancelled: @escaping @Sendable () -> PostgresError,
        abandoned: @escaping @Sendable () -> Void
    ) async -> Outcome {
        let call = watch.call(at: deadline) { [self] in
            guard !isOver else { return }
            end(late())
            abandoned()
        }
        defer { watch.takeBack(call) }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if !state.isOver { state.waiter = continuation }
                    return state.isOver
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            end(cancelled())
            abandoned()
        }
        return state.withLock { Outcome(server: $0.server, replies: $0.replies, failure: $0.failure) }
    }
}
