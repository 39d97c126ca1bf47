/// Why a collector, or the session it needs, gave nothing or less than all.
public struct CollectorError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Closed set of causes; the only part that may become a label value.
    public enum Reason: String, Sendable, CaseIterable {
        /// The deadline of the scrape, or the server's statement timeout, was over.
        case timeout
        /// Nobody waits for the answer any more.
        case cancelled
        /// Something holds a lock that the question needs.
        case locked
        /// The server cannot be reached, or the connection broke.
        case connection
        /// The server refuses the user, the password or the certificate.
        case authentication
        /// TLS could not be agreed on.
        case tls
        /// The user may not ask this.
        case permission
        /// This server does not have what was asked for.
        case unsupported
        /// The server refused the question for another reason.
        case query
        /// The answer is not what the question promised.
        case decode
        /// All is well and there is nothing to report.
        case noData = "no_data"
    }

    /// The cause, for labels and decisions.
    public let reason: Reason
    /// Operation, target without credentials, the library's own words, and the next step. For the log, never a label.
    public let message: String

    /// An error from its parts.
    public init(_ reason: Reason, _ message: String) {
        self.reason = reason
        self.message = message
    }

    /// The message.
    public var description: String { message }
}
