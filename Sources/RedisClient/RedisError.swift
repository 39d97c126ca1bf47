/// Why a command has no answer, or a server cannot be asked.
public struct RedisError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Closed set of causes.
    public enum Kind: String, Sendable, CaseIterable {
        /// The server cannot be reached, or the connection broke.
        case connection
        /// The server wants a password, or another one.
        case authentication
        /// TLS could not be agreed on, or a certificate file cannot be used.
        case tls
        /// The deadline was over. The connection is closed when commands were unanswered.
        case timeout
        /// The task was cancelled. The connection is closed when commands were unanswered.
        case cancelled
        /// The user may not run the command.
        case permission
        /// The server does not know the command, or the client refuses to send it.
        case unsupported
        /// The server refused the command for another reason.
        case server
        /// The bytes received are no RESP2 reply, or one beyond the limits.
        case `protocol`
    }

    /// The cause, for decisions.
    public let kind: Kind
    /// Operation, target without credentials, the server's or the library's own words. For a log; never a password.
    public let message: String

    /// An error from its parts.
    public init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    /// The message.
    public var description: String { message }
}
