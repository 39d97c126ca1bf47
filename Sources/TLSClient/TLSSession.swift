internal import COpenSSL

/// A TLS client as a machine without a socket: bytes of the server go in, bytes for the server come out.
///
/// The server is talked to whether it is trusted or not; `handshake` tells. Confined to one task.
public final class TLSSession {
    private let session: OpaquePointer
    /// Bytes of the server on their way into OpenSSL; owned by the session.
    private let incoming: OpaquePointer
    /// Bytes for the server; owned by the session.
    private let outgoing: OpaquePointer
    private let observer = TLSObserver(goesOn: true)
    private let serverName: String

    /// Prepares a session; nothing is said yet. Reads the files of the options.
    public init(_ options: TLSOptions) throws(TLSError) {
        guard let context = SSL_CTX_new(TLS_client_method()) else { throw .lastOne("OpenSSL has no memory") }
        // The session keeps it.
        defer { SSL_CTX_free(context) }
        try Self.configure(context, options)
        observer.observe(UnsafeMutableRawPointer(context))
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
        guard let session = SSL_new(context), let incoming = BIO_new(BIO_s_mem()), let outgoing = BIO_new(BIO_s_mem())
        else { throw .lastOne("OpenSSL has no memory") }
        SSL_set_bio(session, incoming, outgoing)
        SSL_set_connect_state(session)
        serverName = options.serverName
        if !Self.isAddress(serverName) { _ = COpenSSL_set_server_name(session, serverName) }
        self.session = session
        self.incoming = incoming
        self.outgoing = outgoing
    }

    deinit { SSL_free(session) }

    private static func configure(_ context: OpaquePointer, _ options: TLSOptions) throws(TLSError) {
        SSL_CTX_set1_cert_store(context, try TLSAuthorities.store(options.authorityFile).raw)
        if let file = options.certificateFile {
            guard SSL_CTX_use_certificate_chain_file(context, file) == 1 else { throw .file(file, "certificates") }
            let key = options.keyFile ?? file
            guard SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) == 1 else { throw .file(key, "a key") }
        }
        let version: Int32? =
            switch options.minimumVersion {
            case .tls10?: TLS1_VERSION
            case .tls11?: TLS1_1_VERSION
            case .tls12?: TLS1_2_VERSION
            case .tls13?: TLS1_3_VERSION
            case nil: nil
            }
        if let version { _ = COpenSSL_set_minimum_version(context, version) }
    }

    /// What the handshake showed; `nil` before the server showed its certificates.
    public var handshake: TLSHandshake? {
        guard var seen = observer.handshake else { return nil }
        if seen.distrust == nil { seen.distrust = nameTrouble() }
        return seen
    }

    /// Goes on with the handshake.
    ///
    /// - Returns: whether it is done; if not, send what is `pending` and `receive` more.
    public func shakeHands() throws(TLSError) -> Bool {
        ERR_clear_error()
        let code = SSL_do_handshake(session)
        if code == 1 { return true }
        try check(code, "TLS handshake")
        return false
    }

    /// Takes bytes of the server.
    public func receive(_ bytes: [UInt8]) {
        _ = bytes.withUnsafeBytes { BIO_write(incoming, $0.baseAddress, Int32(clamping: $0.count)) }
    }

    /// Takes what is to be sent to the server; empty when there is nothing.
    public func pending() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: BIO_ctrl_pending(outgoing))
        let count = bytes.isEmpty ? 0 : BIO_read(outgoing, &bytes, Int32(clamping: bytes.count))
        return Array(bytes.prefix(max(0, Int(count))))
    }

    /// Encrypts; the result is `pending`.
    public func write(_ bytes: [UInt8]) throws(TLSError) {
        guard !bytes.isEmpty else { return }
        ERR_clear_error()
        let code = bytes.withUnsafeBytes { SSL_write(session, $0.baseAddress, Int32(clamping: $0.count)) }
        if code <= 0 { try check(code, "sending over TLS") }
    }

    /// Decrypts what has come so far.
    ///
    /// - Returns: empty when more of the server's bytes are needed; `nil` when the server has closed the session.
    public func read() throws(TLSError) -> [UInt8]? {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while true {
            ERR_clear_error()
            let code = SSL_read(session, &chunk, Int32(chunk.count))
            if code > 0 {
                bytes += chunk.prefix(Int(code))
                continue
            }
            guard SSL_get_error(session, code) != SSL_ERROR_ZERO_RETURN else { return bytes.isEmpty ? nil : bytes }
            if bytes.isEmpty { try check(code, "reading over TLS") }
            return bytes
        }
    }

    /// Throws unless the code only means that more bytes are needed.
    private func check(_ code: Int32, _ action: String) throws(TLSError) {
        let reason = SSL_get_error(session, code)
        guard reason != SSL_ERROR_WANT_READ, reason != SSL_ERROR_WANT_WRITE else { return }
        throw .lastOne(action)
    }

    private func nameTrouble() -> String? {
        guard let certificate = SSL_get0_peer_certificate(session) else { return nil }
        let isRight =
            Self.isAddress(serverName)
            ? X509_check_ip_asc(certificate, serverName, 0) : X509_check_host(certificate, serverName, 0, 0, nil)
        return isRight == 1 ? nil : "the certificate is not for \(serverName)"
    }

    private static func isAddress(_ name: String) -> Bool {
        guard let address = a2i_IPADDRESS(name) else { return false }
        ASN1_OCTET_STRING_free(address)
        return true
    }
}

extension TLSError {
    /// The oldest error that OpenSSL noted, which is the cause.
    static func lastOne(_ action: String) -> TLSError {
        let code = ERR_get_error()
        ERR_clear_error()
        guard code != 0 else { return TLSError(isConfiguration: false, description: "\(action): the server closed it") }
        let words = ERR_reason_error_string(code).map { String(cString: $0) } ?? "error \(code)"
        return TLSError(isConfiguration: false, description: "\(action): \(words)")
    }

    static func file(_ path: String, _ content: String) -> TLSError {
        let why = lastOne("").description
        return TLSError(isConfiguration: true, description: "\(path) holds no \(content) that can be read\(why)")
    }
}
