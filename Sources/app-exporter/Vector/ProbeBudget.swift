/// Time that searches may take: a share of wall clock.
///
/// Nothing begins unless all the time that it may take at most is there, so the share is never exceeded: what was spent
/// by a moment is at most the share of the time until then, but for one largest question (or one interval's share, when
/// that is more) given in advance at the start. What is saved up is bounded by the same.
struct ProbeBudget: Sendable {
    private let share: Double
    private let most: Duration
    private var left: Duration
    private var grownUntil: Duration

    /// - Parameters:
    ///   - share: above 0, up to 1.
    ///   - interval: what may be saved up is its share.
    ///   - largest: the most time that one question may take.
    ///   - now: on a clock that never goes back.
    init(_ share: Double, over interval: Duration, largest: Duration, at now: Duration) {
        self.share = share
        most = max(interval * share, largest)
        left = most
        // The advance is paid back before anything is added.
        grownUntil = now + most / share
    }

    /// Whether a question may begin that takes up to that long.
    mutating func allows(_ longest: Duration, at now: Duration) -> Bool {
        if now > grownUntil {
            left = min(most, left + (now - grownUntil) * share)
            grownUntil = now
        }
        return left >= longest
    }

    mutating func spend(_ duration: Duration) { left -= duration }
}
