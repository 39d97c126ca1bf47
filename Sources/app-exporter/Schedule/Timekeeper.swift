internal import Glibc

/// Time as the schedule sees it, so that tests can move it by hand.
struct Timekeeper: Sendable {
    /// Time since some fixed moment; never goes back.
    let elapsed: @Sendable () -> Duration
    /// Sleeps until that time; throws when cancelled.
    let sleep: @Sendable (_ until: Duration) async throws -> Void
    /// Seconds since 1970.
    let unixSeconds: @Sendable () -> Double

    /// The clocks of this machine.
    static func system() -> Timekeeper {
        let origin = ContinuousClock.now
        return Timekeeper(
            elapsed: { origin.duration(to: .now) },
            sleep: { try await Task.sleep(until: origin.advanced(by: $0), clock: .continuous) },
            unixSeconds: { realTime() })
    }

    /// Seconds since 1970 by the clock of this machine.
    static func realTime() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
