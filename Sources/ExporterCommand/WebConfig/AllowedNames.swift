internal import NIOSSL

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// `client_allowed_sans`: a client's certificate must carry one of these names, exactly as written here.
struct AllowedNames: Sendable {
    /// A certificate without any of the names.
    struct Refused: Error, CustomStringConvertible {
        let description: String
    }

    /// DNS names, addresses of mail and IP, URIs; empty allows every certificate.
    let names: [String]

    /// - Throws: what the certificate has instead.
    func check(_ certificate: NIOSSLCertificate?) throws(Refused) {
        guard !names.isEmpty else { return }
        let found = certificate.map(Self.names) ?? []
        guard !found.contains(where: names.contains) else { return }
        let list = found.prefix(10).map(Shown.clipped).joined(separator: ", ")
        throw Refused(description: "could not find allowed SANs in client cert, found: [\(list)]")
    }

    private static func names(in certificate: NIOSSLCertificate) -> [String] {
        certificate._subjectAlternativeNames().compactMap { name in
            switch name.nameType {
            case .dnsName, .email, .uri: String(decoding: name.contents, as: UTF8.self)
            case .ipAddress: address(Array(name.contents))
            default: nil
            }
        }
    }

    /// The usual form of 4 or 16 bytes; IPv4 in IPv6 is shown as IPv4, as Go does.
    private static func address(_ bytes: [UInt8]) -> String? {
        let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]
        let bytes = bytes.count == 16 && bytes.starts(with: mapped) ? Array(bytes.suffix(4)) : bytes
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = bytes.count == 4 ? AF_INET : AF_INET6
        return inet_ntop(family, bytes, &text, socklen_t(text.count)).map { String(cString: $0) }
    }
}
