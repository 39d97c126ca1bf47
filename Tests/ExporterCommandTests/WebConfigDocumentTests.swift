import NIOSSL
import Testing

@testable import ExporterCommand

@Suite struct WebConfigDocumentTests {
    private func document(_ text: String) throws -> WebDocument {
        try WebDocument(try YAMLDocument(text: text, name: "web.yml").root)
    }

    @Test(arguments: ["", "# nothing\n", "~", "tls_server_config:\n", "tls_server_config: { min_version: TLS13 }"])
    func nothingOfUseIsPlainHTTP(text: String) throws {
        let document = try document(text)
        #expect(document.tls == nil && document.users.isEmpty && document.headers.isEmpty && document.rateLimit == nil)
        #expect(document.http2)
    }

    @Test func everyKeyIsRead() throws {
        let document = try document(
            """
            tls_server_config:
              cert_file: a/cert.pem
              cert: ignored, as the file is given
              key: inline
              client_ca_file: /ca.pem
              client_auth_type: RequireClientCert
              client_allowed_sans: [prometheus.example, 10.0.0.1]
              min_version: TLS10
              max_version: TLS12
              cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TLS_AES_128_GCM_SHA256]
              prefer_server_cipher_suites: false
              curve_preferences: [X25519, CurveP521]
            http_server_config:
              http2: false
              headers:
                Content-Security-Policy: |
                  default-src 'none';
                  img-src data:
                X-Frame-Options: deny
                X-Content-Type-Options: nosniff
                X-XSS-Protection: 1; mode=block
                Strict-Transport-Security: max-age=31536000
            basic_auth_users:
              "äö": $2y$05$nllCGO1VlNC8PJSK7rfIUuD5dLbw6srt4lN4Ek0yG7MuqyHed8x/e
            rate_limit: { interval: 500ms, burst: 3 }

            """)
        let tls = try #require(document.tls)
        #expect(tls.paths == ["a/cert.pem", "/ca.pem"])
        #expect("\(tls.key)" == "inline" && tls.clientAuthentication == .requireAny)
        #expect(tls.allowedNames.names == ["prometheus.example", "10.0.0.1"])
        #expect(tls.minimum == .tlsv1 && tls.maximum == .tlsv12)
        #expect(tls.ciphers == [.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256] && tls.curves == [.x25519, .secp521r1])
        #expect(!document.http2)
        #expect(document.headers.count == 5)
        #expect(document.headers[0].value == "default-src 'none'; img-src data:")
        #expect(document.users[Array("äö".utf8)]?.cost == 5)
        #expect(document.rateLimit == WebDocument.RateLimit(interval: .milliseconds(500), burst: 3))
    }

