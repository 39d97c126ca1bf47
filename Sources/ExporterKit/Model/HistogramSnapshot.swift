/// A histogram as of one moment: classic buckets, native buckets, or both.
public struct HistogramSnapshot: Sendable, Equatable {
    /// Upper bounds, inclusive, ascending, without `+Inf`; in the metric's unit. Empty when there are only native buckets.
    public let upperBounds: [Double]
    /// Observations per classic bucket, not cumulated; one more than bounds, the last one is above all bounds.
    public let counts: [UInt64]
    /// Sum of all observations, in the metric's unit.
    public let sum: Double
    /// Number of observations: the sum of `counts`, so the `+Inf` bucket and the count always agree.
    public let count: UInt64
    /// Exponential buckets of the same observations; only the protobuf format carries them.
    public var native: NativeHistogramSnapshot?
    /// One per classic bucket, or empty.
    public var exemplars: [Exemplar?] = []
    /// When counting began, as seconds since 1970; `nil` when it is not told.
    public var created: Double?

    /// - Returns: `nil` when `counts` is not one longer than `upperBounds`, or the bounds do not ascend.
    public init?(upperBounds: [Double], counts: [UInt64], sum: Double) {
        guard counts.count == upperBounds.count + 1 else { return nil }
        guard zip(upperBounds, upperBounds.dropFirst()).allSatisfy({ $0 < $1 }) else { return nil }
        self.upperBounds = upperBounds
        self.counts = counts
        self.sum = sum
        self.count = counts.reduce(0, &+)
    }

    /// Native buckets alone; text formats show the count as the one bucket `+Inf`.
    public init(native: NativeHistogramSnapshot, sum: Double) {
        self.upperBounds = []
        self.counts = [native.count]
        self.sum = sum
        self.count = native.count
        self.native = native
    }
}

/// The exponential buckets of a native histogram as of one moment.
///
/// With schema `s`, bucket `i` holds observations in `(2^((i-1)·2^-s), 2^(i·2^-s)]`; negative ones are mirrored.
/// Source: https://prometheus.io/docs/specs/native_histograms/
public struct NativeHistogramSnapshot: Sendable, Equatable {
    /// One bucket that is not empty.
    public struct Bucket: Sendable, Equatable {
        /// Which bucket, see above.
        public let index: Int32
        /// Observations in it, not cumulated.
        public let count: UInt64

        /// A bucket from its parts.
        public init(index: Int32, count: UInt64) {
            self.index = index
            self.count = count
        }
    }

    /// Resolution, -4 (coarse) to 8 (fine).
    public let schema: Int32
    /// Observations with an absolute value up to this one are in the zero bucket.
    public let zeroThreshold: Double
    /// Observations in the zero bucket.
    public let zeroCount: UInt64
    /// Buckets of positive observations, by ascending index, none empty.
    public let positive: [Bucket]
    /// Buckets of negative observations, by ascending index, none empty.
    public let negative: [Bucket]
    /// Observations that stand for others, any number, by ascending value.
    public let exemplars: [Exemplar]
    /// All observations.
    public let count: UInt64

    /// A snapshot from its parts.
    public init(
        schema: Int32, zeroThreshold: Double, zeroCount: UInt64, positive: [Bucket], negative: [Bucket],
        exemplars: [Exemplar] = []
    ) {
        self.schema = schema
        self.zeroThreshold = zeroThreshold
        self.zeroCount = zeroCount
        self.positive = positive
        self.negative = negative
        self.exemplars = exemplars
        self.count = (positive + negative).reduce(zeroCount) { $0 &+ $1.count }
    }
}
