internal import NIOCore
internal import Synchronization

/// Lets a task that is cancelled find its commands again, on whatever thread it is.
final class Ticket: Sendable {
    /// Set before the pipeline is told, so that a cancellation that overtakes its own commands is not lost.
    let isCancelled = Atomic(false)
}

/// Commands that are sent together, and the replies so far. Confined to the event loop.
final class Batch {
    /// What became of a batch.
    struct Outcome: Sendable {
        /// One per command.
        let replies: [CommandReply]
        /// The connection broke before the first reply, though it had worked before: worth another try.
        let wasStale: Bool
    }

    let ticket: Ticket
    let commands: [RedisCommand]
    /// All commands, ready for the wire.
    let bytes: ByteBuffer
    /// Sending it twice does no harm, and sending it before the password is accepted neither.
    let isRepeatable: Bool
    /// The connection had answered something before this batch was sent.
    var isOnUsedLink = false
    /// Fires at the deadline.
    var timer: Scheduled<Void>?

    private let endpoint: RedisOptions.Endpoint
    private let complete: (Outcome) -> Void
    private var replies: [CommandReply] = []
    private var previous = ContinuousClock.now

    init(
        _ commands: [RedisCommand], bytes: ByteBuffer, ticket: Ticket, to endpoint: RedisOptions.Endpoint,
        complete: @escaping (Outcome) -> Void
    ) {
        self.ticket = ticket
        self.commands = commands
        self.bytes = bytes
        self.isRepeatable = commands.allSatisfy(\.isRepeatable)
        self.endpoint = endpoint
        self.complete = complete
        replies.reserveCapacity(commands.count)
    }

    func markSent() {
        previous = .now
    }

    /// Takes the reply to the next command.
    ///
    /// - Returns: true when it was the last one.
    func take(_ value: RedisValue) -> Bool {
        if case .error(let text) = value {
            add(.failure(RedisError(reply: text, to: commands[replies.count], at: endpoint)))
        } else {
            add(.success(value))
        }
        guard replies.count == commands.count else { return false }
        finish(wasStale: false)
        return true
    }

    /// Gives every command without a reply this error.
    func fail(_ error: RedisError) {
        let wasStale = isOnUsedLink && replies.isEmpty && error.kind == .connection
        while replies.count < commands.count { add(.failure(error)) }
        finish(wasStale: wasStale)
    }

    private func add(_ result: Result<RedisValue, RedisError>) {
        let now = ContinuousClock.now
        replies.append(CommandReply(result, took: previous.duration(to: now)))
        previous = now
    }

    private func finish(wasStale: Bool) {
        timer?.cancel()
        timer = nil
        complete(Outcome(replies: replies, wasStale: wasStale))
    }
}
