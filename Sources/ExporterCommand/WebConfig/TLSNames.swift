internal import NIOSSL

/// The words of `tls_server_config`, which are those of Go's crypto/tls, in the terms of NIOSSL.
enum TLSNames {
    static let versions: KeyValuePairs<String, TLSVersion> = [
        "TLS10": .tlsv1, "TLS11": .tlsv11, "TLS12": .tlsv12, "TLS13": .tlsv13,
    ]

    static let curves: KeyValuePairs<String, NIOTLSCurve> = [
        "CurveP256": .secp256r1, "CurveP384": .secp384r1, "CurveP521": .secp521r1, "X25519": .x25519,
    ]

    /// Suites for TLS up to 1.2, best first: the default of Go's server.
    /// Source: https://pkg.go.dev/crypto/tls#CipherSuites
    static let ciphers: KeyValuePairs<String, NIOTLSCipher> = [
        "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256": .TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256": .TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384": .TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
        "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384": .TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256": .TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
        "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256": .TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
        "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA": .TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA,
        "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA": .TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA,
        "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA": .TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA,
        "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA": .TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA,
    ]

    /// Always on with TLS 1.3; neither Go nor BoringSSL lets anybody choose among them.
    static let ciphersOfTLS13: KeyValuePairs<String, NIOTLSCipher> = [
        "TLS_AES_128_GCM_SHA256": .TLS_AES_128_GCM_SHA256, "TLS_AES_256_GCM_SHA384": .TLS_AES_256_GCM_SHA384,
        "TLS_CHACHA20_POLY1305_SHA256": .TLS_CHACHA20_POLY1305_SHA256,
    ]
}

extension KeyValuePairs where Key == String {
    /// The value of a word.
    func value(of word: String) -> Value? { first { $0.key == word }?.value }
    /// All words, for messages.
    var words: String { map(\.key).joined(separator: ", ") }
}
