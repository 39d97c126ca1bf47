/// One open or opening connection, with what is known of its session; confined to the thread of its `ConnectionLoop`.
final class Link {
    enum Phase {
        /// Waits until the socket can be read, or else written, to go on.
        case connecting(reading: Bool)
        case ready
        case running(Attempt)
        /// Nobody waits for what still comes; the connection is used again after it.
        case draining
    }

    /// A job and whether a broken connection has already cost it one try.
    struct Attempt {
        let job: Job
        var isRetry = false
    }

    /// Statements between two synchronisation points: one of the job's, or one that looks after the session.
    struct Unit {
        enum Purpose {
            case settings(SessionSettings.Limits)
            case limits(SessionSettings.Limits)
            case housekeeping
            case question
        }
        let purpose: Purpose
        /// What sets the statement's own limits, until it is answered.
        var prelude: Part?
        var statement: Part
        var answer: Result<ResultTable, PostgresError>?
    }

    /// One statement as it was sent.
    struct Part {
        let sql: String
        /// Name under which it is prepared in its unit, until the server has done so.
        var preparing: String?
    }

    let connection: PGConnection
    /// Where the connection leads, for messages.
    let target: String
    var phase = Phase.connecting(reading: false)
    /// When to give the connection up, while connecting or draining.
    var limit: ContinuousClock.Instant?
    var wantsToWrite = false
    /// A run was answered whole before.
    var isProven = false
    private(set) var units: [Unit] = []
    /// How many of the units are answered.
    private(set) var answered = 0
    private var cache = StatementCache()
    private var limits: SessionSettings.Limits?
    private var isConfigured = false

    /// Whether an answer ends with a synchronisation point (a pipeline), or with nothing more of it.
    private let mode: PostgresOptions.ProtocolMode

    init(
        _ connection: consuming PGConnection, to target: String, until limit: ContinuousClock.Instant,
        mode: PostgresOptions.ProtocolMode = .pipeline
    ) {
        self.connection = connection
        self.target = target
        self.limit = limit
        self.mode = mode
    }

    // MARK: - Sending

    /// Hands a job's statements to libpq, together with what the session needs first.
    ///
    /// - Returns: false when the connection is broken.
    func send(_ job: Job, _ options: PostgresOptions) -> Bool {
        units = []
        answered = 0
        guard mode == .pipeline else {
            units = job.statements.map { Unit(purpose: .question, statement: Part(sql: $0.sql)) }
            return sendNext()
        }
        connection.holdPackets(true)
        defer { connection.holdPackets(false) }
        let left = ContinuousClock.now.duration(to: job.deadline)
        let limits = SessionSettings.Limits(options, remaining: left, count: job.statements.count)
        var isSent = configure(limits, options)
        if cache.isFull {
            isSent = isSent && send(Statement("DEALLOCATE ALL", prepared: false), for: .housekeeping)
            cache.removeAll()
        }
        for statement in job.statements where isSent {
            isSent = send(statement, for: .question, after: SessionSettings.local(to: statement, within: limits))
        }
        return isSent
    }

    private func configure(_ wanted: SessionSettings.Limits, _ options: PostgresOptions) -> Bool {
        guard !isConfigured else {
            if let limits, wanted.areServed(by: limits) { return true }
            limits = nil
            return send(wanted.withMargin.statementToSet, for: .limits(wanted.withMargin))
        }
        let version = connection.server.versionNumber
        let settings = SessionSettings.all(options, wanted.withMargin, version: version)
        guard send(SessionSettings.statement(settings), for: .settings(wanted.withMargin)) else { return false }
        guard let check = SessionSettings.connectionCheck(version: version) else { return true }
        return send(check, for: .housekeeping)
    }

    private func send(
        _ statement: Statement, for purpose: Unit.Purpose, after settings: (sql: String, parameters: [String?])? = nil
    ) -> Bool {
        var prelude: Part?
        if let settings {
            prelude = send(settings.sql, settings.parameters, prepared: true)
            guard prelude != nil else { return false }
        }
        guard let part = send(statement.sql, statement.parameters, prepared: statement.prepared) else { return false }
        units.append(Unit(purpose: purpose, prelude: prelude, statement: part))
        return connection.sendSync()
    }

    private func send(_ sql: String, _ parameters: [String?], prepared: Bool) -> Part? {
        if prepared, let name = cache.name(of: sql) {
            return connection.sendPrepared(name, parameters) ? Part(sql: sql) : nil
        }
        // Twice in one run before it is known to be sound: each gets its own error.
        guard prepared, !isInFlight(sql), let name = cache.makeName() else {
            return connection.send(sql, parameters) ? Part(sql: sql) : nil
        }
        guard connection.sendPrepare(name, sql), connection.sendPrepared(name, parameters) else { return nil }
        return Part(sql: sql, preparing: name)
    }

