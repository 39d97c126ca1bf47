/// Prints numbers as Go's `strconv.FormatFloat(f, 'g', -1, 64)` does: the shortest digits that read back to the same
/// number, with an exponent below 1e-4 and from 1e6 on. The peers print so, and the text of `le` is part of a series' name.
enum NumberText {
    /// Appends a value of text 0.0.4. Negative zero prints as `0`, as in client_golang.
    static func append(_ value: Double, to bytes: inout [UInt8]) {
        if let integer = Int64(exactly: value), integer.magnitude < 1 << 53 {
            if integer < 0 { bytes.append(UInt8(ascii: "-")) }
            appendInteger(integer.magnitude, to: &bytes)
        } else if value.isNaN {
            bytes.append(contentsOf: "NaN".utf8)
        } else if value.isInfinite {
            bytes.append(contentsOf: (value < 0 ? "-Inf" : "+Inf").utf8)
        } else {
            appendShortest(value, to: &bytes)
        }
    }

    /// A value of text 0.0.4 as a string.
    static func text(_ value: Double) -> String {
        var bytes: [UInt8] = []
        append(value, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends a value of OpenMetrics, where a number that is not a count shows that it is a float.
    static func appendFloat(_ value: Double, to bytes: inout [UInt8]) {
        let start = bytes.count
        append(value, to: &bytes)
        guard value.isFinite else { return }
        let marked = bytes[start...].contains { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "e") }
        if !marked { bytes.append(contentsOf: ".0".utf8) }
    }

    /// Appends a count in plain decimal digits.
    static func append(count: UInt64, to bytes: inout [UInt8]) {
        withDigits(of: count) { bytes.append(contentsOf: $0) }
    }

    /// Appends seconds since 1970 with up to three decimal places and without an exponent, as OpenMetrics prints times.
    static func append(seconds: Double, to bytes: inout [UInt8]) {
        guard let milliseconds = Int64(exactly: (seconds * 1000).rounded()) else {
            return appendFloat(seconds, to: &bytes)
        }
        if milliseconds < 0 { bytes.append(UInt8(ascii: "-")) }
        append(count: milliseconds.magnitude / 1000, to: &bytes)
        bytes.append(UInt8(ascii: "."))
        var rest = milliseconds.magnitude % 1000
        repeat {
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest / 100))
            rest = rest % 100 * 10
        } while rest > 0
    }

    private static func appendInteger(_ magnitude: UInt64, to bytes: inout [UInt8]) {
        withDigits(of: magnitude) { digits in
            if digits.count <= 6 {
                bytes.append(contentsOf: digits)
            } else {
                appendLayout(digits: digits, exponent: digits.count - 1, to: &bytes)
            }
        }
    }

    /// The standard library finds the shortest digits; only their layout differs from Go's.
    private static func appendShortest(_ value: Double, to bytes: inout [UInt8]) {
        var text = value.description.utf8[...]
        if text.first == UInt8(ascii: "-") {
            bytes.append(UInt8(ascii: "-"))
            text = text.dropFirst()
        }
        var digits: [UInt8] = []
        var point: Int?
        var exponent = 0
        for (index, byte) in text.enumerated() {
            if byte == UInt8(ascii: ".") {
                point = digits.count
            } else if byte == UInt8(ascii: "e") {
                exponent = Int(Substring(text.dropFirst(index + 1))) ?? 0
                break
            } else {
                digits.append(byte)
            }
        }
        let leadingZeros = digits.prefix { $0 == UInt8(ascii: "0") }.count
        exponent += (point ?? digits.count) - leadingZeros - 1
        digits[leadingZeros...].withUnsafeBufferPointer { appendLayout(digits: $0, exponent: exponent, to: &bytes) }
    }

    /// - Parameters:
    ///   - digits: significant decimal digits, the first not `0`; trailing zeros are dropped.
    ///   - exponent: power of ten of the first digit.
    private static func appendLayout(digits: UnsafeBufferPointer<UInt8>, exponent: Int, to bytes: inout [UInt8]) {
        let zero = UInt8(ascii: "0")
        let point = UInt8(ascii: ".")
        let last = digits.lastIndex { $0 != zero } ?? 0
        let significant = digits[...last]
        if exponent < -4 || exponent >= 6 {
            bytes.append(significant[0])
            if last > 0 {
                bytes.append(point)
                bytes.append(contentsOf: significant.dropFirst())
            }
            bytes.append(UInt8(ascii: "e"))
            bytes.append(exponent < 0 ? UInt8(ascii: "-") : UInt8(ascii: "+"))
            if abs(exponent) < 10 { bytes.append(zero) }
            append(count: UInt64(abs(exponent)), to: &bytes)
        } else if exponent < 0 {
            bytes.append(contentsOf: [zero, point])
            bytes.append(contentsOf: repeatElement(zero, count: -exponent - 1))
            bytes.append(contentsOf: significant)
        } else {
            bytes.append(contentsOf: significant.prefix(exponent + 1))
            bytes.append(contentsOf: repeatElement(zero, count: max(0, exponent - last)))
            if last > exponent {
                bytes.append(point)
                bytes.append(contentsOf: significant.dropFirst(exponent + 1))
            }
        }
    }

    private static func withDigits(of value: UInt64, _ use: (UnsafeBufferPointer<UInt8>) -> Void) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { buffer in
            var rest = value
            var start = 20
            repeat {
                start -= 1
                buffer.initializeElement(at: start, to: UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
                rest /= 10
            } while rest > 0
            use(UnsafeBufferPointer(rebasing: buffer[start..<20]))
        }
    }
}
