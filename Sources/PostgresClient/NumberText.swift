/// Numbers as the server prints them.
enum NumberText {
    /// Exact for every integer and decimal below 2^53 without a further look; the rest goes the long way.
    ///
    /// - Returns: `nil` for what is no number, white space included.
    static func parse(_ text: ArraySlice<UInt8>) -> Double? {
        var index = text.startIndex
        let isNegative = text.first == UInt8(ascii: "-")
        if isNegative { index += 1 }
        var digits: UInt64 = 0
        var count = 0
        var decimals: Int?
        while index < text.endIndex {
            let byte = text[index]
            if byte == UInt8(ascii: "."), decimals == nil {
                decimals = 0
            } else if byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9"), count < 19 {
                digits = digits * 10 + UInt64(byte - UInt8(ascii: "0"))
                count += 1
                decimals = decimals.map { $0 + 1 }
            } else {
                return parseSlowly(text)
            }
            index += 1
        }
        guard count > 0 else { return nil }
        // Up to 2^53 and 10^22 both sides of the division are exact, so its result is the nearest double.
        guard digits <= 1 << 53 else { return parseSlowly(text) }
        let value = Double(digits) / powersOfTen[decimals ?? 0]
        return isNegative ? -value : value
    }

    /// Swift's own parser reads more than numbers of a server (hexadecimal, `inf`); those are refused.
    private static func parseSlowly(_ text: ArraySlice<UInt8>) -> Double? {
        let string = String(decoding: text, as: UTF8.self)
        switch string {
        case "NaN": return .nan
        case "Infinity": return .infinity
        case "-Infinity": return -.infinity
        default:
            let isDecimal = text.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
                    UInt8(ascii: "e"), UInt8(ascii: "E"):
                    true
                default: false
                }
            }
            return isDecimal ? Double(string) : nil
        }
    }

    /// Up to the 19 digits that the fast path counts.
    private static let powersOfTen: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
    ]
}