    private func isInFlight(_ sql: String) -> Bool {
        units.contains { unit in
            (unit.statement.preparing != nil && unit.statement.sql == sql)
                || (unit.prelude?.preparing != nil && unit.prelude?.sql == sql)
        }
    }

    /// Without a pipeline each statement waits for the answer before it.
    private func sendNext() -> Bool {
        answered == units.count || connection.sendText(units[answered].statement.sql)
    }

    // MARK: - Receiving

    enum Progress {
        case pending
        case finished
        case broken(PostgresError)
    }

    /// Takes what has come, without waiting. Replies go to the job, which drops them when it is over.
    func receive(for job: Job?, isReadable: Bool) -> Progress {
        let isFlushed = connection.flush()
        wantsToWrite = isFlushed == true
        let isAlive = (!isReadable || connection.consumeInput()) && isFlushed != nil
        var silences = 0
        // libpq gives one `nil` after each statement; more of them mean that it knows of no further answer.
        while answered < units.count, silences < 3, !connection.isBusy {
            guard let result = connection.nextResult() else {
                if mode == .simple, !connection.isBroken {
                    guard endAnswer(for: job) else { return .broken(breakage()) }
                } else {
                    silences += 1
                }
                continue
            }
            silences = 0
            if let failure = take(result, for: job) { return .broken(failure) }
        }
        if answered == units.count { return .finished }
        return isAlive && !connection.isBroken && silences < 3 ? .pending : .broken(breakage())
    }

    /// An answer outside of a pipeline is complete. Statements that nobody waits for any more are not sent.
    ///
    /// - Returns: false when the connection is broken.
    private func endAnswer(for job: Job?) -> Bool {
        answered += 1
        _ = conclude(units[answered - 1], for: job)
        if job == nil { units.removeSubrange(answered...) }
        guard sendNext() else { return false }
        wantsToWrite = connection.flush() == true
        return true
    }

    /// - Returns: why the connection cannot be used further.
    private func take(_ result: consuming PGResult, for job: Job?) -> PostgresError? {
        switch result.status {
        case .sync:
            answered += 1
            return conclude(units[answered - 1], for: job)
        case .skipped: break
        case .rows where units[answered].prelude != nil: units[answered].prelude = nil
        case .rows:
            units[answered].answer =
                result.table().map { .success($0) }
                ?? .failure(PostgresError(.protocol, "ask \(target): the answer is larger than 4 GB; ask for less"))
        case .done:
            if let prelude = units[answered].prelude, let name = prelude.preparing {
                cache.insert(prelude.sql, as: name)
                units[answered].prelude?.preparing = nil
            } else if let name = units[answered].statement.preparing {
                cache.insert(units[answered].statement.sql, as: name)
                units[answered].statement.preparing = nil
            } else if units[answered].answer == nil {
                units[answered].answer = .success(ResultTable(columns: [], rows: []))
            }
        case .failed:
            if case .failure? = units[answered].answer { break }
            units[answered].answer = .failure(.asking(target, result.error))
        case .unexpected:
            return PostgresError(.unsupported, "ask \(target): COPY and the like are not supported; use SELECT")
        }
        return nil
    }

    private func conclude(_ unit: Unit, for job: Job?) -> PostgresError? {
        let answer = unit.answer ?? .failure(PostgresError(.protocol, "ask \(target): no answer to a statement"))
        switch (unit.purpose, answer) {
        case (.settings(let limits), .success):
            isConfigured = true
            self.limits = limits
            job?.isSetUp()
        case (.settings, .failure(let error)):
            // A session that is not read-only when it should be must not be used. Cancelled by ourselves, it is set
            // again.
            return job == nil
                ? nil : PostgresError(error.kind, sqlState: error.sqlState, "set up the session: \(error.message)")
        case (.limits(let limits), .success):
            self.limits = limits
            job?.isSetUp()
        case (.question, _):
            if case .failure(let error) = answer, error.sqlState == "26000" || error.sqlState == "0A000" {
                cache.forget(unit.statement.sql)
                if let prelude = unit.prelude { cache.forget(prelude.sql) }
            }
            job?.answered(answer)
        case (.housekeeping, _): job?.isSetUp()
        default: break
        }
        return nil
    }

    /// What is known of a connection's end: the server's parting words where it had any.
    private func breakage() -> PostgresError {
        if answered < units.count, case .failure(let error)? = units[answered].answer { return error }
        return .asking(target, (nil, connection.errorText))
    }

    // MARK: - Idle

    /// Looks at what came without being asked for: changed parameters, or the end of the connection.
    func isAlive() -> Bool {
        // The end shows only after all that came before it was read; a server that never ends talking is as good as
        // dead.
        for _ in 0..<16 {
            guard Bell.isReadable(connection.socket) else { return !connection.isBroken }
            guard connection.consumeInput(), !connection.isBusy else { return false }
        }
        return false
    }
}
