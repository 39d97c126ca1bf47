/// Points in time as the server prints them with `DateStyle` ISO.
public enum TimeText {
    /// Whole seconds since 1970, rounded down; what has no zone is UTC.
    ///
    /// - Returns: `nil` for `infinity`, years before Christ, and what is no time.
    public static func unixSeconds(_ text: ArraySlice<UInt8>) -> Int? { parse(text)?.seconds }

    /// Seconds since 1970 with their fraction; what has no zone is UTC.
    ///
    /// - Returns: `nil` for `infinity`, years before Christ, and what is no time.
    public static func unixTime(_ text: ArraySlice<UInt8>) -> Double? {
        parse(text).map { Double($0.seconds) + $0.fraction }
    }

    private static func parse(_ text: ArraySlice<UInt8>) -> (seconds: Int, fraction: Double)? {
        var fraction = 0.0
        var scanner = DigitScanner(text)
        guard let year = scanner.number(), scanner.take("-"), let month = scanner.number(), scanner.take("-"),
            let day = scanner.number(), (1...12).contains(month), (1...31).contains(day)
        else { return nil }
        var seconds = days(year, month, day) * 86_400
        guard !scanner.isAtEnd else { return (seconds, fraction) }
        guard scanner.take(" "), let clock = scanner.clock() else { return nil }
        seconds += clock
        if scanner.take(".") { fraction = scanner.fraction() }
        guard !scanner.isAtEnd else { return (seconds, fraction) }
        let isEast = scanner.take("+")
        guard isEast || scanner.take("-"), let zone = scanner.clock(), scanner.isAtEnd else { return nil }
        return (seconds + (isEast ? -zone : zone), fraction)
    }

    /// Days since 1970 in the Gregorian calendar, counted in years that begin in March.
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return year * 365 + year / 4 - year / 100 + year / 400 + dayOfYear - 719_468
    }
}

/// Reads digits off the front of bytes.
private struct DigitScanner {
    private var rest: ArraySlice<UInt8>

    init(_ text: ArraySlice<UInt8>) { rest = text }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest = rest.dropFirst()
        return true
    }

    mutating func number() -> Int? {
        let digits = rest.prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
        guard !digits.isEmpty, digits.count < 10 else { return nil }
        rest = rest.dropFirst(digits.count)
        return digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }

    /// The digits behind a decimal point.
    mutating func fraction() -> Double {
        let before = rest.count
        guard let digits = number() else { return 0 }
        return Double(digits) / (0..<(before - rest.count)).reduce(1.0) { scale, _ in scale * 10 }
    }

    /// Seconds of `HH[:MM[:SS]]`.
    mutating func clock() -> Int? {
        guard let hours = number() else { return nil }
        var seconds = hours * 3_600
        for unit in [60, 1] where take(":") {
            guard let count = number() else { return nil }
            seconds += count * unit
        }
        return seconds
    }
}
