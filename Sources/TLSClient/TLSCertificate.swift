/// One certificate that a server presented, or that its chain led to.
public struct TLSCertificate: Sendable, Hashable {
    /// Distinguished name as RFC 2253 writes it, the most specific part first.
    public let subject: String
    /// Distinguished name of who signed it.
    public let issuer: String
    /// Lower case hexadecimal, no leading zeros.
    public let serial: String
    /// `notAfter` in seconds since 1970; `nil` when it cannot be read.
    public let expiry: Double?
    /// DNS names among the subject's alternative names.
    public let names: [String]
    /// SHA-256 of the whole, lower case hexadecimal.
    public let fingerprint: String

    /// A certificate from its parts.
    public init(
        subject: String, issuer: String, serial: String, expiry: Double?, names: [String], fingerprint: String
    ) {
        self.subject = subject
        self.issuer = issuer
        self.serial = serial
        self.expiry = expiry
        self.names = names
        self.fingerprint = fingerprint
    }
}

/// What a TLS handshake showed, also one that failed because the server is not trusted.
public struct TLSHandshake: Sendable, Hashable {
    /// `TLS 1.3`
    public var version = ""
    /// As OpenSSL names it.
    public var cipher = ""
    /// As the server sent them, its own first.
    public var presented: [TLSCertificate] = []
    /// From the server's own certificate to the authority; empty when no chain leads to one that is trusted.
    public var trusted: [TLSCertificate] = []
    /// Why the server is not trusted, in words; `nil` when it is.
    public var distrust: String?

    /// Nothing seen yet.
    public init() {}

    /// Chain and name are right.
    public var isTrusted: Bool { distrust == nil && !trusted.isEmpty }
    /// When the first of the presented certificates ends.
    public var earliestExpiry: Double? { presented.compactMap(\.expiry).min() }
    /// When the chain ends by which the server is trusted.
    public var chainExpiry: Double? { trusted.compactMap(\.expiry).min() }
}
