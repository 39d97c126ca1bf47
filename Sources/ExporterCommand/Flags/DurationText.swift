/// Durations as Go writes them: `1m30s`, `250ms`, `1.5h`; also `d` and `w`, as Prometheus has them.
/// Source: https://pkg.go.dev/time#ParseDuration
public enum DurationText {
    private static let nanosecondsPerUnit: [(name: String, value: Int64)] = [
        ("ns", 1), ("us", 1_000), ("µs", 1_000), ("μs", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000),
        ("m", 60_000_000_000), ("h", 3_600_000_000_000), ("d", 86_400_000_000_000), ("w", 604_800_000_000_000),
    ]

    /// - Returns: `nil` when the text is no duration, or one of more than 292 years.
    public static func parse(_ text: some StringProtocol) -> Duration? {
        var rest = Substring(text)
        let isNegative = rest.hasPrefix("-")
        if isNegative || rest.hasPrefix("+") { rest.removeFirst() }
        if rest == "0" { return .zero }
        guard !rest.isEmpty else { return nil }
        var total: Int64 = 0
        while !rest.isEmpty {
            guard let part = parsePart(&rest) else { return nil }
            let (sum, overflow) = total.addingReportingOverflow(part)
            guard !overflow else { return nil }
            total = sum
        }
        return .nanoseconds(isNegative ? -total : total)
    }

    /// Takes one number with its unit off the front.
    private static func parsePart(_ rest: inout Substring) -> Int64? {
        let whole = rest.prefix(while: isDigit)
        rest = rest.dropFirst(whole.count)
        var fraction = Substring()
        if rest.first == "." {
            fraction = rest.dropFirst().prefix(while: isDigit)
            rest = rest.dropFirst(fraction.count + 1)
        }
        guard !whole.isEmpty || !fraction.isEmpty else { return nil }
        let name = rest.prefix { !isDigit($0) && $0 != "." }
        guard let unit = nanosecondsPerUnit.first(where: { $0.name == name })?.value else { return nil }
        rest = rest.dropFirst(name.count)
        guard let count = whole.isEmpty ? 0 : Int64(whole) else { return nil }
        let (nanoseconds, overflow) = count.multipliedReportingOverflow(by: unit)
        guard !overflow else { return nil }
        let part = fraction.isEmpty ? 0 : (Double("0.\(fraction)") ?? 0) * Double(unit)
        let (sum, overflowed) = nanoseconds.addingReportingOverflow(Int64(part))
        return overflowed ? nil : sum
    }

    private static func isDigit(_ character: Character) -> Bool { ("0"..."9").contains(character) }

    /// The shortest exact form, down to nanoseconds: `1m30s`, `250ms`, `0s`.
    public static func format(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        guard seconds >= 0, attoseconds >= 0 else { return "-" + format(.zero - duration) }
        var text = ""
        if seconds >= 3600 { text += "\(seconds / 3600)h" }
        if seconds % 3600 >= 60 { text += "\(seconds % 3600 / 60)m" }
        let nanoseconds = attoseconds / 1_000_000_000
        if nanoseconds == 0 { return seconds % 60 == 0 && !text.isEmpty ? text : text + "\(seconds % 60)s" }
        if seconds > 0 { return text + decimal(seconds % 60, nanoseconds, digits: 9) + "s" }
        if nanoseconds >= 1_000_000 {
            return decimal(nanoseconds / 1_000_000, nanoseconds % 1_000_000, digits: 6) + "ms"
        }
        return nanoseconds >= 1_000
            ? decimal(nanoseconds / 1_000, nanoseconds % 1_000, digits: 3) + "us" : "\(nanoseconds)ns"
    }

    private static func decimal(_ whole: Int64, _ fraction: Int64, digits: Int) -> String {
        guard fraction != 0 else { return "\(whole)" }
        var text = "\(fraction)"
        text = String(repeating: "0", count: digits - text.count) + text
        while text.last == "0" { text.removeLast() }
        return "\(whole).\(text)"
    }
}
