/// How a histogram divides its observations: classic buckets with explicit bounds, native ones that find their own, or both.
public struct HistogramBuckets: Sendable, Hashable {
    /// Upper bounds, inclusive, ascending, finite, without `+Inf`; in the metric's unit. Empty for native buckets alone.
    public let upperBounds: [Double]
    /// Resolution and limits of the native buckets; `nil` for classic ones alone.
    public let native: NativeHistogramOptions?

    private init(_ upperBounds: [Double], _ native: NativeHistogramOptions?) {
        self.upperBounds = upperBounds
        self.native = native
    }

    /// Bounds in seconds for the latency of web requests; they contain the usual objectives 0.05 to 5 s.
    public static let webLatency = explicit([0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8, 1, 2, 5, 10])

    /// Classic buckets with these upper bounds, in any order; what is not finite or doubled is left out.
    public static func explicit(_ upperBounds: [Double]) -> HistogramBuckets {
        // Adding 0 makes 0 of -0, whose sign would tell `Histogram` that it is less than 0.
        HistogramBuckets(Set(upperBounds.filter(\.isFinite).map { $0 + 0 }).sorted(), nil)
    }

    /// Classic buckets of one width.
    ///
    /// - Parameters:
    ///   - first: upper bound of the first bucket.
    ///   - width: distance of the bounds, more than 0.
    ///   - count: number of bounds, at most 1,000 are made.
    public static func linear(from first: Double, width: Double, count: Int) -> HistogramBuckets {
        explicit((0..<limited(count)).map { first + Double($0) * width })
    }

    /// Classic buckets whose bounds grow by a factor.
    ///
    /// - Parameters:
    ///   - first: upper bound of the first bucket, more than 0.
    ///   - factor: each bound divided by the one before, more than 1.
    ///   - count: number of bounds, at most 1,000 are made.
    public static func exponential(from first: Double, factor: Double, count: Int) -> HistogramBuckets {
        var bounds: [Double] = []
        var bound = first
        for _ in 0..<limited(count) {
            bounds.append(bound)
            bound *= factor
        }
        return explicit(bounds)
    }

    /// Native buckets alone. Scrapers that do not ask for protobuf see only count and sum.
    public static func native(_ options: NativeHistogramOptions = NativeHistogramOptions()) -> HistogramBuckets {
        HistogramBuckets([], options)
    }

    /// These classic buckets and native ones at once: each scraper takes what it understands.
    public func with(native options: NativeHistogramOptions = NativeHistogramOptions()) -> HistogramBuckets {
        HistogramBuckets(upperBounds, options)
    }

    private static func limited(_ count: Int) -> Int { max(0, min(count, 1000)) }
}
