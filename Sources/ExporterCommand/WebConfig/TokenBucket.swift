/// Lets a burst of requests through and then one per interval. It begins full.
///
/// Source: https://pkg.go.dev/golang.org/x/time/rate#Limiter
struct TokenBucket: Sendable {
    private let interval: Duration
    private let burst: Double
    private var tokens: Double
    private var filled: ContinuousClock.Instant

    /// - Parameters:
    ///   - interval: time until one more request is allowed; more than 0.
    ///   - burst: how many may come at once; with 0 none ever does.
    init(interval: Duration, burst: Int, at now: ContinuousClock.Instant) {
        self.interval = interval
        self.burst = Double(burst)
        tokens = Double(burst)
        filled = now
    }

    /// - Returns: false when the request comes too early.
    mutating func take(at now: ContinuousClock.Instant) -> Bool {
        tokens = min(burst, tokens + max(0, filled.duration(to: now) / interval))
        filled = max(filled, now)
        guard tokens >= 1 else { return false }
        tokens -= 1
        return true
    }
}
