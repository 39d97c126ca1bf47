internal import Synchronization

/// The thread of one connection: takes jobs one after another and keeps the connection in shape between them.
///
/// Hard rule: one socket. A connection that is busy with what nobody waits for any more is waited for, not replaced,
/// until it has had its time.
final class ConnectionLoop {
    private let options: PostgresOptions
    private let mailbox: Mailbox
    private let canceller: Canceller
    private var waiting: [Link.Attempt] = []
    private var link: Link?
    private var isSocketReady = false
    private var connectTime = Limit.connect
    private var beganConnecting = ContinuousClock.now
    /// A login was refused and another password is being tried.
    private var isSecondLogin = false

    /// How long a connection may stay without use to anybody.
    enum Limit {
        /// For connecting. Doubles with each attempt given up in a row, up to `connectMaximum`: the server's side of a
        /// given up attempt may outlive it.
        static let connect = Duration.seconds(30)
        static let connectMaximum = Duration.seconds(480)
        /// For the server to let go of a cancelled statement.
        static let drain = Duration.seconds(15)
        /// For the same when the program ends.
        static let farewell = Duration.milliseconds(500)
    }

    init(_ options: PostgresOptions, _ mailbox: Mailbox) {
        self.options = options
        self.mailbox = mailbox
        self.canceller = Canceller { mailbox.ring() }
    }

    /// Runs until the mailbox is closed.
    func run() {
        while true {
            let mail = mailbox.take()
            waiting += mail.jobs.map { Link.Attempt(job: $0) }
            if mail.isClosed { break }
            while step() {}
            rest()
        }
        shutDown()
    }

    /// Does what can be done without waiting.
    ///
    /// - Returns: whether there may be more of it.
    private func step() -> Bool {
        waiting.removeAll { $0.job.isOver }
        guard let link else { return !waiting.isEmpty && open() }
        switch link.phase {
        case .connecting: return goOnConnecting(link)
        case .ready: return startNext(on: link)
        case .running(let attempt): return goOnRunning(attempt, on: link)
        case .draining: return goOnDraining(link)
        }
    }

    /// Waits for the socket, for mail, or until something has had its time.
    private func rest() {
        guard let link else {
            isSocketReady = mailbox.wait(socket: -1, reading: false, writing: false, until: nil)
            return
        }
        var reading = true
        var writing = link.wantsToWrite
        var limit = link.limit
        switch link.phase {
        case .connecting(let isReading): (reading, writing) = (isReading, !isReading)
        case .draining: limit = [limit, canceller.mayRepeat].compactMap(\.self).min()
        case .ready: mailbox.show(link.connection.server, at: link.connection.socket)
        case .running: break
        }
        isSocketReady = mailbox.wait(
            socket: link.connection.socket, reading: reading, writing: writing, until: limit)
    }

    // MARK: - Connecting

    private func open() -> Bool {
        let target: String
        let conninfo: String
        let password: String?
        beganConnecting = .now
        do throws(PostgresError) {
            conninfo = try options.conninfo()
            let named = try PostgresTarget(conninfo: conninfo)
            target =
                options.database.map { "\(PostgresTarget(endpoints: named.endpoints, database: $0))" } ?? "\(named)"
        } catch {
            return failWaiting(error)
        }
        mailbox.target = target
        do throws(PostgresError) { password = try options.password?.current() } catch {
            return failWaiting(PostgresError(error.kind, "connect to \(target): \(error.message)"))
        }
        guard let connection = PGConnection(starting: parameters(conninfo, password)) else {
            return failWaiting(PostgresError(.connection, "connect to \(target): out of memory"))
        }
        guard !connection.isBroken else {
            return failWaiting(.connecting(to: target, connection.errorText))
        }
        link = Link(connection, to: target, until: .now + connectTime, mode: options.protocolMode)
        return false
    }

    /// What stands before `dbname` is a default, what stands behind it cannot be overridden by the connection string.
    private func parameters(_ conninfo: String, _ password: String?) -> [(keyword: String, value: String)] {
        [
            // A peer that vanished is noticed within half a minute.
            ("keepalives_idle", "15"), ("keepalives_interval", "5"), ("keepalives_count", "3"),
            ("tcp_user_timeout", "30000"), ("fallback_application_name", options.applicationName),
            // Only the first `dbname` may be a connection string; a second one is a name.
            ("dbname", conninfo), ("client_encoding", "UTF8"),
        ] + (options.database.map { [("dbname", $0)] } ?? []) + (password.map { [("password", $0)] } ?? [])
    }

