/// A setting's value in the base unit, as its metric shows it.
enum SettingUnit {
    /// Value and name suffix of a numeric setting.
    ///
    /// - Parameters:
    ///   - value: `pg_settings.setting`. Stock servers give a bare number in `unit`; some managed ones put the unit
    ///     behind the number (`10s`, `16MB`), which then counts instead.
    ///   - unit: `pg_settings.unit`: `s`, `8kB`, …; empty for none.
    /// - Returns: `nil` for what is no number, and for a unit that is not known: a wrong value would be worse than
    ///   none.
    static func convert(_ value: String, unit: String) -> (value: Double, suffix: String)? {
        let digits = value.prefix { $0.isASCII && ($0.isNumber || $0 == "." || $0 == "-" || $0 == "+") }
        let ending = value[digits.endIndex...].drop { $0 == " " }
        // An exponent ("1e-05") is part of the number.
        let (text, unit) = ending.isEmpty || isExponent(ending) ? (value[...], unit) : (digits, String(ending))
        guard let number = Double(text) else { return nil }
        guard !unit.isEmpty else { return (number, "") }
        guard let factor = factor(of: unit) else { return nil }
        // -1 stands for "off" or "from another setting" in every unit.
        guard number != -1 else { return (-1, factor.suffix) }
        return (factor.isDivisor ? number / factor.by : number * factor.by, factor.suffix)
    }

    private static func isExponent(_ text: Substring) -> Bool {
        text.first == "e" || text.first == "E"
    }

    /// Divides where the factor is no whole number, so that 5 ms is 0.005 exactly.
    private struct Factor {
        let by: Double
        var isDivisor = false
        let suffix: String
    }

    private static func factor(of unit: String) -> Factor? {
        switch unit {
        case "us": return Factor(by: 1_000_000, isDivisor: true, suffix: "_seconds")
        case "ms": return Factor(by: 1_000, isDivisor: true, suffix: "_seconds")
        case "s": return Factor(by: 1, suffix: "_seconds")
        case "min": return Factor(by: 60, suffix: "_seconds")
        case "h": return Factor(by: 3_600, suffix: "_seconds")
        case "d": return Factor(by: 86_400, suffix: "_seconds")
        default: return sizeFactor(of: unit)
        }
    }

    /// `B`, `kB`, `MB`, `GB`, `TB`, each also with a number of them before it: `8kB`, `16MB`.
    private static func sizeFactor(of unit: String) -> Factor? {
        let count = unit.prefix { $0.isASCII && $0.isNumber }
        let powers = ["B": 0, "kB": 10, "MB": 20, "GB": 30, "TB": 40]
        guard let power = powers[String(unit[count.endIndex...])], let number = count.isEmpty ? 1 : Int(count) else {
            return nil
        }
        return Factor(by: Double(number) * Double(1 << power), suffix: "_bytes")
    }
}
