internal import Synchronization

/// How many things there are now in each bucket, for example jobs in a queue by age. Counts go up and down. Safe from any
/// thread.
public final class GaugeHistogram: Instrument {
    /// Upper bounds, inclusive, ascending, without `+Inf`; native buckets are not made.
    public let upperBounds: [Double]
    private let state: Mutex<State>

    private struct State {
        var counts: [UInt64]
        var sum = 0.0
    }

    /// A gauge histogram that no registry exposes; `Registry.gaugeHistogram` makes exposed ones.
    public init(_ buckets: HistogramBuckets) {
        upperBounds = buckets.upperBounds
        state = Mutex(State(counts: Array(repeating: 0, count: buckets.upperBounds.count + 1)))
    }

    /// Adds a thing of this size. NaN is ignored.
    public func add(_ value: Double) {
        guard !value.isNaN else { return }
        state.withLock { state in
            state.counts[bucket(of: value)] += 1
            state.sum += value
        }
    }

    /// Takes a thing of this size away again. NaN, and one that is not there, is ignored.
    public func remove(_ value: Double) {
        guard !value.isNaN else { return }
        state.withLock { state in
            let bucket = bucket(of: value)
            guard state.counts[bucket] > 0 else { return }
            state.counts[bucket] -= 1
            state.sum = state.counts.allSatisfy { $0 == 0 } ? 0 : state.sum - value
        }
    }

    /// Replaces everything by things of these sizes.
    public func set(_ values: some Sequence<Double>) {
        var new = State(counts: Array(repeating: 0, count: upperBounds.count + 1))
        for value in values where !value.isNaN {
            new.counts[bucket(of: value)] += 1
            new.sum += value
        }
        state.withLock { $0 = new }
    }

    /// `gaugehistogram`.
    public static var kind: MetricKind { .gaugeHistogram }

    /// The value now.
    public func snapshot() -> SampleValue {
        let now = state.withLock { $0 }
        return HistogramSnapshot(upperBounds: upperBounds, counts: now.counts, sum: now.sum).map { .histogram($0) }
            ?? .number(.nan)
    }

    private func bucket(of value: Double) -> Int {
        upperBounds.firstIndex { value <= $0 } ?? upperBounds.count
    }
}
