extension NumberText {
    /// Bytes that a whole number takes at most, in either layout.
    static let longestWhole = 24

    /// Prints a whole number below 2^53 in the layout of `write`, where there is room for `longestWhole`.
    @inline(__always) static func write(whole: UInt64, to line: inout LineCursor) {
        if whole < 1_000_000 {
            writeFew(whole, to: &line)
        } else if whole < 100_000_000 {
            let digits = Digits(whole)
            writeFraction(digits, digits.significant, to: &line)
            writeExponent(digits.count &- 1, to: &line)
        } else {
            writeMany(whole, to: &line)
        }
    }

    /// Prints a count in plain decimal digits, where there is room for `longestWhole`.
    @inline(__always) static func write(count: UInt64, to line: inout LineCursor) {
        if count < 100_000_000 {
            writeFew(count, to: &line)
        } else {
            writeDigits(of: count, to: &line)
        }
    }

    /// Eight decimal digits in the order of their bytes.
    private struct Digits {
        /// 0...9 in each byte, the first digit in the lowest.
        private let values: UInt64

        /// - Parameter value: below 10^8.
        ///
        /// The number is cut into halves, each of them again, and once more, all parts of a step at the same time; divisions
        /// by 100 and 10 are multiplications that are exact for such small numbers.
        @inline(__always) init(_ value: UInt64) {
            let halves = (value / 10_000) | ((value % 10_000) &<< 32)
            let hundreds = ((halves &* 10_486) &>> 20) & 0x0000_007f_0000_007f
            let pairs = hundreds | ((halves &- hundreds &* 100) &<< 16)
            let tens = ((pairs &* 103) &>> 10) & 0x000f_000f_000f_000f
            values = tens | ((pairs &- tens &* 10) &<< 8)
        }

        @inline(__always) var text: UInt64 { values | 0x3030_3030_3030_3030 }
        /// Zeros before the first other digit; the last digit is never one of them.
        @inline(__always) var leading: Int { (values | 1 &<< 56).trailingZeroBitCount &>> 3 }
        /// Number of digits from the first that is not 0.
        @inline(__always) var count: Int { 8 &- leading }
        /// Number of digits from the first to the last that is not 0; of zero, none.
        @inline(__always) var significant: Int { max(0, count &- values.leadingZeroBitCount &>> 3) }
        /// Number of digits up to the last that is not 0.
        @inline(__always) var withoutTrailing: Int { 8 &- values.leadingZeroBitCount &>> 3 }
    }

    @inline(__always) private static func writeFew(_ value: UInt64, to line: inout LineCursor) {
        let digits = Digits(value)
        line.put(digits.text &>> UInt64(digits.leading &* 8), count: digits.count)
    }

    /// The first digit, and after a point as many more as there are to show.
    @inline(__always) private static func writeFraction(_ digits: Digits, _ shown: Int, to line: inout LineCursor) {
        let text = digits.text &>> UInt64(digits.leading &* 8)
        line.put(text, count: 1)
        guard shown > 1 else { return }
        line.put(UInt8(ascii: "."))
        line.put(text &>> 8, count: shown &- 1)
    }

    @inline(__always) private static func writeExponent(_ exponent: Int, to line: inout LineCursor) {
        // "e+00" in the order of its bytes.
        let text = UInt64(0x3030_2b65) | UInt64(exponent / 10) &<< 16 | UInt64(exponent % 10) &<< 24
        line.put(text, count: 4)
    }

    /// From 10^8 on, below 10^16.
    @inline(never) private static func writeMany(_ whole: UInt64, to line: inout LineCursor) {
        let (high, low) = (Digits(whole / 100_000_000), Digits(whole % 100_000_000))
        let rest = low.withoutTrailing
        writeFraction(high, rest > 0 ? high.count : high.significant, to: &line)
        if rest > 0 {
            if high.count == 1 { line.put(UInt8(ascii: ".")) }
            line.put(low.text, count: rest)
        }
        writeExponent(high.count &+ 7, to: &line)
    }

    /// Any number, of up to 20 digits.
    @inline(never) private static func writeDigits(of value: UInt64, to line: inout LineCursor) {
        let (front, back) = value.quotientAndRemainder(dividingBy: 100_000_000)
        if front < 100_000_000 { writeFew(front, to: &line) } else { writeDigits(of: front, to: &line) }
        line.put(Digits(back).text, count: 8)
    }
}
