internal import Synchronization

/// A value that goes up and down. Safe from any thread, without a lock.
public final class Gauge: Instrument {
    private let bits = Atomic<UInt64>(0)

    /// A gauge at zero that no registry exposes; `Registry.gauge` makes exposed ones.
    public init() {}

    /// Sets the value; any number, NaN and infinities included.
    public func set(_ value: Double) {
        bits.store(value.bitPattern, ordering: .relaxed)
    }

    /// Adds to the value; negative amounts subtract.
    public func add(_ amount: Double) {
        bits.addDouble(amount)
    }

    /// Sets the value to the time now, as seconds since 1970.
    public func setToCurrentTime() {
        set(WallClock.now)
    }

    /// Counts the work as in progress while it runs.
    public func trackInProgress<Result, Failure: Error>(
        _ work: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        add(1)
        defer { add(-1) }
        return try work()
    }

    /// Counts the work as in progress while it runs.
    public func trackInProgress<Result, Failure: Error>(
        _ work: () async throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        add(1)
        defer { add(-1) }
        return try await work()
    }

    /// The value now.
    public var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

    /// `gauge`.
    public static var kind: MetricKind { .gauge }
    /// The value now; concurrent changes are in it or not.
    public func snapshot() -> SampleValue { .number(value) }
    /// Writes the value now.
    public func write(to writer: inout some SeriesWriter, _ labels: LabelBytes) { writer.write(value, labels) }
}
