/// Whom a TLS session trusts, what it shows and what it accepts.
public struct TLSOptions: Sendable, Hashable {
    /// Oldest version that is accepted.
    public enum Version: String, Sendable, CaseIterable {
        case tls10 = "1.0"
        case tls11 = "1.1"
        case tls12 = "1.2"
        case tls13 = "1.3"
    }

    /// Name or address that the certificate must be for, and that is sent along when it is a name.
    public var serverName: String
    /// PEM file of authorities; the system's own when `nil`.
    public var authorityFile: String?
    /// PEM file of the client certificate.
    public var certificateFile: String?
    /// PEM file of its key.
    public var keyFile: String?
    /// OpenSSL's own choice when `nil`.
    public var minimumVersion: Version?

    /// The system's trust, no client certificate.
    public init(serverName: String) {
        self.serverName = serverName
    }
}

/// Why there is no TLS session.
public struct TLSError: Error, Sendable, CustomStringConvertible {
    /// A file of the settings, not the server, is the trouble.
    public let isConfiguration: Bool
    /// What failed, in OpenSSL's own words.
    public let description: String
}
