/// User and password of an `Authorization` header of the scheme Basic.
///
/// Source: https://www.rfc-editor.org/rfc/rfc7617
struct Credentials {
    let user: [UInt8]
    let password: [UInt8]

    /// - Parameter header: the header's value.
    /// - Returns: `nil` for another scheme, what is not base64, and what has no colon.
    init?(_ header: String) {
        let scheme = "basic "
        guard header.prefix(scheme.count).lowercased() == scheme,
            let plain = Self.decoded(base64: header.dropFirst(scheme.count).utf8),
            let colon = plain.firstIndex(of: UInt8(ascii: ":"))
        else { return nil }
        user = Array(plain[..<colon])
        password = Array(plain[(colon + 1)...])
    }

    /// Base64 with its padding, nothing else.
    static func decoded(base64 text: some Collection<UInt8>) -> [UInt8]? {
        let padding = text.suffix(2).count { $0 == UInt8(ascii: "=") }
        guard text.count.isMultiple(of: 4), !text.isEmpty else { return nil }
        var bytes: [UInt8] = []
        var collected: UInt32 = 0
        for (index, character) in text.dropLast(padding).enumerated() {
            guard let value = value(of: character) else { return nil }
            collected = collected << 6 | value
            guard index % 4 != 0 else { continue }
            bytes.append(UInt8(truncatingIfNeeded: collected >> (6 - UInt32(index % 4) * 2)))
        }
        return bytes
    }

    private static func value(of character: UInt8) -> UInt32? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
