internal import NIOSSL

/// One login and TLS as a program's own flags give them, beside the file of `--web.config.file`.
public struct WebOverrides: Sendable {
    struct Login: Sendable {
        let user: String
        let hash: BcryptHash
        let origin: String
    }

    /// Files and the oldest version of TLS, as flags name them.
    public struct TLS: Sendable {
        /// PEM files of the server's certificate and key.
        public let certificateFile: String, keyFile: String
        /// PEM file of the authority whose clients are let in; `nil` lets in clients without a certificate.
        public let clientCAFile: String?
        /// `TLS1.0` to `TLS1.3`.
        public let minimumVersion: String

        /// TLS from its parts.
        public init(certificateFile: String, keyFile: String, clientCAFile: String?, minimumVersion: String) {
            self.certificateFile = certificateFile
            self.keyFile = keyFile
            self.clientCAFile = clientCAFile
            self.minimumVersion = minimumVersion
        }
    }

    private(set) var login: Login?
    private(set) var tls: (tls: TLSSettings, origin: String)?

    var isEmpty: Bool { login == nil && tls == nil }

    /// Nothing.
    public init() {}

    /// Lets in one user.
    ///
    /// - Parameters:
    ///   - isHash: the secret is a bcrypt hash and not the password itself.
    ///   - origin: the flag that gives the secret, for messages.
    /// - Throws: `UsageError` for what is no hash, or no password that bcrypt looks at as a whole.
    public mutating func admit(
        _ user: String, secret: String, isHash: Bool, from origin: String
    ) throws(UsageError) {
        do throws(BcryptHash.Malformed) {
            let hash = isHash ? try BcryptHash(secret) : try BcryptHash(of: secret)
            login = Login(user: user, hash: hash, origin: origin)
        } catch {
            let advice = "is no bcrypt hash: it \(error.reason); make one with: htpasswd -nBC 10 USER"
            throw UsageError("\(origin): \(isHash ? advice : error.reason)")
        }
    }

    /// Speaks TLS.
    ///
    /// - Parameters:
    ///   - origin: the flag of the certificate, for messages.
    ///   - versionOrigin: the flag of the oldest version.
    /// - Throws: `UsageError` for a version that there is not.
    public mutating func secure(_ tls: TLS, from origin: String, versionOrigin: String) throws(UsageError) {
        let words = ["TLS1.0", "TLS1.1", "TLS1.2", "TLS1.3"]
        guard words.contains(tls.minimumVersion),
            let minimum = TLSNames.versions.value(of: tls.minimumVersion.filter { $0 != "." })
        else {
            let known = words.joined(separator: ", ")
            throw UsageError("\(versionOrigin): `\(Shown.clipped(tls.minimumVersion))` is not one of \(known)")
        }
        let settings = TLSSettings(
            certificate: PEMSource(path: tls.certificateFile), key: PEMSource(path: tls.keyFile),
            clientCA: tls.clientCAFile.map { PEMSource(path: $0) },
            clientAuthentication: tls.clientCAFile == nil ? .none : .requireAndVerify,
            allowedNames: AllowedNames(names: []), minimum: minimum, maximum: .tlsv13, ciphers: nil, curves: nil)
        self.tls = (settings, origin)
    }
}

/// Where a web configuration comes from: a file, flags, or both.
struct WebSource: Sendable {
    /// Empty for none.
    let file: String
    private let overrides: WebOverrides

    init(_ file: String, _ overrides: WebOverrides) {
        self.file = file
        self.overrides = overrides
    }

    /// What to watch.
    var paths: [String] { file.isEmpty ? [] : [file] }

    /// What all of it says now.
    func read() throws(ConfigurationError) -> WebDocument {
        let document = try file.isEmpty ? WebDocument.empty : WebDocument(file: file)
        return try document.with(overrides, file: file)
    }
}
