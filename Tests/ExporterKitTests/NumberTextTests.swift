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
    func timesHaveNoExponent(seconds: Double, text: String) {
        let text = NumberText.text(seconds: seconds)
        #expect(text == text)
    }
}
