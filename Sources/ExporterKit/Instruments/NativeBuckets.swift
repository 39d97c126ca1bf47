/// Exponential buckets of one native histogram, for one thread at a time.
///
/// It never holds more buckets than its options allow, see `NativeHistogramOptions.maxBuckets`.
struct NativeBuckets: Sendable {
    let options: NativeHistogramOptions
    /// Its schema is `options.schema` or, for want of room, a lower one.
    var scale: BucketScale
    /// Observations of an absolute value up to `zeroThreshold`.
    var zeroCount: UInt64 = 0
    var positive = BucketCounts()
    var negative = BucketCounts()
    /// When counting began, after `epoch`: the size of an `Instant` is not known to the compiler, that of a `Duration` is, and
    /// reaching fields behind one of unknown size costs a call each time.
    private var began: Duration
    private static let epoch = ContinuousClock.now
    /// As in the options or, for want of room or after a merge, wider.
    var zeroThreshold: Double {
        didSet { (firstDirect, directRange) = Self.directBits(above: zeroThreshold) }
    }
    /// Bits of the normal numbers above the zero bucket: most observations are among them, and one comparison shows it.
    private var firstDirect: UInt64
    private var directRange: UInt64

    /// No observations.
    init(_ options: NativeHistogramOptions, at now: ContinuousClock.Instant) {
        self.options = options
        scale = BucketScale(schema: options.schema)
        began = Self.epoch.duration(to: now)
        zeroThreshold = options.zeroThreshold
        (firstDirect, directRange) = Self.directBits(above: options.zeroThreshold)
    }

    /// Counts one observation. NaN is in no bucket and ignored.
    ///
    /// - Parameter now: looked at only when there is one bucket too many.
    /// - Returns: whether everything before this observation was thrown away to make room.
    @inline(__always) @discardableResult
    mutating func observe(_ value: Double, at now: @autoclosure () -> ContinuousClock.Instant) -> Bool {
        let bits = value.bitPattern
        if bits &- firstDirect < directRange, positive.increment(scale.index(ofNormal: bits)) { return false }
        return observeRare(value, at: now)
    }

    /// Negative and extreme numbers, and those whose bucket is empty.
    @inline(never)
    private mutating func observeRare(_ value: Double, at now: () -> ContinuousClock.Instant) -> Bool {
        guard !value.isNaN else { return false }
        guard value.magnitude > zeroThreshold else {
            zeroCount &+= 1
            return false
        }
        let index = scale.index(of: value.magnitude)
        if value < 0, negative.increment(index) { return false }
        let isNew = value > 0 ? positive.add(1, to: index) : negative.add(1, to: index)
        guard isNew, isOverLimit else { return false }
        return makeRoom(for: value, at: now())
    }

    private mutating func makeRoom(for value: Double, at now: ContinuousClock.Instant) -> Bool {
        if let shortest = options.minResetDuration, Self.epoch.duration(to: now) - began >= shortest {
            reset(at: now)
            observe(value, at: now)
            return true
        }
        shrink()
        return false
    }

    /// Whether resolution was lost and counts are old enough for a reset to win it back. To be asked after a snapshot.
    func isResetDue(at now: ContinuousClock.Instant) -> Bool {
        guard scale.schema != options.schema || zeroThreshold != options.zeroThreshold else { return false }
        return options.minResetDuration.map { Self.epoch.duration(to: now) - began >= $0 } ?? false
    }

    /// Throws all observations away; counting begins now, with the resolution of the options.
    mutating func reset(at now: ContinuousClock.Instant) {
        zeroCount = 0
        positive.removeAll()
        negative.removeAll()
        if scale.schema != options.schema { scale = BucketScale(schema: options.schema) }
        zeroThreshold = options.zeroThreshold
        began = Self.epoch.duration(to: now)
    }

    /// The buckets now.
    func snapshot(exemplars: [Exemplar] = []) -> NativeHistogramSnapshot {
        func buckets(_ counts: BucketCounts) -> [NativeHistogramSnapshot.Bucket] {
            counts.sorted.map { .init(index: Int32(truncatingIfNeeded: $0.index), count: $0.count) }
        }
        return NativeHistogramSnapshot(
            schema: Int32(scale.schema), zeroThreshold: zeroThreshold, zeroCount: zeroCount,
            positive: buckets(positive), negative: buckets(negative), exemplars: exemplars)
    }

    private static func directBits(above threshold: Double) -> (first: UInt64, count: UInt64) {
        let first = max(threshold.nextUp, .leastNormalMagnitude).bitPattern
        return (first, Double.infinity.bitPattern - first)
    }
}
