internal import CurlClient

/// When a request is sent again within the same run.
struct RetryPolicy: Sendable, Equatable {
    /// What a retry may follow.
    enum Cause: Sendable, Hashable {
        /// No answer: name, connection, TLS, a body that broke off.
        case network
        /// One status.
        case status(Int)
        /// `5xx` as 5.
        case statusClass(Int)
        /// Stripe's: the object was locked.
        case lockTimeout
    }
    /// Requests in all, the first included.
    var attempts = 1
    var causes: Set<Cause> = []
    /// Before the first repetition; grows with the square of their number.
    var firstPause: Duration = .milliseconds(500)
    var longestPause: Duration = .seconds(5)

    static let none = RetryPolicy()

    /// Time to wait before a repetition: `first · (1 + n²)`, at most `longest`, less up to a quarter by chance.
    ///
    /// - Parameters:
    ///   - repetition: 0 for the first.
    ///   - chance: 0...1.
    func pause(before repetition: Int, chance: Double = .random(in: 0...1)) -> Duration {
        let whole = min(longestPause, firstPause * (1 + repetition * repetition))
        return whole * (0.75 + 0.25 * chance)
    }

    /// Why an answer is worth another attempt; `nil` when it is not. The word is a label value.
    func reason(for answer: HTTPAnswer) -> String? {
        guard answer.status >= 400 else { return nil }
        let word = answer.status == 429 ? "rate_limited" : "\(answer.status / 100)xx"
        // What a server says about its own answer counts more than a list.
        switch answer.header("Stripe-Should-Retry")?.lowercased() {
        case "true": return word
        case "false": return nil
        default: break
        }
        if causes.contains(.lockTimeout), answer.status == 429, StripeError(answer.body)?.code == "lock_timeout" {
            return "lock_timeout"
        }
        let isListed = causes.contains(.status(answer.status)) || causes.contains(.statusClass(answer.status / 100))
        return isListed ? word : nil
    }

    /// Whether a failure without an answer is worth another attempt.
    func covers(_ error: CurlError) -> Bool {
        causes.contains(.network) && [.resolve, .connect, .tls, .protocol].contains(error.kind)
    }
}
