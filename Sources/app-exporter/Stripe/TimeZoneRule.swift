/// The rule at the end of a TZif file, such as `CST6CDT,M3.2.0,M11.1.0`: what holds every year from then on.
struct TimeZoneRule: Sendable {
    /// A day of a year, with the time at which the clocks change.
    private enum Day: Sendable {
        /// Month, week (5: the last), day of the week from Sunday.
        case weekday(month: Int64, week: Int64, day: Int64)
        /// 1...365, the 29th of February never counted.
        case julian(Int64)
        /// 0...365.
        case zeroBased(Int64)
    }
    private struct Edge: Sendable {
        let day: Day
        /// Seconds after local midnight; may be negative or more than a day.
        let time: Int64
    }
    /// Seconds east of Greenwich.
    private let standard: Int64
    private let summer: (offset: Int64, start: Edge, end: Edge)?

    /// - Returns: `nil` for what is no such rule.
    init?(_ text: String) {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        var scanner = RuleScanner(parts[0])
        guard scanner.name(), let west = scanner.time() else { return nil }
        standard = -west
        guard !scanner.isAtEnd else {
            guard parts.count == 1 else { return nil }
            summer = nil
            return
        }
        guard scanner.name(), parts.count == 3 else { return nil }
        let offset = scanner.isAtEnd ? -west + 3_600 : scanner.time().map { -$0 }
        guard let offset, let start = Self.edge(parts[1]), let end = Self.edge(parts[2]) else { return nil }
        summer = (offset, start, end)
    }

    func offset(at unixSeconds: Int64) -> Int64 {
        guard let summer else { return standard }
        let year = CivilDate(dayOf: unixSeconds + standard).year
        let start = Self.moment(of: summer.start, in: year) - standard
        let end = Self.moment(of: summer.end, in: year) - summer.offset
        let isSummer =
            start < end ? unixSeconds >= start && unixSeconds < end : unixSeconds >= start || unixSeconds < end
        return isSummer ? summer.offset : standard
    }

    /// Local seconds since 1970.
    private static func moment(of edge: Edge, in year: Int64) -> Int64 {
        let first = CivilDate(year: year, month: 1, day: 1).days
        let isLeap = CivilDate(year: year + 1, month: 1, day: 1).days - first == 366
        let days: Int64
        switch edge.day {
        case .julian(let day): days = first + day - 1 + (isLeap && day >= 60 ? 1 : 0)
        case .zeroBased(let day): days = first + day
        case .weekday(let month, let week, let weekday):
            let monthStart = CivilDate(year: year, month: month, day: 1).days
            let next = CivilDate(year: month == 12 ? year + 1 : year, month: month == 12 ? 1 : month + 1, day: 1).days
            // 1970 began on a Thursday.
            let firstWeekday = ((monthStart + 4) % 7 + 7) % 7
            var day = monthStart + (weekday - firstWeekday + 7) % 7 + (week - 1) * 7
            while day >= next { day -= 7 }
            days = day
        }
        return days * 86_400 + edge.time
    }

    /// `M3.2.0/2`, `J60` or `59`.
    private static func edge(_ text: Substring) -> Edge? {
        let halves = text.split(separator: "/", omittingEmptySubsequences: false)
        var time: Int64 = 7_200
        if halves.count == 2 {
            var scanner = RuleScanner(halves[1])
            guard let told = scanner.time(), scanner.isAtEnd else { return nil }
            time = told
        }
        guard let day = halves.first, halves.count <= 2 else { return nil }
        if day.hasPrefix("M") {
            let numbers = day.dropFirst().split(separator: ".").compactMap { Int64($0) }
            guard numbers.count == 3, (1...12).contains(numbers[0]), (1...5).contains(numbers[1]),
                (0...6).contains(numbers[2])
            else { return nil }
            return Edge(day: .weekday(month: numbers[0], week: numbers[1], day: numbers[2]), time: time)
        }
        if day.hasPrefix("J") { return Int64(day.dropFirst()).map { Edge(day: .julian($0), time: time) } }
        return Int64(day).map { Edge(day: .zeroBased($0), time: time) }
    }
}

/// Reads names and times off the front of a rule.
private struct RuleScanner {
    private var rest: Substring

    init(_ text: Substring) { rest = text }

    var isAtEnd: Bool { rest.isEmpty }

    /// Letters, or anything in angle brackets.
    mutating func name() -> Bool {
        if rest.hasPrefix("<") {
            guard let end = rest.firstIndex(of: ">") else { return false }
            rest = rest[rest.index(after: end)...]
            return true
        }
        let letters = rest.prefix { $0.isLetter }
        rest = rest.dropFirst(letters.count)
        return letters.count >= 3
    }

    /// Seconds of `[+-]HH[:MM[:SS]]`.
    mutating func time() -> Int64? {
        let text = rest.prefix { $0.isNumber || $0 == ":" || $0 == "+" || $0 == "-" }
        rest = rest.dropFirst(text.count)
        let isNegative = text.hasPrefix("-")
        let digits = text.drop { $0 == "+" || $0 == "-" }.split(separator: ":", omittingEmptySubsequences: false)
        var seconds: Int64 = 0
        guard !digits.isEmpty, digits.count <= 3 else { return nil }
        for (part, unit) in zip(digits, [3_600, 60, 1] as [Int64]) {
            guard let number = Int64(part), number < 1_000 else { return nil }
            seconds += number * unit
        }
        return isNegative ? -seconds : seconds
    }
}
