/// How much of a server's time, or how many commands, a walk may take.
enum ScanBudget: Sendable, Equatable {
    /// Part of the wall clock in which the server works for the walk, above 0 and at most 1.
    case share(Double)
    /// Commands in a second.
    case rate(Double)

    /// `25%` or `2000/s`; `nil` for anything else.
    init?(_ text: String) {
        if text.hasSuffix("%"), let percent = Double(text.dropLast()), percent > 0, percent <= 100 {
            self = .share(percent / 100)
        } else if text.hasSuffix("/s"), let rate = Double(text.dropLast(2)), rate >= 1, rate.isFinite {
            self = .rate(rate)
        } else {
            return nil
        }
    }

    /// How long to pause after a round trip.
    ///
    /// - Parameters:
    ///   - commands: that were sent.
    ///   - took: time until the last answer.
    func pause(after commands: Int, took: Duration) -> Duration {
        switch self {
        case .share(let share): took * (1 / share - 1)
        case .rate(let rate): max(.zero, .seconds(Double(commands) / rate) - took)
        }
    }
}
