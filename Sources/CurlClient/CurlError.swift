internal import CCurl
public import TLSClient

/// Why a call has no answer.
public struct CurlError: Error, Sendable, CustomStringConvertible {
    /// Closed set of causes, fit for a label.
    public enum Kind: String, Sendable, CaseIterable {
        /// The name has no address.
        case resolve
        /// No connection, or it broke.
        case connect
        /// No handshake, or the certificate is not trusted.
        case tls
        /// The deadline was over.
        case timeout
        /// Nobody waits any more.
        case cancelled
        /// Body or headers exceed the limit.
        case tooLarge = "too_large"
        /// The answer is not HTTP.
        case `protocol`
        /// More redirects than the call may follow.
        case redirects
        /// The call itself cannot be made: URL, header, file of certificates.
        case configuration
    }

    /// The cause.
    public let kind: Kind
    /// Operation, target without query and credentials, libcurl's own words, the next step.
    public let message: String
    /// Time until it failed.
    public internal(set) var timings: HTTPTimings
    /// What the last TLS handshake showed, when the call got so far and asked for a fresh connection.
    public internal(set) var handshake: TLSHandshake?
    /// Redirects that were followed before it failed.
    public internal(set) var redirects = 0
    /// The last answer, when it is one redirect too many.
    public internal(set) var answer: HTTPAnswer?

    /// An error from its parts.
    public init(_ kind: Kind, _ message: String, timings: HTTPTimings = HTTPTimings()) {
        self.kind = kind
        self.message = message
        self.timings = timings
    }

    /// The message.
    public var description: String { message }
}

extension CurlError.Kind {
    /// The cause behind a code of `curl_easy_perform`.
    init(_ code: CURLcode) {
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: self = .resolve
        case CURLE_COULDNT_CONNECT, CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_INTERFACE_FAILED, CURLE_GOT_NOTHING,
            CURLE_PROXY:
            self = .connect
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR,
            CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_CLIENTCERT, CURLE_SSL_CRL_BADFILE:
            self = .tls
        case CURLE_OPERATION_TIMEDOUT: self = .timeout
        case CURLE_FILESIZE_EXCEEDED: self = .tooLarge
        case CURLE_URL_MALFORMAT, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM,
            CURLE_BAD_FUNCTION_ARGUMENT, CURLE_UNKNOWN_OPTION, CURLE_FAILED_INIT, CURLE_NOT_BUILT_IN:
            self = .configuration
        default: self = .protocol
        }
    }

    /// What to do about it, for the end of a message.
    var nextStep: String {
        switch self {
        case .resolve: "check the host name and the DNS of this machine"
        case .connect: "check that the server runs and that a firewall or proxy lets this host through"
        case .tls: "check the certificate and, for an authority of your own, the ca file"
        case .timeout: "raise the timeout or find out why the server is slow"
        case .cancelled: "nothing to do"
        case .tooLarge: "ask for less, or raise the limit"
        case .protocol: "check that the port speaks HTTP"
        case .redirects: "ask the address it ends at, or find the loop"
        case .configuration: "correct the configuration"
        }
    }
}
