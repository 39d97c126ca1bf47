internal import Synchronization

/// Which quantiles a summary computes itself, over which time.
public struct SummaryQuantiles: Sendable, Hashable {
    /// 0...1, ascending.
    public let quantiles: [Double]
    /// How long an observation counts.
    public let maxAge: Duration

    /// Only count and sum: quantiles cannot be added up over instances, and a histogram can.
    public static let none = SummaryQuantiles([], maxAge: .seconds(600))

    /// Quantiles of the last minutes.
    ///
    /// - Parameters:
    ///   - quantiles: 0...1, any order; others are left out.
    ///   - maxAge: how long an observation counts, more than 0.
    public static func sliding(_ quantiles: [Double], maxAge: Duration = .seconds(600)) -> SummaryQuantiles {
        SummaryQuantiles(Set(quantiles.filter { (0...1).contains($0) }).sorted(), maxAge: max(.seconds(1), maxAge))
    }

    private init(_ quantiles: [Double], maxAge: Duration) {
        self.quantiles = quantiles
        self.maxAge = maxAge
    }
}

/// Count and sum of observations, and quantiles of the last minutes where they are asked for. Safe from any thread.
public final class Summary: Instrument {
    private let shards = HistogramShards(width: 1, native: nil)
    private let labels: [String]
    private let wanted: SummaryQuantiles
    private let window: Mutex<QuantileWindow>?
    private let created: Double?
    private let context: InstrumentContext?

    /// A summary that no registry exposes; `Registry.summary` makes exposed ones.
    public convenience init(_ quantiles: SummaryQuantiles = .none) {
        self.init(quantiles, nil)
    }

    init(_ quantiles: SummaryQuantiles, _ context: InstrumentContext?) {
        self.context = context
        wanted = quantiles
        labels = quantiles.quantiles.map { NumberText.text($0) }
        window = quantiles.quantiles.isEmpty ? nil : Mutex(QuantileWindow(maxAge: quantiles.maxAge, at: .now))
        created = context?.creationTime()
    }

    /// Counts one observation, in the metric's unit. NaN is ignored and reported.
    public func observe(_ value: Double) {
        guard !value.isNaN else {
            context?.report(.amount, "NaN cannot be observed; it was ignored")
            return
        }
        shards.withShard { shard in
            shard.pointee.sum += value
            shards.counts(of: shard)[0] &+= 1
        }
        window?.withLock { $0.observe(value, at: .now) }
    }

    /// Counts a duration, in seconds. A negative one counts as 0 and is reported.
    public func observe(_ duration: Duration) {
        if duration < .zero { context?.report(.amount, "a duration cannot be negative; it was counted as 0") }
        observe(max(0, duration.seconds))
    }

    /// `summary`.
    public static var kind: MetricKind { .summary }

    /// The value now.
    public func snapshot() -> SampleValue {
        var (count, sum) = (UInt64(0), 0.0)
        shards.forEach { shard in
            count &+= shards.counts(of: shard)[0]
            sum += shard.pointee.sum
        }
        let values = window?.withLock { $0.quantiles(wanted.quantiles, at: .now) } ?? []
        var snapshot = SummarySnapshot(
            quantiles: zip(labels, values).map { (label: $0, value: $1) }, sum: sum, count: count)
        snapshot.created = created
        return .summary(snapshot)
    }
}
