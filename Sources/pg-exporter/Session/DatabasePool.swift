internal import ExporterKit
internal import PostgresClient
internal import Synchronization

/// Connections to databases besides the one that the data source names: never more than allowed, each kept open as long
/// as there is room for it.
final class DatabasePool: Sendable {
    /// What became of one database.
    struct Part: Sendable {
        let database: String
        /// One reply per question that applies, or why the database could not be opened.
        let replies: Result<[Reply<ResultTable>], CollectorError>
        /// Position of each asked question in the list that was given.
        let asked: [Int]
    }

    fileprivate struct Slot {
        let link: DatabaseLink
        var users = 0
        var lastUse: UInt64
    }

    fileprivate struct State {
        var slots: [String: Slot] = [:]
        /// Sockets that are being closed.
        var closing = 0
        var uses: UInt64 = 0
        /// Databases that refused the user, and until when they are not tried again.
        var refused: [String: (error: CollectorError, until: ContinuousClock.Instant)] = [:]
    }

    private let options: PostgresOptions
    private let limit: Int
    private let width: Int
    private let state = Mutex(State())

    private static let refusalKept = Duration.seconds(60)
    private static let pause = Duration.milliseconds(10)

    /// - Parameters:
    ///   - options: of the data source; only the database is another one.
    ///   - limit: most connections at once.
    ///   - width: how many databases are asked at the same time.
    init(_ options: PostgresOptions, limit: Int, width: Int) {
        self.options = options
        self.limit = limit
        self.width = min(width, limit)
    }

    /// Asks several databases, some at a time.
    func ask(
        _ plan: [(database: String, questions: [(index: Int, question: Question)])], until deadline: Deadline
    ) async -> [Part] {
        await withTaskGroup(of: Part.self) { group in
            var waiting = plan[...]
            var parts: [Part] = []
            for _ in 0..<width {
                guard let next = waiting.popFirst() else { break }
                group.addTask { await self.part(next.database, next.questions, deadline) }
            }
            for await part in group {
                parts.append(part)
                guard let next = waiting.popFirst() else { continue }
                group.addTask { await self.part(next.database, next.questions, deadline) }
            }
            return parts
        }
    }

    /// What is known of a database; `nil` when it cannot be opened.
    func facts(of database: String, until deadline: Deadline) async -> PostgresFacts? {
        do throws(CollectorError) {
            let link = try await lease(database, until: deadline)
            defer { release(database) }
            return try await open(link, database, deadline)
        } catch {
            return nil
        }
    }

    /// Closes every connection.
    func close() async {
        let links = state.withLock { state in
            defer { state.slots = [:] }
            return state.slots.values.map(\.link)
        }
        await withTaskGroup { group in
            for link in links { group.addTask { await link.connection.close() } }
        }
    }

    /// Forgets every kept answer and refusal.
    func forgetAnswers() {
        state.withLock { state in
            state.refused = [:]
            for slot in state.slots.values { slot.link.forgetAnswers() }
        }
    }

    private func part(
        _ database: String, _ questions: [(index: Int, question: Question)], _ deadline: Deadline
    ) async -> Part {
        do throws(CollectorError) {
            let link = try await lease(database, until: deadline)
            defer { release(database) }
            let facts = try await open(link, database, deadline)
            let applying = questions.filter { $0.question.applies?(facts) ?? true }
            guard !applying.isEmpty else { return Part(database: database, replies: .success([]), asked: []) }
            let replies = await link.ask(applying.map(\.question), until: deadline)
            return Part(database: database, replies: .success(replies), asked: applying.map(\.index))
        } catch {
            return Part(database: database, replies: .failure(error), asked: [])
        }
    }

    private func open(
        _ link: DatabaseLink, _ database: String, _ deadline: Deadline
    ) async throws(CollectorError) -> PostgresFacts {
        do throws(CollectorError) { return try await link.open(until: deadline) } catch {
            if error.reason == .authentication || error.reason == .permission {
                state.withLock { $0.refused[database] = (error, .now + Self.refusalKept) }
            }
            throw error
        }
    }

    /// The link of a database, for which another one may have to go.
    private func lease(_ database: String, until deadline: Deadline) async throws(CollectorError) -> DatabaseLink {
        while true {
            let (link, victim) = try state.withLock { state throws(CollectorError) in
                try state.lease(database, limit, options)
            }
            if let victim {
                await victim.connection.close()
                state.withLock { $0.closing -= 1 }
            }
            if let link { return link }
            guard !deadline.isOver, !Task.isCancelled else {
                throw CollectorError(
                    .timeout, "database \(database): no connection was free in time; allow more with --max-connections")
            }
            try? await Task.sleep(for: Self.pause)
        }
    }

    private func release(_ database: String) {
        state.withLock { $0.slots[database]?.users -= 1 }
    }
}

extension DatabasePool.State {
    /// - Returns: the link, or what has to be closed first; neither when all are in use.
    fileprivate mutating func lease(
        _ database: String, _ limit: Int, _ options: PostgresOptions
    ) throws(CollectorError) -> (link: DatabaseLink?, victim: DatabaseLink?) {
        if let (error, until) = refused[database] {
            guard ContinuousClock.now >= until else { throw error }
            refused[database] = nil
        }
        uses += 1
        if slots[database] != nil {
            slots[database]?.users += 1
            slots[database]?.lastUse = uses
            return (slots[database]?.link, nil)
        }
        guard slots.count + closing >= limit else {
            var own = options
            own.database = database
            let link = DatabaseLink(own)
            slots[database] = DatabasePool.Slot(link: link, users: 1, lastUse: uses)
            return (link, nil)
        }
        guard closing == 0 || slots.count + closing > limit,
            let oldest = slots.filter({ $0.value.users == 0 }).min(by: { $0.value.lastUse < $1.value.lastUse })
        else { return (nil, nil) }
        slots[oldest.key] = nil
        closing += 1
        return (nil, oldest.value.link)
    }
}
