internal import PostgresClient

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

    /// Keywords of upstream's driver that mean nothing to libpq and need no replacement.
    private static let dropped: Set<String> = ["binary_parameters", "disable_prepared_binary_result"]

    /// A connection string of upstream's driver as libpq reads it: what libpq does not know as a keyword is a setting of
    /// the session, as `?search_path=app`.
    static func translated(_ text: String) -> String {
        let text = escapingUserInfo(text)
        guard text.hasPrefix("postgres://") || text.hasPrefix("postgresql://"),
            let mark = text.firstIndex(of: "?")
        else { return text }
        var kept: [Substring] = []
        var settings: [String] = []
        for pair in text[mark...].dropFirst().split(separator: "&") {
            let name = String(pair.prefix { $0 != "=" })
            if ConnectionString.knows(name) || name == "ssl" {
                kept.append(pair)
            } else if !dropped.contains(name) {
                settings.append("-c%20\(pair.replacingFirst("=", with: "%3D"))")
            }
        }
        guard !settings.isEmpty else { return text[..<mark] + (kept.isEmpty ? "" : "?" + kept.joined(separator: "&")) }
        if let index = kept.firstIndex(where: { $0.hasPrefix("options=") }) {
            settings.insert(String(kept.remove(at: index).dropFirst("options=".count)), at: 0)
        }
        return text[..<mark] + "?"
            + (kept.map(String.init) + ["options=" + settings.joined(separator: "%20")])
            .joined(separator: "&")
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

extension Substring {
    fileprivate func replacingFirst(_ character: Character, with text: String) -> String {
        guard let index = firstIndex(of: character) else { return String(self) }
        return self[..<index] + text + self[self.index(after: index)...]
    }
}
