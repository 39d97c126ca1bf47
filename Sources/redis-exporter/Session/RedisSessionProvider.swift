internal import ExporterKit
internal import RedisClient
internal import Synchronization

/// Begins each scrape with `INFO`, and sends along what the scrape before had asked: on a warm connection everything is
/// one round trip, on a new one two.
///
/// A server is up when it answers `INFO`. What it refuses as unknown or not permitted is remembered, see `CommandMemory`.
final class RedisSessionProvider: SessionProvider {
    /// Times of the last scrape's way to the server.
    struct Times: Sendable {
        /// Opening the connection; zero when it was open.
        var connecting = Duration.zero
        /// `PING`, when asked for.
        var ping: Duration?
    }

    private let connection: RedisConnection
    private let timeout: Duration
    private let pings: Bool
    /// Looks after the keys of the server; `nil` when none are asked for.
    let keys: KeyScanner?
    private let state = Mutex(State())

    private struct State {
        var standing: [RedisCommand] = []
        var memory = CommandMemory()
        var info: RedisCommand = ["INFO", "ALL"]
        var times = Times()
        var role = ""
    }

    /// - Parameters:
    ///   - timeout: longest time for a round trip, connecting included; a deadline can only shorten it.
    ///   - pings: begin every scrape with a `PING` of its own round trip, to measure it.
    ///   - keys: looks after the keys of the server; `nil` when none are asked for.
    init(_ connection: RedisConnection, timeout: Duration, pings: Bool = false, keys: KeyScanner? = nil) {
        self.connection = connection
        self.timeout = timeout
        self.pings = pings
        self.keys = keys
    }

    /// Of the last scrape.
    var times: Times { state.withLock { $0.times } }

    /// `master`, `slave`, `sentinel` as of the last scrape that reached the server; empty before.
    var role: String { state.withLock { $0.role } }

    /// Every command asked of the server so far, and whether it answers.
    var support: [(command: String, isSupported: Bool)] { state.withLock { $0.memory.support } }

    /// Ends the connection.
    func close() async { await connection.close() }

    func open(until deadline: Deadline) async throws(CollectorError) -> RedisSession {
        let opened = connection.facts.opened
        var ping: Duration?
        if pings {
            do throws(RedisError) { ping = try await connection.connect(until: limit(deadline)) } catch {
                throw CollectorError(error)
            }
        }
        let (info, prefetched) = try await askInfo(until: deadline)
        let server = RedisServer(info)
        let facts = connection.facts
        note(
            server, on: facts.opened, prefetched,
            Times(connecting: facts.opened == opened ? .zero : facts.connecting, ping: ping))
        return RedisSession(server, self, prefetched: prefetched)
    }

    /// What the next scrape will most likely ask.
    func expect(_ questions: [RedisCommand]) {
        state.withLock { $0.standing = questions }
    }

    /// Asks in one round trip what the server has not refused before; none for nothing.
    func ask(_ questions: [RedisCommand], until deadline: Deadline) async -> [RedisCommand: Reply<RedisValue>] {
        guard !questions.isEmpty else { return [:] }
        let refusals = state.withLock { state in questions.map { state.memory.refusal(of: $0) } }
        var replies: [RedisCommand: Reply<RedisValue>] = [:]
        var open: [RedisCommand] = []
        for (question, refusal) in zip(questions, refusals) {
            if let refusal { replies[question] = Reply(.failure(refusal), took: .zero) } else { open.append(question) }
        }
        guard !open.isEmpty else { return replies }
        let answers = await run(open, until: deadline)
        for (question, reply) in zip(open, answers) { replies[question] = reply }
        remember(zip(open, answers))
        return replies
    }

    // MARK: - INFO

    /// Asks `INFO` and what is expected. A server that does not know `ALL` is asked without it from then on.
    private func askInfo(
        until deadline: Deadline
    ) async throws(CollectorError) -> (InfoDocument, [RedisCommand: Reply<RedisValue>]) {
        let (info, standing) = state.withLock {
            ($0.info, $0.standing.filter { [memory = $0.memory] in memory.refusal(of: $0) == nil })
        }
        var replies = await run([info] + standing, until: deadline)
        let prefetched = Dictionary(zip(standing, replies.dropFirst())) { first, _ in first }
        if case .failure(let error) = replies[0].result, error.reason == .query || error.reason == .unsupported {
            replies = await run([["INFO"]], until: deadline)
            state.withLock { $0.info = ["INFO"] }
        }
        guard let text = try replies[0].result.get().text else {
            throw CollectorError(
                .decode, "INFO on \(connection.options): the answer is no text; is this a Redis server?")
        }
        return (InfoDocument(text), prefetched)
    }

    private func run(_ commands: [RedisCommand], until deadline: Deadline) async -> [Reply<RedisValue>] {
        await connection.run(commands, until: limit(deadline)).map { reply in
            Reply(reply.result.mapError { CollectorError($0) }, took: reply.duration)
        }
    }

    private func limit(_ deadline: Deadline) -> ContinuousClock.Instant {
        min(deadline.instant, .now.advanced(by: timeout))
    }

    // MARK: - What is remembered

    private func note(
        _ server: RedisServer, on connection: Int, _ replies: [RedisCommand: Reply<RedisValue>], _ times: Times
    ) {
        let identity = CommandMemory.Identity(server, connection: connection)
        state.withLock { state in
            state.memory.meet(identity)
            state.times = times
            state.role = server.role
        }
        remember(replies.lazy.map { ($0.key, $0.value) })
    }

    private func remember(_ replies: some Sequence<(RedisCommand, Reply<RedisValue>)>) {
        state.withLock { state in
            for (command, reply) in replies { state.memory.note(reply.result, to: command) }
        }
    }
}

extension CollectorError {
    /// The client's error in the words of the kit.
    init(_ error: RedisError) {
        let reason: Reason =
            switch error.kind {
            case .connection: .connection
            case .authentication: .authentication
            case .tls: .tls
            case .timeout: .timeout
            case .cancelled: .cancelled
            case .permission: .permission
            case .unsupported: .unsupported
            case .server: .query
            case .protocol: .decode
            }
        self.init(reason, error.message)
    }
}
