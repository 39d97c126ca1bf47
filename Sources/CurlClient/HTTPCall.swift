public import TLSClient

/// One HTTP request, with the limits its answer must keep.
public struct HTTPCall: Sendable {
    /// Request methods.
    public enum Method: String, Sendable, CaseIterable {
        case get = "GET"
        case head = "HEAD"
        case post = "POST"
        case put = "PUT"
        case patch = "PATCH"
        case delete = "DELETE"
    }

    /// How the call proves who it is. Sent to the host of `url` only, never after a redirect to another one.
    public enum Credentials: Sendable {
        /// `Authorization: Basic`.
        case basic(user: String, password: String)
        /// `Authorization: Bearer`.
        case bearer(String)
    }

    /// Which addresses of a name are asked.
    public enum AddressFamily: Sendable {
        case any
        case v4
        case v6
    }

    /// Versions that can be asked for.
    public enum Version: String, Sendable, CaseIterable {
        case http10 = "1.0"
        case http11 = "1.1"
        /// Over TLS, where the server knows it.
        case http2 = "2"
        /// From the first byte, also without TLS: the server must know it.
        case http2Direct = "2 at once"
    }

    /// By which way the server is reached.
    public enum Proxy: Sendable {
        /// None.
        case direct
        /// As `http_proxy`, `https_proxy` and `no_proxy` say.
        case environment
        /// This one, but for hosts of the list, which is separated by commas.
        case url(String, except: String)
    }

    /// Absolute, `http` or `https`, without user and password; percent-encoded where needed.
    public var url: String
    /// GET unless set.
    public var method: Method = .get
    /// Extra headers. A value with a line break makes the call fail before anything is sent.
    public var headers: [(name: String, value: String)] = []
    /// None unless set.
    public var credentials: Credentials?
    /// Sent as it is; a `Content-Type` belongs into `headers`.
    public var body: [UInt8]?
    /// What is in the cookie jar, as an earlier answer gave it back; `[]` is an empty jar, `nil` none at all.
    ///
    /// Domain, path, expiry and `Secure` are libcurl's business, redirects included.
    public var cookies: [String]?
    /// How messages name the call, where its URL must not be shown; else method, host and path.
    public var name: String?
    /// Trust and client certificate for https.
    public var tls = HTTPTrust()
    /// Redirects to follow; 0 gives the redirect itself as the answer.
    public var maximumRedirects = 0
    /// Bytes of the decoded body; more is `.tooLarge`.
    public var maximumBodyBytes = 1 << 20
    /// Bytes of all header lines of one answer; more is `.tooLarge`.
    public var maximumHeaderBytes = 64 << 10
    /// Resolves, connects and shakes hands anew and closes afterwards, so that every timing and the certificate are real.
    public var usesFreshConnection = false
    /// Addresses to choose from.
    public var addressFamily = AddressFamily.any
    /// 2 over TLS and 1.1 elsewhere when `nil`.
    public var version: Version?
    /// The client's own way when `nil`.
    public var proxy: Proxy?
    /// Asked before a redirect is followed; every one is when `nil`.
    public var mayFollow: (@Sendable (HTTPTarget) -> Bool)?
    /// Value of `Accept-Encoding`; a body in one of these is decoded. When `nil`, everything that can be decoded, and
    /// nothing on a fresh connection.
    public var acceptEncoding: String?

    /// A GET of this URL.
    public init(_ url: String) {
        self.url = url
    }
}

/// Whom an https call trusts, and which client certificate it shows.
public struct HTTPTrust: Sendable, Hashable {
    /// PEM file of authorities; the system's own when `nil`.
    public var authorityFile: String?
    /// PEM file of the client certificate.
    public var certificateFile: String?
    /// PEM file of its key.
    public var keyFile: String?
    /// Name that is sent and that the certificate must be for; the URL's own when `nil`.
    public var serverName: String?
    /// Oldest version that is accepted; libcurl's own choice when `nil`.
    public var minimumVersion: TLSOptions.Version?
    /// Checks chain and host name. Off only where the user asks for it in so many words.
    public var verifies = true

    /// The system's trust, no client certificate.
    public init() {}
}
