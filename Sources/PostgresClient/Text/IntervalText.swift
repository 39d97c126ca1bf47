/// Intervals as the server prints them with `IntervalStyle` postgres.
public enum IntervalText {
    /// Seconds of `[-]D day[s] [-]HH:MM:SS[.ffffff]`.
    ///
    /// - Returns: `nil` for what is no interval, and for months and years, which have no length.
    public static func seconds(_ text: String) -> Double? {
        var seconds = 0.0
        var days: Double?
        for word in text.split(separator: " ") {
            if word == "day" || word == "days" {
                guard let count = days else { return nil }
                seconds += count * 86_400
                days = nil
            } else if word.contains(":") {
                guard days == nil, let clock = clock(word) else { return nil }
                seconds += clock
            } else {
                guard days == nil, let count = Double(word) else { return nil }
                days = count
            }
        }
        return days == nil && !text.isEmpty ? seconds : nil
    }

    private static func clock(_ word: Substring) -> Double? {
        let isNegative = word.first == "-"
        let parts = (isNegative ? word.dropFirst() : word).split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, let hours = UInt32(parts[0]), let minutes = UInt32(parts[1]),
            let seconds = Double(parts[2]), seconds.isFinite, seconds >= 0
        else { return nil }
        let total = Double(hours) * 3_600 + Double(minutes) * 60 + seconds
        return isNegative ? -total : total
    }
}
