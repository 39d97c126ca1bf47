/// How to reach a server, and how the sessions on it behave.
public struct PostgresOptions: Sendable, CustomStringConvertible {
    /// Gives the connection string, asked anew for every connection, so that a rotated password file counts at once.
    let conninfo: @Sendable () throws(PostgresError) -> String
    /// Database to connect to instead of the one that the connection string names; `nil` for that one.
    public var database: String?
    /// Shown by the server in `pg_stat_activity`, unless the connection string or `PGAPPNAME` says otherwise.
    public var applicationName: String
    /// Upper bound of the server's `statement_timeout`. Each run lowers it to what is left until its deadline.
    public var statementTimeout: Duration?
    /// Part of the time left that one statement of a run may take, 0 to 1, unless it has a timeout of its own: less than
    /// 1 leaves time for the statements behind one that hangs.
    public var statementShare = 1.0
    /// Upper bound of the server's `lock_timeout`. Each run lowers it to an even share of the time left, so that
    /// statements that wait for a lock cannot use up the time of the others.
    public var lockTimeout: Duration?
    /// Transactions are read-only (`default_transaction_read_only`). A run that lost its connection before the first
    /// answer is repeated once on a new one only when this is set.
    public var readOnly: Bool
    /// The session's `search_path`; `nil` keeps the server's. Pinned, so that no schema of a user can stand in for a
    /// catalogue.
    public var searchPath: String?
    /// Further settings of the session, name to value, as `SET` takes them. A server that refuses one refuses the
    /// session.
    public var settings: [String: String]
    /// How statements travel.
    public var protocolMode: ProtocolMode
    /// Gives the password instead of the connection string; `nil` leaves it to that string and to libpq's own ways.
    public var password: PasswordSource?
    /// Counts the connections that are opened with these options; `nil` counts nothing.
    public var meter: ConnectionMeter?

    /// How statements travel.
    public enum ProtocolMode: Sendable {
        /// All of a run in one round trip, prepared where that pays; the session is set up first.
        case pipeline
        /// One after the other as plain text, without parameters and on a session that is left as it is: for consoles
        /// such as PgBouncer's, which know nothing else. None of the limits above is told to the server; deadlines and
        /// cancellation hold all the same.
        case simple
    }

    /// Options for a fixed connection string.
    ///
    /// - Parameter conninfo: whatever libpq reads: a URI, `key=value` pairs, or a database name. It may hold a
    ///   password, name a service or a password file, or list several hosts.
    public init(conninfo: String, applicationName: String) {
        self.init(applicationName: applicationName) { () throws(PostgresError) in conninfo }
    }

    /// Options for a connection string that may change between connections.
    ///
    /// - Parameter conninfo: called on the connection's own thread, so it may read files.
    public init(applicationName: String, conninfo: @escaping @Sendable () throws(PostgresError) -> String) {
        self.conninfo = conninfo
        self.applicationName = applicationName
        self.statementTimeout = .seconds(60)
        self.lockTimeout = .seconds(1)
        self.readOnly = true
        self.searchPath = "pg_catalog, pg_temp"
        self.settings = [:]
        self.protocolMode = .pipeline
    }

    /// The application name; never the connection string, which may hold a password.
    public var description: String { "PostgresOptions(\(applicationName))" }
}
