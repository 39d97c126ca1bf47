internal import ExporterKit
internal import PostgresClient

/// Which databases are asked besides the one that the data source names.
struct Discovery: Sendable {
    /// Whether questions about a database go to every one.
    var isOn = false
    /// Whether a database takes part.
    var includes: @Sendable (String) -> Bool = { _ in true }
}

/// The open connections as the collectors see them.
struct PostgresSession: QuerySession {
    let main: DatabaseLink
    let pool: DatabasePool
    let discovery: Discovery
    let server: PostgresFacts
    let book: DatabaseBook

    var heartbeat: Question? { Question(FactQuestions.role) }

    /// Asks all in one round trip per database, the databases side by side.
    func ask(_ questions: [Question], until deadline: Deadline) async -> [Reply<Answer>] {
        guard !questions.isEmpty else { return [] }
        let own = questions.indices.filter { isForMain(questions[$0]) }
        let plan = others(questions)
        guard !plan.isEmpty else {
            book.note([])
            return merged(questions.count, own, await main.ask(own.map { questions[$0] }, until: deadline), [])
        }
        async let parts = pool.ask(plan, until: deadline)
        let replies = await main.ask(own.map { questions[$0] }, until: deadline)
        let others = await parts
        book.note(others)
        return merged(questions.count, own, replies, others)
    }

    /// Databases that a question is meant for, whether it applies there or not.
    func databases(for question: Question) -> [String] {
        (isMeantForMain(question) ? [server.server.database] : []) + others([question]).map(\.database)
    }

    /// What is known of a database; `nil` when it cannot be opened.
    func facts(of database: String, until deadline: Deadline) async -> PostgresFacts? {
        database == server.server.database ? server : await pool.facts(of: database, until: deadline)
    }

    private func isForMain(_ question: Question) -> Bool {
        if let applies = question.applies, !applies(server) { return false }
        return isMeantForMain(question)
    }

    private func isMeantForMain(_ question: Question) -> Bool {
        switch question.scope {
        case .server, .database: true
        case .databases(let isChosen): isChosen(server.server.database)
        }
    }

    /// What each other database is asked.
    private func others(
        _ questions: [Question]
    ) -> [(database: String, questions: [(index: Int, question: Question)])] {
        let wide = questions.enumerated().filter { entry in
            switch entry.element.scope {
            case .server: false
            case .database: discovery.isOn
            case .databases: true
            }
        }
        guard !wide.isEmpty else { return [] }
        let found = server.databases.filter { $0 != server.server.database && discovery.includes($0) }
        var named: [String] = []
        for name in wide.flatMap(\.element.named)
        where name != server.server.database && !found.contains(name) && !named.contains(name) { named.append(name) }
        return (found + named).compactMap { database in
            let own = wide.filter { entry in
                switch entry.element.scope {
                case .databases(let isChosen):
                    isChosen(database) && (found.contains(database) || entry.element.named.contains(database))
                case .server, .database: found.contains(database)
                }
            }
            return own.isEmpty ? nil : (database, own.map { (index: $0.offset, question: $0.element) })
        }
    }

    /// One reply per question from those of every database. A question takes as long as in its slowest database. A
    /// database that could not be opened is told by a metric of its own and fails no collector.
    private func merged(
        _ count: Int, _ own: [Int], _ replies: [Reply<ResultTable>], _ parts: [DatabasePool.Part]
    ) -> [Reply<Answer>] {
        var tables: [[ResultTable]] = Array(repeating: [], count: count)
        var databases: [[String]] = Array(repeating: [], count: count)
        var failures: [CollectorError?] = Array(repeating: nil, count: count)
        var durations: [Duration] = Array(repeating: .zero, count: count)
        func add(_ index: Int, _ reply: Reply<ResultTable>, from database: String) {
            switch reply.result {
            case .success(let table):
                tables[index].append(table)
                if !parts.isEmpty { databases[index].append(database) }
            case .failure(let error): failures[index] = failures[index] ?? error
            }
            durations[index] = max(durations[index], reply.duration)
        }
        for (index, reply) in zip(own, replies) { add(index, reply, from: server.server.database) }
        for part in parts {
            guard case .success(let replies) = part.replies else { continue }
            for (index, reply) in zip(part.asked, replies) { add(index, reply, from: part.database) }
        }
        return (0..<count).map { index in
            if tables[index].isEmpty, let failure = failures[index] {
                return Reply(.failure(failure), took: durations[index])
            }
            return Reply(
                .success(Answer(tables[index], from: databases[index], failure: failures[index])),
                took: durations[index])
        }
    }
}

/// Opens the connection that the data source names, or finds it open.
struct PostgresProvider: SessionProvider {
    let main: DatabaseLink
    let pool: DatabasePool
    let discovery: Discovery
    let book: DatabaseBook
    var queries: LiveQueries?

    func open(until deadline: Deadline) async throws(CollectorError) -> PostgresSession {
        var facts = try await main.open(until: deadline)
        facts.queries = queries?.current
        return PostgresSession(main: main, pool: pool, discovery: discovery, server: facts, book: book)
    }
}