    /// Where Go would accept a list that leaves TLS 1.2 without a suite and fail each handshake, older versions are off.
    @Test func onlySuitesOfTLS13MeansTLS13() throws {
        let tls = try #require(
            try document("tls_server_config: { cert: a, key: b, cipher_suites: [TLS_AES_128_GCM_SHA256] }").tls)
        #expect(tls.minimum == .tlsv13 && tls.ciphers == nil)
    }

    private static let curves = "CurveP256, CurveP384, CurveP521, X25519"
    private static let versions = "TLS10, TLS11, TLS12, TLS13"
    private static let headers =
        "Content-Security-Policy, X-Frame-Options, X-Content-Type-Options, X-XSS-Protection, Strict-Transport-Security"
    private static let hashHint = "make one with: htpasswd -nBC 10 USER"
    private static let salt = "nllCGO1VlNC8PJSK7rfIUuD5dLbw6srt4lN4Ek0yG7MuqyHed8x/e"

    /// The YAML and all of the message.
    private static let refused: [(String, String)] = [
        ("tls_server_config: { cert: x }", "1:20: missing one of key or key_file; give the private key as PEM"),
        ("tls_server_config: { key: x }", "1:20: missing one of cert or cert_file; give the certificate chain as PEM"),
        (
            "tls_server_config: { client_auth_type: RequestClientCert }",
            "1:20: missing one of cert or cert_file; give the certificate chain as PEM"
        ),
        (
            "tls_server_config: { cert: x, key: y, client_ca: z }",
            "1:20: client CA's have been configured without a Client Auth Policy; set client_auth_type,"
                + " for example to RequireAndVerifyClientCert"
        ),
        (
            "tls_server_config: { cert: x, key: y, client_ca: z, client_auth_type: NoClientCert }",
            "1:20: client CA's have been configured without a Client Auth Policy; set client_auth_type,"
                + " for example to RequireAndVerifyClientCert"
        ),
        (
            "tls_server_config: { client_auth_type: Always }",
            "1:40: invalid ClientAuth: Always; known are NoClientCert, RequestClientCert, RequireAnyClientCert,"
                + " VerifyClientCertIfGiven, RequireAndVerifyClientCert"
        ),
        ("tls_server_config: { curve_preferences: [P256] }", "1:42: unknown curve: P256; known are \(curves)"),
        ("tls_server_config: { min_version: SSL3 }", "1:35: unknown TLS version: SSL3; known are \(versions)"),
        ("tls_server_config: { max_version: 1.2 }", "1:35: unknown TLS version: 1.2; known are \(versions)"),
        (
            "tls_server_config: { min_version: TLS13, max_version: TLS12 }",
            "1:20: min_version is above max_version, so no client could connect; exchange them"
        ),
        (
            "tls_server_config: { cert: x, key: y, cipher_suites: [TLS_AES_128_GCM_SHA256], max_version: TLS12 }",
            "1:20: cipher_suites has only suites of TLS 1.3, which max_version forbids; add one for TLS12"
        ),
        (
            "tls_server_config: { cert_fil: x }",
            "1:22: unknown key cert_fil in tls_server_config (did you mean cert_file?)"
        ),
        (
            "http_server_config:\n  headers:\n    Server: x\n",
            "3:5: HTTP header \"Server\" can not be configured; known are \(headers)"
        ),
        (
            "http_server_config: { headers: { X-Frame-Options: allow } }",
            "1:51: invalid value for X-Frame-Options. Expected one of: [\"deny\" \"sameorigin\"], but got: \"allow\""
        ),
        (
            "http_server_config: { headers: { X-Content-Type-Options: \"\" } }",
            "1:58: invalid value for X-Content-Type-Options. Expected one of: [\"nosniff\"], but got: \"\""
        ),
        (
            "http_server_config: { headers: { X-XSS-Protection: \"a\\0b\" } }",
            "1:52: X-XSS-Protection has characters that a header cannot carry; use printable ASCII"
        ),
        ("http_server_config: { http2: yes }", "1:30: http2 must be true or false, not `yes`; write true"),
        (
            "basic_auth_users:\n  ann: s3cr3t\n",
            "2:8: the password of user ann is no bcrypt hash: it does not begin with $2a$, $2b$ or $2y$; \(hashHint)"
        ),
        (
            "basic_auth_users: { ann: { file: s3cr3t } }",
            "1:26: the password of user ann is no bcrypt hash: it is not text; \(hashHint)"
        ),
        (
            "basic_auth_users: { ann: $2y$32$\(salt) }",
            "1:26: the password of user ann is no bcrypt hash: it has the cost 32, which is not between 4 and 31; \(hashHint)"
        ),
        (
            "basic_auth_users: { ann: $2y$05$\(salt)s3cr3t }",
            "1:26: the password of user ann is no bcrypt hash: it has 66 characters instead of 60; \(hashHint)"
        ),
        (
            "basic_auth_users: { ann: $2y$05$\(salt.dropLast())! }",
            "1:26: the password of user ann is no bcrypt hash: it has characters that do not belong there; \(hashHint)"
        ),
        (
            "basic_auth_users:\n  ann: $2y$05$\(salt)\n  ann: $2y$05$\(salt)\n",
            "3:3: the key ann is given twice, first at web.yml:2:3; remove one of them"
        ),
        ("rate_limit: { interval: 5 }", "1:25: interval must be a time such as 250ms, 15s or 1m30s, not `5`"),
        ("rate_limit: { interval: 1s, burst: -1 }", "1:36: burst must be at least 0, not -1"),
        (
            "tls_config: {}",
            "1:1: unknown key tls_config in the web configuration; known are basic_auth_users, http_server_config,"
                + " rate_limit, tls_server_config"
        ),
        ("- a\n", "1:1: the document must be keys with values, but there is a list"),
    ]

    @Test(arguments: refused)
    func whatIsWrongHasAPlaceAndAWayOut(text: String, message: String) throws {
        let error = try #require(throws: ConfigurationError.self) { try document(text) }
        #expect("\(error)" == "web.yml:\(message)")
        #expect(!"\(error)".contains("s3cr3t"))
    }

    @Test func unknownCipherIsNamed() throws {
        let text = "tls_server_config: { cipher_suites: [TLS_RSA_WITH_RC4_128_SHA] }"
        let error = try #require(throws: ConfigurationError.self) { try document(text) }
        #expect("\(error)".hasPrefix("web.yml:1:38: unknown cipher: TLS_RSA_WITH_RC4_128_SHA; known are TLS_ECDHE_"))
    }

    @Test(arguments: ["/dev/null", "/"])
    func whatIsNoFileIsRefused(path: String) throws {
        let error = try #require(throws: ConfigurationError.self) { try WebConfiguration(file: path) }
        #expect("\(error)" == "\(path): not a regular file; it is read again while running, so a pipe will not do")
    }

    @Test func nothingThatHoldsASecretPrintsIt() throws {
        let hash = try BcryptHash("$2y$05$\(Self.salt)")
        let text = "tls_server_config: { cert: s3cr3t, key: s3cr3t }\nbasic_auth_users: { ann: $2y$05$\(Self.salt) }"
        let document = try document(text)
        var dumped = ""
        dump(document, to: &dumped)
        for printed in ["\(hash)", String(reflecting: hash), "\(document)", String(reflecting: document), dumped] {
            #expect(!printed.contains("s3cr3t") && !printed.contains(Self.salt))
        }
    }
}
