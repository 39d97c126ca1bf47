internal import COpenSSL
internal import Glibc
internal import Synchronization

/// Authorities that are trusted, read from a PEM file and kept until the file changes.
///
/// `@unchecked`: an `X509_STORE` counts its owners atomically and locks itself; it is not changed once it is filled.
final class TLSAuthorities: @unchecked Sendable {
    /// For `SSL_CTX_set1_cert_store`, which takes a share of its own.
    let raw: OpaquePointer

    private init(adopting raw: OpaquePointer) { self.raw = raw }

    deinit { X509_STORE_free(raw) }

    private struct Stamp: Equatable {
        let inode: UInt
        let size: Int
        let seconds: Int
        let nanoseconds: Int
    }
    private static let kept = Mutex<[String: (stamp: Stamp?, authorities: TLSAuthorities)]>([:])

    /// What the system trusts: where Debian and most others keep it, unless OpenSSL's own variable says otherwise.
    private static var systemFile: String {
        getenv("SSL_CERT_FILE").map { String(cString: $0) } ?? "/etc/ssl/certs/ca-certificates.crt"
    }

    /// The authorities of a file; the system's own when `nil`.
    static func store(_ file: String?) throws(TLSError) -> TLSAuthorities {
        let path = file ?? systemFile
        let stamp = stamp(of: path)
        if let present = kept.withLock({ $0[path] }), present.stamp == stamp { return present.authorities }
        guard let raw = X509_STORE_new() else { throw .lastOne("OpenSSL has no memory") }
        let made = TLSAuthorities(adopting: raw)
        if file == nil, stamp == nil {
            X509_STORE_set_default_paths(raw)
        } else if X509_STORE_load_file(raw, path) != 1 {
            throw .file(path, "certificates")
        }
        ERR_clear_error()
        // As libcurl and Go do: what the file names is trusted, be it an authority's root or not.
        X509_STORE_set_flags(raw, UInt(X509_V_FLAG_PARTIAL_CHAIN))
        kept.withLock { $0[path] = (stamp, made) }
        return made
    }

    private static func stamp(of path: String) -> Stamp? {
        var facts = Glibc.stat()
        guard stat(path, &facts) == 0 else { return nil }
        return Stamp(
            inode: UInt(facts.st_ino), size: Int(facts.st_size), seconds: facts.st_mtim.tv_sec,
            nanoseconds: facts.st_mtim.tv_nsec)
    }
}
