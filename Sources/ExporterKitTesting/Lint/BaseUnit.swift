/// Units as they occur in names.
/// Source: https://prometheus.io/docs/practices/naming/#base-units
enum BaseUnit {
    /// What is not to be shortened to.
    static let abbreviations: Set<Substring> = [
        "s", "ms", "us", "ns", "sec", "m", "h", "d", "b", "kb", "mb", "gb", "tb", "pb",
    ]

    private static let bases: [Substring: [Substring]] = [
        "amperes": [],
        "bytes": ["bits"],
        "celsius": ["fahrenheit", "rankine"],
        "grams": ["ounces", "pounds"],
        "joules": ["calories"],
        "kelvin": ["kelvins"],
        "meters": ["inches", "miles", "yards"],
        "metres": [],
        "seconds": ["days", "hours", "minutes", "weeks"],
        "volts": [],
    ]

    private static let baseOf: [Substring: Substring] = bases.reduce(into: [:]) { result, entry in
        for unit in entry.value + [entry.key] { result[unit] = entry.key }
    }

    /// `mibi` is not one, but promtool looks for it in the place of `mebi`.
    private static let prefixes = [
        "pico", "nano", "micro", "milli", "centi", "deci", "deca", "hecto", "kilo", "kibi", "mega", "mebi", "mibi",
        "giga", "gibi", "tera", "tebi", "peta", "pebi",
    ]

    /// The base unit of a unit, itself for a base unit; `nil` for a word that is no unit.
    static func of(_ word: Substring) -> Substring? {
        if let base = baseOf[word] { return base }
        return prefixes.lazy.compactMap { word.hasPrefix($0) ? baseOf[word.dropFirst($0.count)] : nil }.first
    }
}
