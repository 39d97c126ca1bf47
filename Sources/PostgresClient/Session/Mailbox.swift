internal import Synchronization

/// What the tasks and the thread of one connection share.
final class Mailbox: Sendable {
    private let state = Mutex(State())
    private let bell = Bell()
    /// Looks at the deadlines of the jobs.
    let watch = DeadlineWatch()
    /// Ends when the thread has.
    let farewell = Job([], until: .now)

    private struct State {
        var jobs: [Job] = []
        var isClosed = false
        var hasThread = false
        var target = "the server"
        /// The connection while its thread has nothing to do.
        var idle: (server: PostgresServer, socket: Int32)?
    }

    /// Where the connection leads, for messages.
    var target: String {
        get { state.withLock { $0.target } }
        set { state.withLock { $0.target = newValue } }
    }

    /// Leaves a job for the thread, which the first one starts.
    ///
    /// - Returns: why the job was not taken.
    func post(_ job: Job, starting thread: () -> Bool) -> PostgresError? {
        let refusal = state.withLock { state -> PostgresError? in
            guard !state.isClosed else { return PostgresError(.cancelled, "the connection was closed by the program") }
            if !state.hasThread { state.hasThread = thread() }
            guard state.hasThread else {
                return PostgresError(.connection, "no thread for the connection: raise the process' limit of threads")
            }
            state.jobs.append(job)
            return nil
        }
        bell.ring()
        return refusal
    }

    /// The thread takes what was left, and the connection back that it had shown.
    func take() -> (jobs: [Job], isClosed: Bool) {
        state.withLock { state in
            defer { state.jobs = [] }
            state.idle = nil
            return (state.jobs, state.isClosed)
        }
    }

    /// The thread goes to rest: until `take` it does not touch the socket, so that others may look at it.
    func show(_ server: PostgresServer, at socket: Int32) {
        state.withLock { $0.idle = (server, socket) }
    }

    /// The server at the other end of a connection that is open and has nothing to do; `nil` when only the thread can
    /// tell. Waking it for that would cost a small run as much as its answers.
    var idleServer: PostgresServer? {
        state.withLock { state in
            guard !state.isClosed, state.jobs.isEmpty, let idle = state.idle, !Bell.isReadable(idle.socket) else {
                return nil
            }
            return idle.server
        }
    }

    /// No more jobs; the thread ends.
    ///
    /// - Returns: whether there is a thread.
    @discardableResult
    func close() -> Bool {
        let hasThread = state.withLock { state in
            state.isClosed = true
            return state.hasThread
        }
        bell.ring()
        return hasThread
    }

    /// Makes the thread look up.
    func ring() { bell.ring() }

    /// The thread waits here.
    func wait(socket: Int32, reading: Bool, writing: Bool, until limit: ContinuousClock.Instant?) -> Bool {
        bell.wait(socket: socket, reading: reading, writing: writing, until: limit)
    }
}
