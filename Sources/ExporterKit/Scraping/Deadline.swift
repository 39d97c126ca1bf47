/// The moment by which a scrape has answered. Made once per request; everything below is given it and invents none.
public struct Deadline: Sendable, Comparable {
    /// The moment itself, on the clock that also runs while the machine sleeps.
    public let instant: ContinuousClock.Instant

    /// A deadline at a moment.
    public init(at instant: ContinuousClock.Instant) {
        self.instant = instant
    }

    /// A deadline some time from now.
    public static func after(_ duration: Duration) -> Deadline {
        Deadline(at: .now.advanced(by: duration))
    }

    /// Time left; zero when over, never negative.
    public var remaining: Duration { max(.zero, ContinuousClock.now.duration(to: instant)) }

    /// True when there is no time left.
    public var isOver: Bool { ContinuousClock.now >= instant }

    /// True when the left one comes first.
    public static func < (left: Deadline, right: Deadline) -> Bool { left.instant < right.instant }
}
