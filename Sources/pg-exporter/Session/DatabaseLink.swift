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
        var predicates = PredicateMemory()
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
            state.predicates = PredicateMemory()
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
            if state.facts?.server.backendPID != server.backendPID {
                state.memory = AnswerMemory()
                state.predicates = PredicateMemory()
            }
            state.facts = facts
            state.factsUntil = .now + Self.factsFreshFor
        }
        return facts
    }

    /// Asks what is not known, in one round trip: quick questions first.
    ///
    /// - Returns: one reply per question, in their order.
    func ask(_ questions: [Question], until deadline: Deadline) async -> [Reply<ResultTable>] {
        await askUnknownPredicates(of: questions, until: deadline)
        let now = ContinuousClock.now
        var replies: [Reply<ResultTable>?] = []
        replies.reserveCapacity(questions.count)
        let (plan, predicates, facts) = state.withLock { state in
            for question in questions {
                replies.append(state.recall(question, at: now).map { Reply($0, took: .zero) })
            }
            let open = questions.indices.filter { replies[$0] == nil }
            return (
                state.plan(of: open, questions), state.duePredicates(of: questions, at: now),
                now >= state.factsUntil ? FactQuestions.refreshed : []
            )
        }
        // What is asked for the exporter itself comes first, so that a slow question does not cost it.
        let own = facts + predicates.map(\.statement)
        let answers = await connection.run(own + plan.map(\.statement), until: deadline.instant)
        let results = answers.enumerated().map { place, answer in
            // The first answer has the way to the server in its time.
            (Reply(answer.result.mapError(CollectorError.init), took: answer.duration), isFirst: place == 0)
        }
        state.withLock { state in
            if !facts.isEmpty, FactQuestions.refresh(&state.facts, from: results.prefix(facts.count).map(\.0.result)) {
                state.factsUntil = .now + Self.factsFreshFor
            }
            for (predicate, result) in zip(predicates, results.dropFirst(facts.count)) {
                state.predicates.note(result.0.result, to: predicate, at: .now)
            }
            for ((index, _), (reply, isFirst)) in zip(plan, results.dropFirst(own.count)) {
                if let refusal = state.refusal(of: questions[index]) {
                    replies[index] = Reply(refusal, took: reply.duration)
                    continue
                }
                state.memory.note(reply.result, took: isFirst ? .zero : reply.duration, to: questions[index], at: .now)
                replies[index] = reply
            }
        }
        if let role = questions.firstIndex(where: { $0.statement == FactQuestions.role }) { learnRole(replies[role]) }
        return replies.compactMap(\.self)
    }

    /// Only what was never asked on this connection; at most half of the time is theirs.
    private func askUnknownPredicates(of questions: [Question], until deadline: Deadline) async {
        let predicates = questions.flatMap(\.predicates)
        guard !predicates.isEmpty else { return }
        let unknown = state.withLock { $0.predicates.unknown(among: predicates) }
        guard !unknown.isEmpty else { return }
        let half = ContinuousClock.now + ContinuousClock.now.duration(to: deadline.instant) / 2
        let answers = await connection.run(unknown.map(\.statement), until: half)
        state.withLock { state in
            for (predicate, answer) in zip(unknown, answers) {
                state.predicates.note(answer.result.mapError(CollectorError.init), to: predicate, at: .now)
            }
        }
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

    /// A kept answer that still counts, or what takes its place where the question must not be asked.
    fileprivate mutating func recall(
        _ question: Question, at now: ContinuousClock.Instant
    ) -> Result<ResultTable, CollectorError>? {
        memory.recall(question, at: now) ?? refusal(of: question)
    }

    /// What takes the place of an answer while the predicates of a question do not hold.
    fileprivate func refusal(of question: Question) -> Result<ResultTable, CollectorError>? {
        guard !question.predicates.isEmpty else { return nil }
        return switch predicates.verdict(on: question.predicates) {
        case .holds: nil
        case .doesNotHold, nil: .success(ResultTable(columns: [], rows: []))
        case .failed(let error): .failure(error)
        }
    }

    /// What to ask along. A question whose kept answer still counts needs none.
    fileprivate mutating func duePredicates(of questions: [Question], at now: ContinuousClock.Instant) -> [Predicate] {
        var wanted: [Predicate] = []
        for question in questions where !question.predicates.isEmpty && memory.recall(question, at: now) == nil {
            wanted += question.predicates
        }
        return wanted.isEmpty ? [] : predicates.due(among: wanted, at: now)
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
