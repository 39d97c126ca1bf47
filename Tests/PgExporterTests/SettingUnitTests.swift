import Testing

@testable import pg_exporter

struct SettingUnitTests {
    struct Case: Sendable, CustomStringConvertible {
        let value: String
        let unit: String
        let number: Double?
        let suffix: String

        init(_ value: String, _ unit: String, _ number: Double?, _ suffix: String = "") {
            (self.value, self.unit, self.number, self.suffix) = (value, unit, number, suffix)
        }

        var description: String { "\(value) \(unit)" }
    }

    static let cases = [
        Case("100", "", 100), Case("0.1", "", 0.1), Case("1e-05", "", 1e-05), Case("-1", "", -1), Case("0777", "", 777),
        Case("5", "ms", 0.005, "_seconds"), Case("10", "s", 10, "_seconds"), Case("2", "min", 120, "_seconds"),
        Case("1", "h", 3_600, "_seconds"), Case("1", "d", 86_400, "_seconds"), Case("7", "us", 0.000007, "_seconds"),
        Case("3", "B", 3, "_bytes"), Case("1", "kB", 1_024, "_bytes"), Case("1", "MB", 1_048_576, "_bytes"),
        Case("1", "GB", 1_073_741_824, "_bytes"), Case("1", "TB", 1_099_511_627_776, "_bytes"),
        Case("16384", "8kB", 134_217_728, "_bytes"), Case("2", "1kB", 2_048, "_bytes"),
        Case("1", "2kB", 2_048, "_bytes"),
        Case("1", "4kB", 4_096, "_bytes"), Case("1", "16kB", 16_384, "_bytes"), Case("1", "32kB", 32_768, "_bytes"),
        Case("1", "64kB", 65_536, "_bytes"), Case("2", "16MB", 33_554_432, "_bytes"),
        Case("1", "32MB", 33_554_432, "_bytes"),
        Case("1", "64MB", 67_108_864, "_bytes"),
        // "Off" in every unit.
        Case("-1", "ms", -1, "_seconds"), Case("-1", "8kB", -1, "_bytes"), Case("0", "ms", 0, "_seconds"),
        // The unit behind the number, as some managed servers have it; upstream makes 1 of the first.
        Case("10s", "", 10, "_seconds"), Case("100B", "", 100, "_bytes"), Case("5ms", "", 0.005, "_seconds"),
        Case("16MB", "", 16_777_216, "_bytes"), Case("128kB", "8kB", 131_072, "_bytes"),
        Case("1 min", "", 60, "_seconds"),
        // No number, or a unit nobody knows: no value.
        Case("", "", nil), Case("on", "", nil), Case("5", "fortnight", nil), Case("5", "99999999999999999999kB", nil),
        Case("5", "kb", nil), Case("--5", "ms", nil),
    ]

    @Test(arguments: cases)
    func valueIsInTheBaseUnit(_ expected: Case) {
        let converted = SettingUnit.convert(expected.value, unit: expected.unit)
        #expect(converted?.value == expected.number)
        #expect(converted.map(\.suffix) == expected.number.map { _ in expected.suffix })
    }
}
