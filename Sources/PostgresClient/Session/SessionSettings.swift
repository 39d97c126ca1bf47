/// What is set on every session, and the statements that do it.
///
/// Set by statements and not by start-up options, because poolers such as PgBouncer refuse the latter. They travel in
/// the round trip of the first questions.
enum SessionSettings {
    /// Name and value of everything a new session is given.
    static func all(_ options: PostgresOptions, _ limits: Limits, version: Int) -> [(name: String, value: String)] {
        var settings = [
            ("default_transaction_read_only", options.readOnly ? "on" : "off"),
            ("idle_in_transaction_session_timeout", "60s"),
            ("DateStyle", "ISO"), ("IntervalStyle", "postgres"), ("bytea_output", "hex"),
            // Shortest text that reads back exactly; below 12 the largest value comes closest.
            ("extra_float_digits", "3"),
        ]
        // Short questions: neither compiling a plan nor waking workers pays.
        if version >= 110_000 { settings.append(("jit", "off")) }
        settings.append(("max_parallel_workers_per_gather", "0"))
        if let path = options.searchPath { settings.append(("search_path", path)) }
        settings += options.settings.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        return settings + limits.settings
    }

    /// One statement for all of them.
    static func statement(_ settings: [(name: String, value: String)]) -> Statement {
        let calls = settings.indices.map { "pg_catalog.set_config($\(2 * $0 + 1), $\(2 * $0 + 2), false)" }
        return Statement(
            "SELECT " + calls.joined(separator: ", "), settings.flatMap { [$0.name, $0.value] }, prepared: false)
    }

    /// Lets the server notice within seconds that its client is gone. Not every platform of a server can.
    static func connectionCheck(version: Int) -> Statement? {
        guard version >= 140_000 else { return nil }
        return Statement(
            "SELECT pg_catalog.set_config('client_connection_check_interval', '2s', false)", prepared: false)
    }

    /// What one statement has otherwise than its session; `nil` when nothing.
    ///
    /// The settings are local to the transaction that the statement and this one share, so that the server undoes them
    /// itself, whatever becomes of the statement.
    static func local(to statement: Statement, within limits: Limits) -> (sql: String, parameters: [String?])? {
        guard statement.timeout != nil || statement.searchPath == .server || !statement.settings.isEmpty else {
            return nil
        }
        var calls: [String] = []
        var parameters: [String?] = []
        if let timeout = statement.timeout {
            calls.append("pg_catalog.set_config('statement_timeout', $1, true)")
            parameters.append(String(max(1, min(timeout.milliseconds, limits.longest))))
        }
        // NULL is the value that the user, the database or the server's configuration gives.
        if statement.searchPath == .server { calls.append("pg_catalog.set_config('search_path', NULL, true)") }
        for (name, value) in statement.settings.sorted(by: { $0.key < $1.key }) {
            calls.append("pg_catalog.set_config($\(parameters.count + 1), $\(parameters.count + 2), true)")
            parameters += [name, value]
        }
        return ("SELECT " + calls.joined(separator: ", "), parameters)
    }

    /// Time limits that the server keeps for one run, in milliseconds.
    struct Limits: Equatable {
        /// For every statement that has no limit of its own.
        var statement: Int64
        /// The most that a statement's own limit may be.
        var longest: Int64
        var lock: Int64

        /// - Parameter count: number of statements of the run. Each may wait for a lock for its even share of the time,
        ///   so that even with all of them locked the run ends in time.
        init(_ options: PostgresOptions, remaining: Duration, count: Int) {
            let left = max(1, remaining.milliseconds)
            longest = min(options.statementTimeout?.milliseconds ?? left, left)
            statement = max(1, Int64(Double(longest) * options.statementShare))
            lock = min(options.lockTimeout?.milliseconds ?? left, max(5, left / Int64(count + 1)))
        }

        private init(statement: Int64, longest: Int64, lock: Int64) {
            self.statement = statement
            self.longest = longest
            self.lock = lock
        }

        /// A little less than allowed, so that the next run, with a deadline a few milliseconds shorter, need not set
        /// it.
        var withMargin: Limits {
            Limits(
                statement: max(1, statement * 19 / 20), longest: longest, lock: max(1, lock * 19 / 20))
        }

        /// Whether limits in force serve a run with these: not longer, and not much shorter.
        func areServed(by limits: Limits) -> Bool {
            limits.statement <= statement && limits.statement >= statement * 4 / 5
                && limits.lock <= lock && limits.lock >= lock / 2
        }

        var settings: [(name: String, value: String)] {
            [("statement_timeout", String(statement)), ("lock_timeout", String(lock))]
        }

        /// Sets them on a session that has other ones.
        var statementToSet: Statement {
            Statement(
                """
                SELECT pg_catalog.set_config('statement_timeout', $1, false), \
                pg_catalog.set_config('lock_timeout', $2, false)
                """, [String(statement), String(lock)])
        }
    }
}

extension Duration {
    /// Whole milliseconds, rounded down.
    var milliseconds: Int64 {
        components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000
    }
}
