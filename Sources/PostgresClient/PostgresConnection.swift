/// One connection to one server, on a thread of its own.
///
/// Never more than one socket, however many tasks use it and however many of them give up: calls queue, a statement
/// that nobody waits for any more is cancelled on the server, and the connection is used again once the server has let
/// go. A lost connection is opened again by the next call.
public final class PostgresConnection: Sendable {
    private let options: PostgresOptions
    private let mailbox = Mailbox()

    /// Does nothing yet: the first call opens the connection.
    public init(_ options: PostgresOptions) {
        self.options = options
    }

    deinit { mailbox.close() }

    /// Opens the connection, or finds that it is open.
    ///
    /// An attempt that the deadline interrupts goes on in the background and serves the next call.
    ///
    /// - Returns: the server at the other end, as of now.
    /// - Throws: `.connection`, `.authentication`, `.tls`, `.configuration`, or `.timeout` and `.cancelled` when the
    ///   wait ended.
    public func connect(until deadline: ContinuousClock.Instant) async throws(PostgresError) -> PostgresServer {
        if let server = mailbox.idleServer { return server }
        let outcome = await perform(Job([], until: deadline))
        if let failure = outcome.failure { throw failure }
        guard let server = outcome.server else {
            throw PostgresError(.connection, "connect to \(mailbox.target): no connection")
        }
        return server
    }

    /// Runs statements in one round trip, opening the connection first where needed.
    ///
    /// Each statement is a transaction of its own: one that fails costs only its own reply. When the deadline is over
    /// or the task is cancelled the call returns at once with the answers that are in; the others fail with `.timeout`
    /// or `.cancelled`, and the work on the server is cancelled.
    ///
    /// - Returns: one reply per statement, in their order.
    public func run(_ statements: [Statement], until deadline: ContinuousClock.Instant) async -> [StatementReply] {
        guard !statements.isEmpty else { return [] }
        guard options.protocolMode == .pipeline || statements.allSatisfy(\.parameters.isEmpty) else {
            let refusal = PostgresError(
                .unsupported, "the simple protocol takes no parameters: write them into the text")
            return statements.map { _ in StatementReply(.failure(refusal), took: .zero) }
        }
        let began = ContinuousClock.now
        let outcome = await perform(Job(statements, until: deadline))
        var replies = outcome.replies
        guard replies.count < statements.count else { return replies }
        // The first one without an answer has used the time; those behind it were not reached.
        let spent = replies.reduce(began.duration(to: .now)) { $0 - $1.duration }
        let failure = outcome.failure ?? PostgresError(.protocol, "ask \(mailbox.target): no answer to a statement")
        replies.append(StatementReply(.failure(failure), took: max(.zero, spent)))
        while replies.count < statements.count { replies.append(StatementReply(.failure(failure), took: .zero)) }
        return replies
    }

    /// Closes the connection and ends its thread, for which it waits up to a second. Waiting calls fail with
    /// `.cancelled`, later ones too.
    public func close() async {
        guard mailbox.close() else { return }
        let late = PostgresError(.timeout, "the connection's thread has not ended")
        await mailbox.farewell.wait(
            until: .now + .seconds(1), watch: mailbox.watch, late: { late }, cancelled: { late }, abandoned: {})
    }

    private func perform(_ job: Job) async -> Job.Outcome {
        let (options, mailbox) = (options, mailbox)
        let refusal = mailbox.post(job) {
            OSThread.start { ConnectionLoop(options, mailbox).run() }
        }
        if let refusal { job.end(refusal) }
        return await job.wait(
            until: job.deadline, watch: mailbox.watch,
            late: {
                PostgresError(
                    .timeout,
                    "\(mailbox.target): no answer by the deadline; check its load and the network, or allow more time")
            },
            cancelled: { PostgresError(.cancelled, "\(mailbox.target): nobody waits for the answer any more") },
            abandoned: { mailbox.ring() })
    }
}
