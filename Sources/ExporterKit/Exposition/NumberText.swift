internal import CExporterKit

/// Prints numbers as Go's `strconv.FormatFloat(f, 'g', -1, 64)` does: the shortest digits that read back to the same
/// number, with an exponent below 1e-4 and from 1e6 on. The peers print so, and the text of `le` is part of a series' name.
package enum NumberText {
    private static let zero = UInt8(ascii: "0")
    private static let point = UInt8(ascii: ".")

    /// A value of text 0.0.4 as a string.
    package static func text(_ value: Double) -> String {
        string { write(value, to: &$0) }
    }

    /// A value of OpenMetrics as a string.
    static func floatText(_ value: Double) -> String {
        string { writeFloat(value, to: &$0) }
    }

    /// Seconds since 1970 as a string.
    static func text(seconds: Double) -> String {
        string { write(seconds: seconds, to: &$0) }
    }

    /// Prints a value of text 0.0.4. Negative zero prints as `0`, as in client_golang.
    @inline(__always) static func write(_ value: Double, to cursor: inout ByteCursor) {
        if let whole = whole(value) { write(whole: whole, to: &cursor) } else { writeRare(value, to: &cursor) }
    }

    /// The value when it is a whole number, not negative and below 2^53: exact, as most values are.
    @inline(__always) static func whole(_ value: Double) -> UInt64? {
        let whole = value.magnitude < 0x1p53 ? Int64(value) : -1
        return Double(whole) == value && whole >= 0 ? UInt64(bitPattern: whole) : nil
    }

    /// Prints a value of OpenMetrics, where a number that is not a count shows that it is a float.
    static func writeFloat(_ value: Double, to cursor: inout ByteCursor) {
        write(value, to: &cursor)
        // Only whole numbers of up to six digits are printed without a point or an exponent.
        if value.magnitude < 1_000_000, value == value.rounded(.towardZero) { cursor.put(".0") }
    }

    /// Prints a count in plain decimal digits.
    @inline(__always) static func write(count: UInt64, to cursor: inout ByteCursor) {
        withLine(to: &cursor) { write(count: count, to: &$0) }
    }

    /// Prints a whole number below 2^53 in the layout of `write`.
    @inline(__always) static func write(whole: UInt64, to cursor: inout ByteCursor) {
        withLine(to: &cursor) { write(whole: whole, to: &$0) }
    }

    /// Writes a number at once where there is room, else by way of memory that has it.
    @inline(__always) private static func withLine(to cursor: inout ByteCursor, _ print: (inout LineCursor) -> Void) {
        if var line = cursor.line(ofAtMost: longestWhole + LineCursor.slack) {
            print(&line)
            cursor.take(line)
        } else {
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: longestWhole + LineCursor.slack) { buffer in
                let start = buffer.baseAddress.unsafelyUnwrapped
                var line = LineCursor(at: start)
                print(&line)
                cursor.put(UnsafeBufferPointer(start: start, count: line.end - start))
            }
        }
    }

    /// Prints seconds since 1970 with up to three decimal places and without an exponent, as OpenMetrics prints times.
    static func write(seconds: Double, to cursor: inout ByteCursor) {
        guard let milliseconds = Int64(exactly: (seconds * 1000).rounded()) else {
            return writeFloat(seconds, to: &cursor)
        }
        if milliseconds < 0 { cursor.put(UInt8(ascii: "-")) }
        write(count: milliseconds.magnitude / 1000, to: &cursor)
        cursor.put(point)
        var rest = milliseconds.magnitude % 1000
        repeat {
            cursor.put(zero + UInt8(truncatingIfNeeded: rest / 100))
            rest = rest % 100 * 10
        } while rest > 0
    }

    private static func string(_ print: (inout ByteCursor) -> Void) -> String {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 40) { buffer in
            var cursor = ByteCursor(buffer)
            print(&cursor)
            return String(decoding: cursor.written, as: UTF8.self)
        }
    }

    @inline(never) private static func writeRare(_ value: Double, to cursor: inout ByteCursor) {
        if value.isNaN {
            cursor.put("NaN")
        } else if value.isInfinite {
            cursor.put(value < 0 ? "-Inf" : "+Inf")
        } else if let whole = whole(-value) {
            cursor.put(UInt8(ascii: "-"))
            write(whole: whole, to: &cursor)
        } else {
            writeShortest(value, to: &cursor)
        }
    }

    /// The C++ library finds the shortest digits; Go lays them out in another way.
    private static func writeShortest(_ value: Double, to cursor: inout ByteCursor) {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 32) { scientific in
            let length = CExporterKit_shortest_scientific(value.magnitude, scientific.baseAddress)
            // `d.ddde±dd`, or `de±dd` for one digit. The point goes, so that the digits are side by side.
            let text = UnsafeMutableRawBufferPointer(scientific).bindMemory(to: UInt8.self)
            var end = 1
            if text[1] == point {
                text[1] = text[0]
                end = 2
                while end < length, text[end] != UInt8(ascii: "e") { end &+= 1 }
            }
            let digits = UnsafeBufferPointer(rebasing: text[(end > 1 ? 1 : 0)..<end])
            var exponent = 0
            for byte in text[(end + 2)..<length] { exponent = exponent &* 10 &+ Int(byte &- zero) }
            if text[end + 1] == UInt8(ascii: "-") { exponent = -exponent }
            if value < 0 { cursor.put(UInt8(ascii: "-")) }
            writeLayout(digits, exponent: exponent, to: &cursor)
        }
    }

    /// - Parameters:
    ///   - digits: significant decimal digits, the first and last not `0`.
    ///   - exponent: power of ten of the first digit.
    private static func writeLayout(_ digits: UnsafeBufferPointer<UInt8>, exponent: Int, to cursor: inout ByteCursor) {
        if exponent < -4 || exponent >= 6 {
            writeExponential(digits, exponent: exponent, to: &cursor)
        } else if exponent < 0 {
            cursor.put(zero)
            cursor.put(point)
            for _ in 0..<(-exponent - 1) { cursor.put(zero) }
            cursor.put(digits)
        } else {
            let whole = min(exponent + 1, digits.count)
            cursor.put(UnsafeBufferPointer(rebasing: digits[..<whole]))
            for _ in whole..<(exponent + 1) { cursor.put(zero) }
            guard digits.count > whole else { return }
            cursor.put(point)
            cursor.put(UnsafeBufferPointer(rebasing: digits[whole...]))
        }
    }

    private static func writeExponential(
        _ digits: UnsafeBufferPointer<UInt8>, exponent: Int, to cursor: inout ByteCursor
    ) {
        var last = digits.count - 1
        while last > 0, digits[last] == zero { last &-= 1 }
        cursor.put(digits[0])
        if last > 0 {
            cursor.put(point)
            cursor.put(UnsafeBufferPointer(rebasing: digits[1...last]))
        }
        cursor.put(UInt8(ascii: "e"))
        cursor.put(exponent < 0 ? UInt8(ascii: "-") : UInt8(ascii: "+"))
        if abs(exponent) < 10 { cursor.put(zero) }
        write(count: UInt64(abs(exponent)), to: &cursor)
    }
}
