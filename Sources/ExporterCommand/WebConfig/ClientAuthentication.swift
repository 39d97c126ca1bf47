internal import NIOSSL

/// What a server asks of its clients' certificates.
///
/// Source: https://pkg.go.dev/crypto/tls#ClientAuthType
enum ClientAuthentication: String, Sendable, CaseIterable {
    case none = "NoClientCert"
    /// Asked for; neither needed nor checked.
    case request = "RequestClientCert"
    /// Needed; not checked.
    case requireAny = "RequireAnyClientCert"
    /// Checked when there is one.
    case verifyIfGiven = "VerifyClientCertIfGiven"
    case requireAndVerify = "RequireAndVerifyClientCert"

    /// - Parameter word: as in `client_auth_type`; the empty word is `NoClientCert`.
    init?(word: String) {
        switch word {
        case "": self = .none
        case "RequireClientCert": self = .requireAny
        default: self.init(rawValue: word)
        }
    }

    /// Whether the chain must lead to a CA that is trusted.
    var verifiesChain: Bool { self == .verifyIfGiven || self == .requireAndVerify }

    /// What BoringSSL is told. With a list of allowed names no client goes without a certificate: it could not be on the list.
    func verification(withAllowedNames: Bool) -> CertificateVerification {
        switch self {
        case .none: .none
        case .request, .verifyIfGiven: withAllowedNames ? .noHostnameVerification : .optionalVerification
        case .requireAny, .requireAndVerify: .noHostnameVerification
        }
    }
}
