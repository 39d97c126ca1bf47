/// One metric with all its series, as of one moment.
public struct MetricFamily: Sendable {
    /// Name, help, kind and unit.
    public let descriptor: MetricDescriptor
    /// The series. Every label set occurs once in what is exposed; a producer may repeat one, the merge drops it.
    public var samples: [Sample]

    /// A family from its parts.
    public init(_ descriptor: MetricDescriptor, _ samples: [Sample] = []) {
        self.descriptor = descriptor
        self.samples = samples
    }
}

/// One series of a family: labels and what was measured.
public struct Sample: Sendable {
    /// Labels without the ones the format adds (`le`, `quantile`).
    public let labels: LabelSet
    /// What was measured.
    public let value: SampleValue

    /// A plain number.
    public init(_ value: Double, _ labels: LabelSet = .empty) {
        self.labels = labels
        self.value = .number(value)
    }

    /// A composite value.
    public init(_ value: SampleValue, _ labels: LabelSet = .empty) {
        self.labels = labels
        self.value = value
    }
}

/// What a series holds.
public enum SampleValue: Sendable {
    /// Counter, gauge, info, state or unknown.
    case number(Double)
    /// Buckets, sum and count.
    indirect case histogram(HistogramSnapshot)
    /// Quantiles, sum and count.
    indirect case summary(SummarySnapshot)
}

/// Classic histogram as of one moment.
public struct HistogramSnapshot: Sendable, Equatable {
    /// Upper bounds, inclusive, ascending, without `+Inf`; in the metric's unit.
    public let upperBounds: [Double]
    /// Observations per bucket, not cumulated; one more than bounds, the last one is above all bounds.
    public let counts: [UInt64]
    /// Sum of all observations, in the metric's unit.
    public let sum: Double
    /// Number of observations: the sum of `counts`, so the `+Inf` bucket and the count always agree.
    public var count: UInt64 { counts.reduce(0, &+) }

    /// - Returns: `nil` when `counts` is not one longer than `upperBounds`, or the bounds do not ascend.
    public init?(upperBounds: [Double], counts: [UInt64], sum: Double) {
        guard counts.count == upperBounds.count + 1 else { return nil }
        guard zip(upperBounds, upperBounds.dropFirst()).allSatisfy({ $0 < $1 }) else { return nil }
        self.upperBounds = upperBounds
        self.counts = counts
        self.sum = sum
    }
}

/// Summary as of one moment.
public struct SummarySnapshot: Sendable, Equatable {
    /// `label` is printed as it is (a peer may use 99.9 instead of 0.999); `value` in the metric's unit.
    public let quantiles: [(label: String, value: Double)]
    /// Sum of all observations, `nil` when the source does not know it.
    public let sum: Double?
    /// Number of observations, `nil` when the source does not know it.
    public let count: UInt64?

    /// A summary from its parts.
    public init(quantiles: [(label: String, value: Double)], sum: Double?, count: UInt64?) {
        self.quantiles = quantiles
        self.sum = sum
        self.count = count
    }

    /// Equal in sum, count and every quantile.
    public static func == (left: SummarySnapshot, right: SummarySnapshot) -> Bool {
        left.sum == right.sum && left.count == right.count
            && left.quantiles.elementsEqual(right.quantiles) { $0.label == $1.label && $0.value == $1.value }
    }
}