    private func goOnConnecting(_ link: Link) -> Bool {
        if let limit = link.limit, ContinuousClock.now >= limit {
            connectTime = min(connectTime * 2, Limit.connectMaximum)
            options.meter?.failed()
            self.link = nil
            return true
        }
        guard isSocketReady else { return false }
        isSocketReady = false
        switch link.connection.continueConnecting() {
        case .reading: link.phase = .connecting(reading: true)
        case .writing: link.phase = .connecting(reading: false)
        case .failed: return refused(.connecting(to: link.target, link.connection.errorText))
        case .done:
            guard link.connection.becomeReady(options.protocolMode) else {
                return failWaiting(PostgresError(.protocol, "connect to \(link.target): \(link.connection.errorText)"))
            }
            options.meter?.opened(
                after: beganConnecting.duration(to: .now), certificateExpiry: link.connection.certificateExpiry)
            connectTime = Limit.connect
            isSecondLogin = false
            link.limit = nil
            link.phase = .ready
            return true
        }
        return false
    }

    /// A password that was remembered may have been replaced meanwhile: the new one has one try at once.
    private func refused(_ error: PostgresError) -> Bool {
        guard error.kind == .authentication, !isSecondLogin, options.password?.refused() == true else {
            return failWaiting(error)
        }
        isSecondLogin = true
        link = nil
        return true
    }

    /// All that wait now hear why there is no connection; whoever comes later causes a new attempt.
    private func failWaiting(_ error: PostgresError) -> Bool {
        link = nil
        isSecondLogin = false
        options.meter?.failed()
        for attempt in waiting { attempt.job.end(error) }
        waiting = []
        return false
    }

    // MARK: - Running

    private func startNext(on link: Link) -> Bool {
        guard !waiting.isEmpty || isSocketReady else { return false }
        isSocketReady = false
        guard link.isAlive() else {
            self.link = nil
            return true
        }
        guard !waiting.isEmpty else { return false }
        let attempt = waiting.removeFirst()
        attempt.job.opened(link.connection.server)
        guard !attempt.job.statements.isEmpty else {
            attempt.job.end()
            return true
        }
        link.phase = .running(attempt)
        guard link.send(attempt.job, options) else {
            broke(link, attempt, .asking(link.target, (nil, link.connection.errorText)))
            return true
        }
        return goOnRunning(attempt, on: link)
    }

    private func goOnRunning(_ attempt: Link.Attempt, on link: Link) -> Bool {
        guard !attempt.job.isOver else {
            startDraining(link, for: Limit.drain)
            return true
        }
        let progress = link.receive(for: attempt.job, isReadable: takeSocketReady())
        switch progress {
        case .pending: return false
        case .finished:
            attempt.job.end()
            link.isProven = true
            link.phase = .ready
        case .broken(let error): broke(link, attempt, error)
        }
        return true
    }

    /// A connection that went away while it was idle is noticed only when it is used: that job gets a second try.
    private func broke(_ link: Link, _ attempt: Link.Attempt, _ error: PostgresError) {
        self.link = nil
        if error.kind == .connection, link.isProven, options.readOnly, !attempt.isRetry, !attempt.job.hasReplies {
            waiting.insert(Link.Attempt(job: attempt.job, isRetry: true), at: 0)
        } else {
            attempt.job.end(error)
        }
    }

    private func takeSocketReady() -> Bool {
        defer { isSocketReady = false }
        return isSocketReady
    }

    // MARK: - Draining

    private func startDraining(_ link: Link, for time: Duration) {
        link.phase = .draining
        link.limit = .now + time
        canceller.noteProgress()
        canceller.send(link.connection.makeCancel())
    }

    /// Ready again only when the cancel request has gone through too: it must not hit the next statement.
    private func goOnDraining(_ link: Link) -> Bool {
        if let limit = link.limit, ContinuousClock.now >= limit {
            self.link = nil
            return true
        }
        let answered = link.answered
        let progress = link.receive(for: nil, isReadable: takeSocketReady())
        if link.answered != answered { canceller.noteProgress() }
        switch progress {
        case .broken:
            self.link = nil
            return true
        case .finished:
            guard !canceller.isBusy else { return false }
            link.limit = nil
            link.phase = .ready
            return true
        case .pending:
            if let repeatable = canceller.mayRepeat, ContinuousClock.now >= repeatable {
                canceller.send(link.connection.makeCancel())
            }
            return false
        }
    }

    // MARK: - The end

    private func shutDown() {
        let error = PostgresError(.cancelled, "the connection was closed by the program")
        for attempt in waiting { attempt.job.end(error) }
        waiting = []
        if let link, case .running(let attempt) = link.phase {
            attempt.job.end(error)
            startDraining(link, for: Limit.farewell)
        }
        while let link, case .draining = link.phase {
            link.limit = min(link.limit ?? .now, .now + Limit.farewell)
            while step() {}
            if self.link != nil { rest() }
        }
        link = nil
        mailbox.farewell.end()
    }
}
