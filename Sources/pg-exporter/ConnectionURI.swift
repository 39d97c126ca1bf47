/// What URIs of libpq and those of upstream's driver do not have in common.
enum ConnectionURI {
    /// Everything but unreserved characters as `%XX` of its UTF-8.
    static func escaped(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            if isUnreserved(byte) {
                bytes.append(byte)
            } else {
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The text with every `@` but the last one before the path as `%40`: libpq ends user and password at the first,
    /// upstream's driver at the last, and a password with an `@` in it works there.
    static func escapingUserInfo(_ text: String) -> String {
        guard let scheme = ["postgres://", "postgresql://"].first(where: text.hasPrefix) else { return text }
        let rest = text.dropFirst(scheme.count)
        let authority = rest.prefix { !"/?#".contains($0) }
        guard let last = authority.lastIndex(of: "@") else { return text }
        let info = authority[..<last].split(separator: "@", omittingEmptySubsequences: false).joined(separator: "%40")
        return scheme + info + rest[last...]
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }
}
