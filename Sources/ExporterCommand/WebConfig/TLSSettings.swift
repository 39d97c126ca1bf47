internal import NIOSSL

/// `tls_server_config`: everything about TLS, with certificates where they are, not read yet.
struct TLSSettings: Sendable {
    let certificate: PEMSource
    let key: PEMSource
    let clientCA: PEMSource?
    let clientAuthentication: ClientAuthentication
    let allowedNames: AllowedNames
    let minimum: TLSVersion
    let maximum: TLSVersion
    /// For TLS up to 1.2; `nil` for the usual ones.
    let ciphers: [NIOTLSCipher]?
    /// `nil` for the usual ones.
    let curves: [NIOTLSCurve]?

    /// Files to watch.
    var paths: [String] { [certificate, key, clientCA].compactMap { $0?.path } }

    /// - Returns: `nil` when TLS is off: no certificate, key, CA or client authentication is configured.
    static func read(_ map: YAMLMapping) throws(ConfigurationError) -> TLSSettings? {
        var map = map
        let certificate = try PEMSource.read("cert", from: &map)
        let key = try PEMSource.read("key", from: &map)
        let clientCA = try PEMSource.read("client_ca", from: &map)
        let authentication = try clientAuthentication(&map)
        let names = AllowedNames(names: try map.optionalNode("client_allowed_sans")?.strings() ?? [])
        let limits = try versions(&map)
        let ciphers = try list("cipher_suites", "cipher", &map) {
            TLSNames.ciphers.value(of: $0) ?? TLSNames.ciphersOfTLS13.value(of: $0)
        }
        let curves = try list("curve_preferences", "curve", &map) { TLSNames.curves.value(of: $0) }
        // Without effect in Go since 1.18, and here: both sides' own lists are good.
        _ = try map.optionalBool("prefer_server_cipher_suites")
        try map.finish()
        guard certificate != nil || key != nil || clientCA != nil || authentication.isGiven else { return nil }
        guard let certificate else {
            throw map.error("missing one of cert or cert_file; give the certificate chain as PEM")
        }
        guard let key else { throw map.error("missing one of key or key_file; give the private key as PEM") }
        guard clientCA == nil || authentication.value != .none else {
            throw map.error(
                "client CA's have been configured without a Client Auth Policy; set client_auth_type,"
                    + " for example to RequireAndVerifyClientCert")
        }
        let usable = try usable(ciphers, limits, map)
        return TLSSettings(
            certificate: certificate, key: key, clientCA: clientCA, clientAuthentication: authentication.value,
            allowedNames: names, minimum: usable.minimum, maximum: limits.maximum, ciphers: usable.ciphers,
            curves: curves)
    }

    // MARK: - Keys

    private static func clientAuthentication(
        _ map: inout YAMLMapping
    ) throws(ConfigurationError) -> (value: ClientAuthentication, isGiven: Bool) {
        guard let node = map.optionalNode("client_auth_type") else { return (.none, false) }
        let word = try node.string()
        guard let value = ClientAuthentication(word: word) else {
            let known = ClientAuthentication.allCases.map(\.rawValue).joined(separator: ", ")
            throw node.error("invalid ClientAuth: \(Shown.clipped(word)); known are \(known)")
        }
        return (value, !word.isEmpty)
    }

    private static func versions(
        _ map: inout YAMLMapping
    ) throws(ConfigurationError) -> (minimum: TLSVersion, maximum: TLSVersion) {
        let minimum = try version("min_version", &map) ?? .tlsv12
        let maximum = try version("max_version", &map) ?? .tlsv13
        guard order(minimum) <= order(maximum) else {
            throw map.error("min_version is above max_version, so no client could connect; exchange them")
        }
        return (minimum, maximum)
    }

    private static func version(_ key: String, _ map: inout YAMLMapping) throws(ConfigurationError) -> TLSVersion? {
        guard let node = map.optionalNode(key) else { return nil }
        let word = try node.string()
        guard let version = TLSNames.versions.value(of: word) else {
            throw node.error("unknown TLS version: \(Shown.clipped(word)); known are \(TLSNames.versions.words)")
        }
        return version
    }

    private static func order(_ version: TLSVersion) -> Int {
        TLSNames.versions.firstIndex { $0.value == version } ?? 0
    }

    /// - Returns: `nil` for no list or an empty one, which means the usual values.
    private static func list<Value>(
        _ key: String, _ what: String, _ map: inout YAMLMapping, _ value: (String) -> Value?
    ) throws(ConfigurationError) -> [Value]? {
        var values: [Value] = []
        for node in try map.optionalSequence(key) {
            let word = try node.string()
            guard let value = value(word) else {
                let known = what == "curve" ? TLSNames.curves.words : TLSNames.ciphers.words
                throw node.error("unknown \(what): \(Shown.clipped(word)); known are \(known)")
            }
            values.append(value)
        }
        return values.isEmpty ? nil : values
    }

    /// A list with nothing but suites of TLS 1.3 leaves none for older versions, so these are off.
    private static func usable(
        _ listed: [NIOTLSCipher]?, _ limits: (minimum: TLSVersion, maximum: TLSVersion), _ map: YAMLMapping
    ) throws(ConfigurationError) -> (ciphers: [NIOTLSCipher]?, minimum: TLSVersion) {
        guard let listed else { return (nil, limits.minimum) }
        let ciphers = listed.filter { cipher in !TLSNames.ciphersOfTLS13.contains { $0.value == cipher } }
        guard ciphers.isEmpty else { return (ciphers, limits.minimum) }
        guard limits.maximum == .tlsv13 else {
            throw map.error("cipher_suites has only suites of TLS 1.3, which max_version forbids; add one for TLS12")
        }
        return (nil, .tlsv13)
    }
}
