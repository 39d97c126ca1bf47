/// Where one Redis or Valkey server is, and who asks it.
///
/// Prints and reflects without the password, so that it may appear in a log by mistake.
public struct RedisOptions: Sendable, CustomStringConvertible, CustomReflectable {
    /// Where the server listens.
    public enum Endpoint: Sendable, Hashable, CustomStringConvertible {
        /// Host name, IPv4 or IPv6 address without brackets; port 1 to 65535.
        case tcp(host: String, port: Int)
        /// Path of a Unix domain socket.
        case unix(path: String)

        /// `host:port`, `[v6]:port` or the path.
        public var description: String {
            switch self {
            case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
            case .unix(let path): path
            }
        }
    }

    /// Where the server listens.
    public var endpoint: Endpoint
    /// ACL user; `nil` for the default user. Without a password it is not sent.
    public var username: String?
    /// Password of the user; `nil` when the server asks for none.
    public var password: String?
    /// Logical database that the commands see, from 0.
    public var database: Int
    /// How to secure the connection; `nil` for plain text.
    public var tls: RedisTLS?
    /// Name shown by `CLIENT LIST`, without spaces; `nil` sets none. A server that refuses it is used all the same.
    public var clientName: String?
    /// Let a replica of a cluster answer for the keys it has a copy of (`READONLY`), instead of sending the asker away.
    public var readsReplica = false
    /// TLS with its files read; `nil` reads the files of `tls` for each connection.
    public var tlsContext: RedisTLSContext?
    /// Called before each new connection: may put in credentials and TLS as they are by then. An error fails what waits for
    /// the connection.
    public var renew: (@Sendable (inout RedisOptions) throws(RedisError) -> Void)?
    /// Largest reply that is read, in bytes; a larger one ends the connection.
    public var maximumReplyBytes: Int

    /// Options from their parts.
    public init(
        endpoint: Endpoint, username: String? = nil, password: String? = nil, database: Int = 0,
        tls: RedisTLS? = nil, clientName: String? = nil, maximumReplyBytes: Int = 64 << 20
    ) {
        self.endpoint = endpoint
        self.username = username
        self.password = password
        self.database = database
        self.tls = tls
        self.clientName = clientName
        self.maximumReplyBytes = maximumReplyBytes
    }

    /// These options as a new connection uses them.
    public func renewed() throws(RedisError) -> RedisOptions {
        var options = self
        try renew?(&options)
        return options
    }

    /// The endpoint alone.
    public var description: String { endpoint.description }

    /// Nothing but the endpoint, so that `dump` shows no password either.
    public var customMirror: Mirror { Mirror(self, children: ["endpoint": endpoint.description]) }
}

/// TLS towards the server. Files are read anew for every connection, so that renewed certificates are picked up, unless the
/// options bring a `RedisTLSContext`.
public struct RedisTLS: Sendable, Hashable {
    /// PEM file with the authorities to trust; `nil` for those of the system.
    public var caFile: String?
    /// PEM file with the client's certificate and its chain; needs `keyFile`.
    public var certificateFile: String?
    /// PEM file with the client's private key, not encrypted; needs `certificateFile`.
    public var keyFile: String?
    /// Name to ask for (SNI) and to verify; `nil` for the host of the endpoint. A certificate made out to the IP
    /// address of the connection is accepted too.
    public var serverName: String?
    /// Accepts any certificate: the traffic is encrypted, the server could be anybody.
    public var skipVerification: Bool

    /// TLS from its parts.
    public init(
        caFile: String? = nil, certificateFile: String? = nil, keyFile: String? = nil,
        serverName: String? = nil, skipVerification: Bool = false
    ) {
        self.caFile = caFile
        self.certificateFile = certificateFile
        self.keyFile = keyFile
        self.serverName = serverName
        self.skipVerification = skipVerification
    }
}
