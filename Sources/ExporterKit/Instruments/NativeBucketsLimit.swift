extension NativeBuckets {
    /// Buckets that are not empty, without the zero bucket.
    private var bucketCount: Int { positive.used + negative.used }

    /// Whether there are more buckets than the options allow.
    var isOverLimit: Bool { options.maxBuckets > 0 && bucketCount > options.maxBuckets }

    /// Widens the zero bucket and, where that is not enough, halves the resolution until the limit is kept.
    ///
    /// client_golang takes one such step per observation and stays above the limit until the next ones.
    mutating func shrink() {
        while isOverLimit {
            if widenZeroBucket() { continue }
            guard scale.schema > NativeHistogramOptions.schemas.lowerBound else { return }
            coarsen(to: scale.schema - 1)
        }
    }

    /// Adds the observations of another. The result has the coarser resolution and the wider zero bucket of both, and no more
    /// buckets than the options of this one allow.
    mutating func merge(_ other: NativeBuckets) {
        var other = other
        coarsen(to: other.scale.schema)
        other.coarsen(to: scale.schema)
        alignZeroBuckets(&other)
        zeroCount &+= other.zeroCount
        positive.add(other.positive)
        negative.add(other.negative)
        shrink()
    }

    /// Takes the buckets closest to zero into the zero bucket, if it may be that wide.
    private mutating func widenZeroBucket() -> Bool {
        guard let lowest = [positive.lowest, negative.lowest].compactMap(\.self).min() else { return false }
        let threshold = scale.upperBound(of: lowest)
        guard threshold <= options.maxZeroThreshold else { return false }
        zeroThreshold = threshold
        absorb(through: lowest)
        return true
    }

    private mutating func coarsen(to schema: Int) {
        let steps = scale.schema - schema
        guard steps > 0 else { return }
        scale = BucketScale(schema: schema)
        positive.reindex { BucketScale.coarser($0, by: steps) }
        negative.reindex { BucketScale.coarser($0, by: steps) }
    }

    /// Gives two histograms of one schema the same zero bucket.
    private mutating func alignZeroBuckets(_ other: inout NativeBuckets) {
        guard zeroThreshold != other.zeroThreshold else { return }
        let narrow = zeroThreshold < other.zeroThreshold ? self : other
        var threshold = max(zeroThreshold, other.zeroThreshold)
        var last = scale.index(of: threshold)
        if threshold < scale.upperBound(of: last) {
            // The bucket is partly in the wider zero bucket. Nobody knows where its observations are: all of it goes in.
            if narrow.positive.count(of: last) > 0 || narrow.negative.count(of: last) > 0 {
                threshold = scale.upperBound(of: last)
            } else {
                last -= 1
            }
        }
        zeroThreshold = threshold
        other.zeroThreshold = threshold
        absorb(through: last)
        other.absorb(through: last)
    }

    private mutating func absorb(through last: Int) {
        zeroCount &+= positive.remove(through: last)
        zeroCount &+= negative.remove(through: last)
    }
}
