internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// What is known about the connections made so far.
public struct RedisConnectionFacts: Sendable, Equatable {
    /// Connections opened since start. Two equal counts mean that the connection was reused in between.
    public let opened: Int
    /// Time the last opening took, name resolution included, TLS not.
    public let connecting: Duration
}

/// One connection to one server, opened on first use, kept for the next, opened anew when it broke.
///
/// Several tasks may use it at once: their commands share the wire in the order in which they came. They live on
/// the event loops that the whole program shares.
public final class RedisConnection: Sendable {
    /// Where to; without the password when printed.
    public let options: RedisOptions

    private static let group = MultiThreadedEventLoopGroup.singleton
    private let loop: any EventLoop
    private let pipeline: NIOLoopBoundBox<RedisPipeline>
    private let box = FactsBox()

    /// - Parameter options: nothing is contacted before the first use.
    public init(_ options: RedisOptions) {
        let loop = Self.group.next()
        self.options = options
        self.loop = loop
        self.pipeline = .makeBoxSendingValue(RedisPipeline(options, on: loop, facts: box), eventLoop: loop)
    }

    deinit {
        loop.execute { [pipeline] in pipeline.value.shutDown() }
    }

    /// How often and how fast it was opened.
    public var facts: RedisConnectionFacts { box.value.withLock { $0 } }

    /// Makes sure that the server answers and accepts the credentials, by a PING in a round trip of its own.
    ///
    /// - Parameter deadline: by then it has succeeded or thrown `.timeout`.
    /// - Returns: the time from sending PING to its answer; on a new connection AUTH and the like are part of it.
    @discardableResult
    public func connect(until deadline: ContinuousClock.Instant) async throws(RedisError) -> Duration {
        let replies = await run([["PING"]], until: deadline)
        guard let reply = replies.first else { throw RedisError(.protocol, "\(options.endpoint): no reply to PING") }
        if case .failure(let error) = reply.result { throw error }
        return reply.duration
    }

    /// Asks everything in one write, so that all answers cost one round trip.
    ///
    /// A new connection sends AUTH, SELECT and CLIENT SETNAME in that same write. When a connection that had worked
    /// turns out to be closed by the server, and all commands only read, they are sent once more on a new one. Commands
    /// without exactly one reply, or that change the state of the connection (SUBSCRIBE, MULTI, SELECT ...), fail with
    /// `.unsupported` and are not sent.
    ///
    /// - Parameter deadline: by then every command has a reply; those the server has not answered fail with `.timeout`,
    ///   and the connection is closed so that no late reply meets a later command. Cancellation does the same with
    ///   `.cancelled`.
    /// - Returns: one reply per command, in their order.
    public func run(_ commands: [RedisCommand], until deadline: ContinuousClock.Instant) async -> [CommandReply] {
        let sendable = commands.filter { !$0.breaksConversation }
        var replies = sendable.isEmpty ? [] : await ask(sendable, until: deadline)
        guard sendable.count < commands.count else { return replies }
        for (index, command) in commands.enumerated() where command.breaksConversation {
            let error = RedisError(.unsupported, "\(command): cannot be sent on a connection that others use")
            replies.insert(CommandReply(.failure(error), took: .zero), at: index)
        }
        return replies
    }

    /// Closes the connection; commands in flight fail with `.connection`. The next use opens a new one.
    public func close() async {
        await withCheckedContinuation { continuation in
            loop.execute { [pipeline] in
                pipeline.value.shutDown()
                continuation.resume()
            }
        }
    }

    // MARK: - Asking

    /// Selects the databases of the commands on the way, and the connection's own one at the end.
    private func ask(_ commands: [RedisCommand], until deadline: ContinuousClock.Instant) async -> [CommandReply] {
        guard commands.contains(where: { $0.database ?? options.database != options.database }) else {
            return await exchange(commands, until: deadline)
        }
        let route = DatabaseRoute(commands, home: options.database)
        let replies = await exchange(route.commands, until: deadline)
        if route.isStray(after: replies) { await close() }
        return route.answers(in: replies)
    }

    private func exchange(
        _ commands: [RedisCommand], until deadline: ContinuousClock.Instant
    ) async -> [CommandReply] {
        var bytes: [UInt8] = []
        do throws(RedisError) {
            for command in commands { try command.write(to: &bytes) }
        } catch {
            return commands.map { _ in CommandReply(.failure(error), took: .zero) }
        }
        let buffer = ByteBuffer(bytes: bytes)
        let first = await send(commands, buffer, until: deadline)
        guard first.wasStale, commands.allSatisfy(\.isRepeatable) else { return first.replies }
        return await send(commands, buffer, until: deadline).replies
    }

    private func send(
        _ commands: [RedisCommand], _ bytes: ByteBuffer, until deadline: ContinuousClock.Instant
    ) async -> Batch.Outcome {
        let ticket = Ticket()
        let left = max(.zero, ContinuousClock.now.duration(to: deadline))
        let moment = NIODeadline.now() + TimeAmount(left)
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                loop.execute { [pipeline, options] in
                    let batch = Batch(commands, bytes: bytes, ticket: ticket, to: options.endpoint) { outcome in
                        continuation.resume(returning: outcome)
                    }
                    pipeline.value.submit(batch, until: moment)
                }
            }
        } onCancel: {
            ticket.isCancelled.store(true, ordering: .releasing)
            loop.execute { [pipeline] in pipeline.value.cancel(ticket) }
        }
    }
}
