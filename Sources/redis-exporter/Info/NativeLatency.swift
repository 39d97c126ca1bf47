internal import ExporterKit

extension HistogramSnapshot {
    /// The same with native buckets, when each bound is a power of two, or what the server makes of it.
    ///
    /// Redis counts up to 1024 ns, 2048 ns and so on with two digits, and tells it as 1, 2, 4, 8, 16, 33, 66, 132 …
    /// microseconds. That is schema 0 with bounds up to 3.3 % above the powers of two.
    var withPowersOfTwo: HistogramSnapshot {
        var buckets: [NativeHistogramSnapshot.Bucket] = []
        for (index, count) in counts.enumerated() {
            let isAbove = index == upperBounds.count
            // What is above all bounds is in the bucket that follows.
            let power = isAbove ? (buckets.last?.index ?? 0) + 1 : upperBounds[index].nearestPowerOfTwo
            guard let power, power > buckets.last?.index ?? .min else {
                if count == 0 { continue }
                return self
            }
            if count > 0 || !isAbove { buckets.append(.init(index: power, count: count)) }
        }
        var result = self
        result.native = NativeHistogramSnapshot(
            schema: 0, zeroThreshold: NativeHistogramOptions.defaultZeroThreshold, zeroCount: 0,
            positive: buckets.filter { $0.count > 0 }, negative: [])
        return result
    }
}

extension Double {
    /// The exponent of the power of two that this is, at most 3.5 % above it; `nil` for every other number.
    fileprivate var nearestPowerOfTwo: Int32? {
        guard self >= 1, isFinite, significand < 1.035 else { return nil }
        return Int32(exponent)
    }
}
