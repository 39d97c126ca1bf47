internal import COpenSSL

/// Looks at one handshake of OpenSSL while it verifies the server: what was presented, what it led to, what was wrong.
///
/// Confined to the thread that shakes hands; whoever makes it keeps it until the context it was put into is gone.
public final class TLSObserver {
    /// What was seen; `nil` before the server showed its certificates.
    public internal(set) var handshake: TLSHandshake?
    /// A server that is not trusted is talked to nevertheless.
    private let goesOn: Bool

    /// - Parameter goesOn: the handshake is brought to its end whatever the certificates are.
    public init(goesOn: Bool = false) {
        self.goesOn = goesOn
    }

    /// Takes part in the verification of all sessions of an `SSL_CTX`. OpenSSL's own decision is not changed, unless told
    /// to go on.
    ///
    /// - Parameter context: the `SSL_CTX *`.
    public func observe(_ context: UnsafeMutableRawPointer) {
        SSL_CTX_set_cert_verify_callback(
            OpaquePointer(context),
            { store, context in
                guard let store, let context else { return 0 }
                return Unmanaged<TLSObserver>.fromOpaque(context).takeUnretainedValue().verify(store)
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    private func verify(_ store: OpaquePointer) -> Int32 {
        let isRight = X509_verify_cert(store) == 1
        var seen = TLSHandshake()
        seen.presented = TLSCertificate.all(borrowing: X509_STORE_CTX_get0_untrusted(store))
        if isRight {
            seen.trusted = TLSCertificate.all(borrowing: X509_STORE_CTX_get0_chain(store))
        } else {
            let error = Int(X509_STORE_CTX_get_error(store))
            seen.distrust = String(cString: X509_verify_cert_error_string(error))
        }
        if let session = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()) {
            seen.note(OpaquePointer(session))
        }
        handshake = seen
        return isRight || goesOn ? 1 : 0
    }
}

extension TLSHandshake {
    /// Version and cipher, which are settled before the certificates come.
    fileprivate mutating func note(_ session: OpaquePointer) {
        version = String(cString: SSL_get_version(session)).replacing("TLSv", with: "TLS ")
        if version == "TLS 1" { version = "TLS 1.0" }
        if let current = SSL_get_current_cipher(session), let name = SSL_CIPHER_standard_name(current) {
            cipher = String(cString: name)
        }
    }
}
