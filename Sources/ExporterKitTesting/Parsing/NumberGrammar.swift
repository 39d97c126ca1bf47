/// Numbers as both formats write them. The standard library reads more than that, such as hexadecimal ones.
enum NumberGrammar {
    static func number(_ text: String) -> Double? {
        var rest = text.utf8[...]
        if let sign = rest.first, isSign(sign) { rest = rest.dropFirst() }
        let word = String(rest)?.lowercased()
        if word == "inf" || word == "infinity" { return text.utf8.first == UInt8(ascii: "-") ? -.infinity : .infinity }
        if text.lowercased() == "nan" { return .nan }
        let whole = rest.prefix(while: Letters.isDigit)
        rest = rest[whole.endIndex...]
        var digits = whole.count
        if rest.first == UInt8(ascii: ".") {
            let fraction = rest.dropFirst().prefix(while: Letters.isDigit)
            digits += fraction.count
            rest = rest[fraction.endIndex...]
        }
        guard digits > 0, isExponent(rest) else { return nil }
        // A finite number that no double can hold is a mistake of whoever wrote it.
        return Double(text).flatMap { $0.isFinite ? $0 : nil }
    }

    private static func isExponent(_ text: Substring.UTF8View) -> Bool {
        guard let first = text.first else { return true }
        guard first | 0x20 == UInt8(ascii: "e") else { return false }
        var digits = text.dropFirst()
        if let sign = digits.first, isSign(sign) { digits = digits.dropFirst() }
        return !digits.isEmpty && digits.allSatisfy(Letters.isDigit)
    }

    private static func isSign(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") }
}
