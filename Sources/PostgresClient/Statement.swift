/// One SQL statement to run.
public struct Statement: Sendable, Hashable {
    /// Exactly one statement, parameters as `$1`, `$2`, ….
    public let sql: String
    /// Text values of the parameters; `nil` is NULL. The server infers their types, so cast where that is ambiguous.
    public let parameters: [String?]
    /// Parsed and planned once per connection. `false` for text that will not come again.
    public let prepared: Bool
    /// Time the server may spend on this one statement; `nil` for what the run allows. It never allows more than the
    /// run does.
    public let timeout: Duration?
    /// Whose `search_path` names are looked up in.
    public let searchPath: SearchPath
    /// Further settings of the server for this one statement, name to value as `SET` takes them; undone after it.
    public let settings: [String: String]

    /// A `search_path`.
    public enum SearchPath: Sendable, Hashable {
        /// That of the session, which `PostgresOptions` pins.
        case session
        /// What the server has for this user and database: for statements of a user, who expects his own schemas.
        case server
    }

    /// The same statement with more or less time.
    public func with(timeout: Duration) -> Statement {
        Statement(
            sql, parameters, prepared: prepared, timeout: timeout, searchPath: searchPath, settings: settings)
    }

    /// A statement from its parts.
    public init(
        _ sql: String, _ parameters: [String?] = [], prepared: Bool = true, timeout: Duration? = nil,
        searchPath: SearchPath = .session, settings: [String: String] = [:]
    ) {
        self.sql = sql
        self.parameters = parameters
        self.prepared = prepared
        self.timeout = timeout
        self.searchPath = searchPath
        self.settings = settings
    }
}

/// What became of one statement.
public struct StatementReply: Sendable {
    /// All rows, or why there are none.
    public let result: Result<ResultTable, PostgresError>
    /// Time from the previous answer of the run to this one; the first one's from when the session was set up.
    public let duration: Duration

    /// A reply from its parts.
    public init(_ result: Result<ResultTable, PostgresError>, took duration: Duration) {
        self.result = result
        self.duration = duration
    }
}
