/// Resolution and limits of a native histogram.
///
/// What is out of range is brought to the nearest value that is allowed.
/// Source: https://prometheus.io/docs/specs/native_histograms/
public struct NativeHistogramOptions: Sendable, Hashable {
    /// Resolution, -4 (bounds grow by the factor 65,536) to 8 (by 1.0027). Each step doubles the number of buckets.
    public let schema: Int
    /// Observations with an absolute value up to this one are in the zero bucket; finite, in the metric's unit.
    public let zeroThreshold: Double
    /// Most buckets, those of negative observations among them, the zero bucket not; 0 is no limit.
    ///
    /// One more costs the first of these that is possible: a reset, a wider zero bucket, half of the resolution. At schema -4
    /// no more can be done; there are 133 buckets of one sign then at most.
    public let maxBuckets: Int
    /// How long counts are kept at least before a reset makes room; `nil` is for ever.
    public let minResetDuration: Duration?
    /// How wide the zero bucket may become to make room, in the metric's unit; 0 is never wider than `zeroThreshold`.
    public let maxZeroThreshold: Double

    /// 2^-128, what client_golang uses.
    public static let defaultZeroThreshold = 0x1p-128

    /// Schemas there are.
    static let schemas = -4...8

    /// Options from a schema.
    public init(
        schema: Int, zeroThreshold: Double = defaultZeroThreshold, maxBuckets: Int = 160,
        minResetDuration: Duration? = nil, maxZeroThreshold: Double = 0
    ) {
        self.schema = min(max(schema, Self.schemas.lowerBound), Self.schemas.upperBound)
        self.zeroThreshold = Self.threshold(zeroThreshold)
        self.maxBuckets = max(0, maxBuckets)
        self.minResetDuration = minResetDuration
        self.maxZeroThreshold = Self.threshold(maxZeroThreshold)
    }

    /// Options from the growth of the bounds.
    ///
    /// - Parameter bucketFactor: how much larger a bucket's upper bound may be than its lower one: the coarsest schema that
    ///   does not exceed it is taken. 1.1 gives schema 3, 2 gives 0; 1.0027 and less give 8.
    public init(
        bucketFactor: Double = 1.1, zeroThreshold: Double = defaultZeroThreshold, maxBuckets: Int = 160,
        minResetDuration: Duration? = nil, maxZeroThreshold: Double = 0
    ) {
        let schema = Self.schemas.first { BucketScale(schema: $0).upperBound(of: 1) <= bucketFactor }
        self.init(
            schema: schema ?? Self.schemas.upperBound, zeroThreshold: zeroThreshold, maxBuckets: maxBuckets,
            minResetDuration: minResetDuration, maxZeroThreshold: maxZeroThreshold)
    }

    private static func threshold(_ value: Double) -> Double {
        value > 0 ? min(value, .greatestFiniteMagnitude) : 0
    }
}
