internal import ExporterKit
internal import PostgresClient
internal import Synchronization

/// The one connection to a database, with what is known of the server and what it has answered.
final class DatabaseLink: Sendable {
    let connection: PostgresConnection
    private let state = Mutex(State())

    fileprivate struct State {
        var facts: PostgresFacts?
        var factsUntil = ContinuousClock.now
        var memory = AnswerMemory()
    }

    /// Extensions and databases come and go rarely; the role is asked in every scrape.
    private static let factsFreshFor = Duration.seconds(30)

    init(_ options: PostgresOptions) {
        connection = PostgresConnection(options)
    }

    /// The facts as of the last scrape; `nil` without a connection.
    var facts: PostgresFacts? { state.withLock { $0.facts } }

    /// Forgets what was kept, so that everything is asked anew.
    func forgetAnswers() {
        state.withLock { state in
            state.memory = AnswerMemory()
            state.factsUntil = .now
        }
    }

    /// Opens the connection, or finds that it is open. A new one is asked for the facts first: one more round trip.
    func open(until deadline: Deadline) async throws(CollectorError) -> PostgresFacts {
        let server: PostgresServer
        do throws(PostgresError) {
            server = try await connection.connect(until: deadline.instant)
        } catch {
            state.withLock { $0.facts = nil }
            throw CollectorError(error)
        }
        if let known = state.withLock({ $0.known(on: server) }) { return known }
        let replies = await connection.run(FactQuestions.all, until: deadline.instant)
        let facts = try FactQuestions.facts(of: server, from: replies.map { $0.result.mapError(CollectorError.init) })
        state.withLock { state in
            if state.facts?.server.backendPID != server.backendPID { state.memory = AnswerMemory() }
            state.facts = facts
            state.factsUntil = .now + Self.factsFreshFor
        }
        return facts
    }

    /// Asks what is not known, in one round trip: quick questions first.
    ///
    /// - Returns: one reply per question, in their order.
    func ask(_ questions: [Question], until deadline: Deadline) async -> [Reply<ResultTable>] {
        let now = ContinuousClock.now
        var replies: [Reply<ResultTable>?] = []
        replies.reserveCapacity(questions.count)
        let (plan, own) = state.withLock { state in
            for question in questions {
                replies.append(state.memory.recall(question, at: now).map { Reply($0, took: .zero) })
            }
            let open = questions.indices.filter { replies[$0] == nil }
            return (state.plan(of: open, questions), now >= state.factsUntil ? FactQuestions.refreshed : [])
        }
        let answers = await connection.run(own + plan.map(\.statement), until: deadline.instant)
        let results = answers.enumerated().map { place, answer in
            // The first answer has the way to the server in its time.
            (Reply(answer.result.mapError(CollectorError.init), took: answer.duration), isFirst: place == 0)
        }
        state.withLock { state in
            for ((index, _), (reply, isFirst)) in zip(plan, results.dropFirst(own.count)) {
                state.memory.note(reply.result, took: isFirst ? .zero : reply.duration, to: questions[index], at: .now)
            }
            if !own.isEmpty, FactQuestions.refresh(&state.facts, from: results.prefix(own.count).map(\.0.result)) {
                state.factsUntil = .now + Self.factsFreshFor
            }
        }
        for ((index, _), (reply, _)) in zip(plan, results.dropFirst(own.count)) { replies[index] = reply }
        if let role = questions.firstIndex(where: { $0.statement == FactQuestions.role }) { learnRole(replies[role]) }
        return replies.compactMap(\.self)
    }

    private func learnRole(_ reply: Reply<ResultTable>?) {
        guard case .success(let table)? = reply?.result, let isStandby = table.boolean(0, 0) else { return }
        state.withLock { $0.facts?.isStandby = isStandby }
    }
}

extension DatabaseLink.State {
    /// What is known, unless the connection is another one.
    fileprivate func known(on server: PostgresServer) -> PostgresFacts? {
        guard let facts, facts.server.backendPID == server.backendPID,
            facts.server.versionNumber == server.versionNumber
        else { return nil }
        return facts
    }

    /// Quick ones as they stand, then those known to be slow, the slowest at the very end. A statement may take half of
    /// the time left; those at the end all of it, because nobody else waits behind them.
    fileprivate func plan(of indices: [Int], _ questions: [Question]) -> [(index: Int, statement: Statement)] {
        let durations = indices.map { memory.lastDuration(of: questions[$0]) }
        guard durations.contains(where: { $0 > .zero }) else { return indices.map { ($0, questions[$0].statement) } }
        return zip(indices, durations).sorted { ($0.1, $0.0) < ($1.1, $1.0) }.map { index, duration in
            let statement = questions[index].statement
            let isLimited = duration == .zero || statement.timeout != nil
            return (index, isLimited ? statement : statement.with(timeout: .seconds(86_400)))
        }
    }
}

extension CollectorError {
    /// The cause in the words that all exporters share.
    init(_ error: PostgresError) {
        let reason: Reason =
            switch error.kind {
            case .connection, .configuration: .connection
            case .authentication: .authentication
            case .tls: .tls
            case .timeout: .timeout
            case .cancelled: .cancelled
            case .locked: .locked
            case .permission: .permission
            case .unsupported: .unsupported
            case .query: .query
            case .protocol: .decode
            }
        self.init(reason, error.message)
    }
}
