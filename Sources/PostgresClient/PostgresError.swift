/// Why a server could not be reached, or did not answer a statement.
public struct PostgresError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Closed set of causes.
    public enum Kind: String, Sendable, CaseIterable {
        /// Not reachable, or the connection broke.
        case connection
        /// User, password or `pg_hba.conf` refuse.
        case authentication
        /// Encryption could not be agreed on, or a certificate is not trusted.
        case tls
        /// The deadline or the server's `statement_timeout` was over.
        case timeout
        /// The waiting task was cancelled, or somebody cancelled the statement.
        case cancelled
        /// A lock that the statement needs was not had within `lock_timeout`.
        case locked
        /// The user may not do this.
        case permission
        /// This server, or this database, has no such relation, column, function or feature.
        case unsupported
        /// The server refused the statement for another reason.
        case query
        /// An answer that does not fit the question, or too large a one.
        case `protocol`
        /// The connection string cannot be read.
        case configuration
    }

    /// The cause.
    public let kind: Kind
    /// Five characters of the SQL standard, when the server gave any: `42P01`.
    /// Source: https://www.postgresql.org/docs/current/errcodes-appendix.html
    public let sqlState: String?
    /// One line: operation, target without credentials, the library's or server's own words, next step. Never a
    /// password.
    public let message: String

    /// An error from its parts.
    public init(_ kind: Kind, sqlState: String? = nil, _ message: String) {
        self.kind = kind
        self.sqlState = sqlState
        self.message = message
    }

    /// The message.
    public var description: String { message }
}
