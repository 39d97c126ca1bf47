internal import Synchronization

/// A sum that only grows. Safe from any thread, without a lock.
public final class Counter: Instrument {
    private let bits = Atomic<UInt64>(0)

    /// A counter at zero that no registry exposes; `Registry.counter` makes exposed ones.
    public init() {}

    /// Adds to the counter.
    ///
    /// - Parameter amount: not negative; a negative or NaN amount is ignored, because a counter must never go back.
    public func increment(by amount: Double = 1) {
        guard amount >= 0 else { return }
        bits.addDouble(amount)
    }

    /// The sum so far.
    public var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

    /// `counter`.
    public static var kind: MetricKind { .counter }
    /// The value now; concurrent changes are in it or not.
    public func snapshot() -> SampleValue { .number(value) }
}

/// A value that goes up and down. Safe from any thread, without a lock.
public final class Gauge: Instrument {
    private let bits = Atomic<UInt64>(0)

    /// A gauge at zero that no registry exposes; `Registry.gauge` makes exposed ones.
    public init() {}

    /// Sets the value.
    public func set(_ value: Double) {
        bits.store(value.bitPattern, ordering: .relaxed)
    }

    /// Adds to the value; negative amounts subtract.
    public func add(_ amount: Double) {
        bits.addDouble(amount)
    }

    /// The value now.
    public var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

    /// `gauge`.
    public static var kind: MetricKind { .gauge }
    /// The value now; concurrent changes are in it or not.
    public func snapshot() -> SampleValue { .number(value) }
}

extension Atomic where Value == UInt64 {
    /// Adds to the double whose bits this holds.
    fileprivate borrowing func addDouble(_ amount: Double) {
        var old = load(ordering: .relaxed)
        while true {
            let new = (Double(bitPattern: old) + amount).bitPattern
            let (exchanged, original) = compareExchange(expected: old, desired: new, ordering: .relaxed)
            if exchanged { return }
            old = original
        }
    }
}
