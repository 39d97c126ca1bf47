internal import CLibpq

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// Reads the certificate of a server from libpq's own OpenSSL session.
///
/// libpq has loaded OpenSSL already, whichever version; its functions are looked up by name, so that nothing here has to
/// be linked with it. A libpq with another TLS library gives no session, and an unknown OpenSSL no expiry.
enum PeerCertificate {
    private typealias Certificate = OpaquePointer

    /// The functions that are needed; `nil` when this OpenSSL lacks one.
    private struct Functions {
        let certificate: @convention(c) (UnsafeMutableRawPointer) -> Certificate?
        let free: @convention(c) (Certificate) -> Void
        let notAfter: @convention(c) (Certificate) -> OpaquePointer?
        let toTime: @convention(c) (OpaquePointer, UnsafeMutablePointer<tm>) -> Int32

        init?() {
            // The second name is that of OpenSSL 1.1.
            guard
                let certificate = Self.symbol("SSL_get1_peer_certificate") ?? Self.symbol("SSL_get_peer_certificate"),
                let free = Self.symbol("X509_free"), let notAfter = Self.symbol("X509_get0_notAfter"),
                let toTime = Self.symbol("ASN1_TIME_to_tm")
            else { return nil }
            self.certificate = unsafeBitCast(certificate, to: type(of: self.certificate))
            self.free = unsafeBitCast(free, to: type(of: self.free))
            self.notAfter = unsafeBitCast(notAfter, to: type(of: self.notAfter))
            self.toTime = unsafeBitCast(toTime, to: type(of: self.toTime))
        }

        private static func symbol(_ name: String) -> UnsafeMutableRawPointer? {
            dlsym(dlopen(nil, RTLD_NOW), name)
        }
    }

    /// Unix time of the end of validity.
    ///
    /// - Parameter session: an `SSL *` whose handshake is done; borrowed.
    static func expiry(ofSession session: UnsafeMutableRawPointer) -> Int64? {
        guard let functions = Functions(), let certificate = functions.certificate(session) else { return nil }
        defer { functions.free(certificate) }
        var time = tm()
        guard let end = functions.notAfter(certificate), functions.toTime(end, &time) == 1 else { return nil }
        return Int64(timegm(&time))
    }
}
