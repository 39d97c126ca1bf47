/// A value of `INFO` as a number, by the rules of redis_exporter.
struct InfoNumber {
    let value: Double

    /// `ok` and `true` are 1; `err`, `fail` and `false` are 0; else a decimal number, with or without a percent sign.
    /// Everything else, and what is not finite, is none.
    init?(_ text: some StringProtocol) {
        let value = text.utf8.withBytes { InfoNumber($0)?.value }
        guard let value else { return nil }
        self.value = value
    }

    /// The same from UTF-8.
    init?(_ bytes: UnsafeBufferPointer<UInt8>) {
        if let plain = Self.plain(bytes) {
            value = plain
            return
        }
        let text = String(decoding: bytes, as: UTF8.self)
        switch text {
        case "ok", "true": value = 1
        case "err", "fail", "false": value = 0
        default:
            let number = Double(text) ?? (text.last == "%" ? Double(text.dropLast()) : nil)
            guard let number, number.isFinite else { return nil }
            value = number
        }
    }

    /// `-12.345` with so few digits that one division of two exact numbers gives the nearest double, and a percent sign
    /// behind it or not: nearly everything there is. `nil` says nothing.
    private static func plain(_ bytes: UnsafeBufferPointer<UInt8>) -> Double? {
        var end = bytes.count
        if end > 0, bytes[end - 1] == UInt8(ascii: "%") { end -= 1 }
        let start = end > 0 && bytes[0] == UInt8(ascii: "-") ? 1 : 0
        guard end - start <= 16, end > start else { return nil }
        var digits: UInt64 = 0
        var point: Int?
        for place in start..<end {
            let digit = bytes[place] &- UInt8(ascii: "0")
            if digit <= 9 {
                digits = digits &* 10 &+ UInt64(digit)
            } else if bytes[place] == UInt8(ascii: "."), point == nil, place > start, place < end - 1 {
                point = place
            } else {
                return nil
            }
        }
        // 15 digits and a point, or 16 digits: below 2^53 it is exact.
        guard digits < 1 << 53 else { return nil }
        let value = point.map { Double(digits) / powers[end - 1 - $0] } ?? Double(digits)
        return start == 1 ? -value : value
    }

    private static let powers: [Double] = [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
    ]
}
