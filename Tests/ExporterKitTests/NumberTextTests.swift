import Testing

@testable import ExporterKit

@Suite struct NumberTextTests {
    /// Layout rule and examples: strconv.FormatFloat with format 'g' and precision -1.
    @Test(arguments: [
        (0.0, "0"), (-0.0, "0"), (1, "1"), (-1, "-1"), (100_000, "100000"), (123_456, "123456"), (999_999, "999999"),
        (1_000_000, "1e+06"), (1_234_567, "1.234567e+06"), (-2_500_000, "-2.5e+06"), (1_756_047.3, "1.7560473e+06"),
        (0.1, "0.1"), (0.0001, "0.0001"), (0.00001, "1e-05"), (0.000_123_4, "0.0001234"), (12.5, "12.5"),
        (4_200_722.46, "4.20072246e+06"), (1_520_879_607.789, "1.520879607789e+09"),
        (9_007_199_254_740_992, "9.007199254740992e+15"),
        (1e21, "1e+21"), (1.5e100, "1.5e+100"), (Double.leastNonzeroMagnitude, "5e-324"),
        (1.797_693_134_862_315_7e308, "1.7976931348623157e+308"),
        (Double.nan, "NaN"), (Double.infinity, "+Inf"), (-Double.infinity, "-Inf"),
    ])
    func printsAsGoDoes(value: Double, expected: String) {
        let text = NumberText.text(value)
        #expect(text == expected)
    }

    /// Canonical bounds of the OpenMetrics specification.
    @Test(arguments: [
        (0.0, "0.0"), (0.001, "0.001"), (1, "1.0"), (10, "10.0"), (100_000, "100000.0"), (1e6, "1e+06"),
        (1e10, "1e+10"),
        (1e-5, "1e-05"), (1e-10, "1e-10"), (Double.infinity, "+Inf"),
    ])
    func openMetricsMarksFloats(value: Double, expected: String) {
        let text = NumberText.floatText(value)
        #expect(text == expected)
    }

    @Test func anyDoubleReadsBackTheSame() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            let value = Double(bitPattern: random.next())
            guard value.isFinite else { continue }
            let text = NumberText.text(value)
            #expect(Double(text) == value)
        }
    }

    @Test func anyIntegerReadsBackTheSame() {
        var random = SystemRandomNumberGenerator()
        for shift in 0..<64 {
            let value = Double(random.next() >> UInt64(shift))
            let text = NumberText.text(value)
            #expect(Double(text) == value)
        }
    }

    @Test(arguments: [
        (0, "0.0"), (1_520_879_607.789, "1520879607.789"), (1_520_430_000, "1520430000.0"), (-1.05, "-1.05"),
        (0.0004, "0.0"), (0.0005, "0.001"), (12.3, "12.3"), (1e300, "1e+300"),
    ])
    func timesHaveNoExponent(seconds: Double, expected: String) {
        let text = NumberText.text(seconds: seconds)
        #expect(text == expected)
    }

    /// Whole numbers around each power of ten, and with zeros at their end, whose digits are made eight at a time.
    @Test func wholeNumbersPrintTheirDigits() {
        var power: UInt64 = 1
        for digits in 1...16 {
            for value in [power - 1, power, power + 1, power * 9, power / 2 * 3, power + power / 10]
            where value < 1 << 53 {
                let (text, count) = (text { NumberText.write(whole: value, to: &$0) }, String(value))
                #expect(Double(text) == Double(value), "\(digits) digits")
                #expect(text == (count.count <= 6 ? count : Self.exponential(count)))
                let plain = self.text { NumberText.write(count: value, to: &$0) }
                #expect(plain == count)
            }
            power *= 10
        }
        for value in [UInt64.max, UInt64.max / 10, 10_000_000_000_000_000_000] {
            let plain = text { NumberText.write(count: value, to: &$0) }
            #expect(plain == String(value))
        }
    }

    /// What fits exactly is written, what does not is counted; nothing is written behind the end.
    @Test(arguments: [7, 123_456, 1_234_567, 1_000_000, 123_456_789_012])
    func numbersEndAtTheEnd(value: UInt64) {
        let whole = text { NumberText.write(whole: value, to: &$0) }
        for room in 1...(whole.utf8.count + 2) {
            var memory = [UInt8](repeating: 0xee, count: 64)
            let count = memory.withUnsafeMutableBufferPointer { memory in
                var cursor = ByteCursor(UnsafeMutableBufferPointer(rebasing: memory[..<room]))
                NumberText.write(whole: value, to: &cursor)
                return cursor.count
            }
            #expect(count == whole.utf8.count)
            #expect(memory[room...].allSatisfy { $0 == 0xee })
            if room >= count { #expect(Array(memory[..<count]) == Array(whole.utf8)) }
        }
    }

    private func text(_ print: (inout ByteCursor) -> Void) -> String {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 64) { buffer in
            var cursor = ByteCursor(buffer)
            print(&cursor)
            return String(decoding: cursor.written, as: UTF8.self)
        }
    }

    /// `d.ddde+dd` of decimal digits.
    private static func exponential(_ digits: String) -> String {
        var significant = Substring(digits)
        while significant.hasSuffix("0"), significant.count > 1 { significant.removeLast() }
        let rest = significant.dropFirst()
        let exponent = digits.count - 1
        return "\(digits.prefix(1))\(rest.isEmpty ? "" : ".\(rest)")e+\(exponent < 10 ? "0" : "")\(exponent)"
    }
}
