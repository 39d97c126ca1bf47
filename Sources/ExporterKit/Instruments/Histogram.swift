internal import Synchronization

/// Counts observations in buckets and sums them. Safe from any thread.
public final class Histogram: Instrument {
    /// Bounds in seconds for the latency of web requests; they contain the usual objectives 0.05 to 5 s.
    public static let webLatency: [Double] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8, 1, 2, 5, 10]

    /// Upper bounds, inclusive, ascending, without `+Inf`.
    public let upperBounds: [Double]
    private let state: Mutex<State>

    private struct State {
        var counts: [UInt64]
        var sum = 0.0
    }

    /// A histogram that no registry exposes; `Registry.histogram` makes exposed ones.
    ///
    /// - Parameter upperBounds: in the metric's unit, any order; what is not finite or doubled is left out.
    public init(upperBounds: [Double] = webLatency) {
        self.upperBounds = Set(upperBounds.filter(\.isFinite)).sorted()
        self.state = Mutex(State(counts: Array(repeating: 0, count: self.upperBounds.count + 1)))
    }

    /// Counts one observation, in the metric's unit. NaN is ignored: it would make the sum useless for ever.
    public func observe(_ value: Double) {
        guard !value.isNaN else { return }
        let bucket = upperBounds.firstIndex { value <= $0 } ?? upperBounds.count
        state.withLock { state in
            state.counts[bucket] += 1
            state.sum += value
        }
    }

    /// Counts a duration, in seconds.
    public func observe(_ duration: Duration) {
        observe(duration.seconds)
    }

    /// `histogram`.
    public static var kind: MetricKind { .histogram }

    /// The value now; concurrent changes are in it or not.
    public func snapshot() -> SampleValue {
        let now = state.withLock { $0 }
        guard let snapshot = HistogramSnapshot(upperBounds: upperBounds, counts: now.counts, sum: now.sum) else {
            return .number(.nan)
        }
        return .histogram(snapshot)
    }
}
