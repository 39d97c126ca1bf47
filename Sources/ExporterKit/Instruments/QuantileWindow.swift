/// Quantiles of the latest observations, for one thread at a time, in bounded memory.
///
/// Time is cut into equal slices with exponential buckets each; a quantile is read from the slices that are not too old. It is
/// within 1.1 % of the observation with that rank, the smallest below which, itself included, is at least that share of all. Where
/// observations are in more than 1,024 of these buckets, negative ones counted too, the error is 2.2 % and so on: one sign has
/// room for absolute values of 1 to 4 billion without gaps. An absolute value up to 2^-128 counts as 0.
struct QuantileWindow: Sendable {
    /// Bounds grow by 2^(1/32), so the harmonic mean of two is within 1.083 % of what is between.
    private static let options = NativeHistogramOptions(schema: 5, maxBuckets: 1024)

    private struct Slice: Sendable {
        var number: Int64
        var buckets: NativeBuckets
    }

    private let start: ContinuousClock.Instant
    private let sliceLength: Duration
    /// The slice with number `n` is at `n` modulo the length; one that is not used yet has a negative number.
    private var ring: [Slice]
    private var current: Int64 = 0
    private var place = 0
    private var end: ContinuousClock.Instant

    /// No observations.
    ///
    /// - Parameters:
    ///   - maxAge: how long observations count at most, 1 ms to 1 year; the oldest slice is dropped as a whole.
    ///   - ageBuckets: number of slices, 1 to 100. With 5, an observation counts for 4/5 of `maxAge` at least.
    init(maxAge: Duration = .seconds(600), ageBuckets: Int = 5, at now: ContinuousClock.Instant) {
        let slices = min(max(ageBuckets, 1), 100)
        start = now
        sliceLength = min(max(maxAge, .milliseconds(1)), .seconds(366 * 86_400)) / slices
        end = now.advanced(by: sliceLength)
        ring = (0..<slices).map { Slice(number: $0 == 0 ? 0 : -1, buckets: NativeBuckets(Self.options, at: now)) }
    }

    /// Counts one observation. NaN is ignored.
    ///
    /// - Parameter now: one before that of an earlier call counts as that.
    mutating func observe(_ value: Double, at now: ContinuousClock.Instant) {
        if now >= end { startSlice(at: now) }
        ring[place].buckets.observe(value, at: now)
    }

    /// What was observed lately. Windows over one stream of observations can be merged before quantiles are taken.
    func buckets(at now: ContinuousClock.Instant) -> NativeBuckets {
        let oldest = max(number(at: now), current) - Int64(ring.count) + 1
        var all = NativeBuckets(Self.options, at: now)
        for slice in ring where slice.number >= max(0, oldest) { all.merge(slice.buckets) }
        return all
    }

    /// - Parameter quantiles: 0 to 1 each; what is outside counts as the nearer of the two.
    /// - Returns: one value per quantile, NaN when nothing was observed lately.
    func quantiles(_ quantiles: [Double], at now: ContinuousClock.Instant) -> [Double] {
        buckets(at: now).quantiles(quantiles)
    }

    private mutating func startSlice(at now: ContinuousClock.Instant) {
        current = max(current + 1, number(at: now))
        end = start.advanced(by: sliceLength * (current + 1))
        place = Int(current) % ring.count
        ring[place].number = current
        ring[place].buckets.reset(at: now)
    }

    private func number(at now: ContinuousClock.Instant) -> Int64 {
        Int64(min(max(0, start.duration(to: now) / sliceLength), 0x1p50))
    }
}

extension NativeBuckets {
    /// - Returns: for each quantile the middle of the bucket with the observation of that rank, NaN when there is none.
    func quantiles(_ quantiles: [Double]) -> [Double] {
        var ascending: [(value: Double, count: UInt64)] = []
        ascending += negative.sorted.reversed().map { (-middle(of: $0.index), $0.count) }
        ascending.append((0, zeroCount))
        ascending += positive.sorted.map { (middle(of: $0.index), $0.count) }
        let all = ascending.reduce(0) { $0 + Double($1.count) }
        return quantiles.map { quantile in
            guard all > 0, !quantile.isNaN else { return .nan }
            let rank = max(1, (min(quantile, 1) * all).rounded(.up))
            var seen = 0.0
            let bucket = ascending.first { bucket in
                seen += Double(bucket.count)
                return seen >= rank
            }
            return bucket?.value ?? .nan
        }
    }

    /// The harmonic mean of the bounds, whose relative distance to both is the same; infinity above all bounds.
    private func middle(of index: Int) -> Double {
        let (lower, upper) = (scale.upperBound(of: index - 1), scale.upperBound(of: index))
        return 2 * lower / (1 + lower / upper)
    }
}
