/// One metric with all its series, as of one moment.
public struct MetricFamily: Sendable {
    /// Name, help, kind and unit.
    public internal(set) var descriptor: MetricDescriptor
    /// Series that are read when they are encoded; while this is set, `stored` is empty.
    package private(set) var live: (any LiveSeries)?
    private var stored: [Sample]

    /// The series. Every label set occurs once in what is exposed; a producer may repeat one, the merge drops it.
    ///
    /// For a family of live instruments this is a copy of their values now.
    public var samples: [Sample] {
        get { live.map(Self.samples) ?? stored }
        _modify {
            if let series = live {
                live = nil
                stored = Self.samples(of: series)
            }
            yield &stored
        }
    }

    /// A family from its parts.
    public init(_ descriptor: MetricDescriptor, _ samples: [Sample] = []) {
        self.descriptor = descriptor
        self.stored = samples
    }

    /// A family of live instruments.
    package init(_ descriptor: MetricDescriptor, live: any LiveSeries) {
        self.descriptor = descriptor
        self.live = live
        self.stored = []
    }

    /// Number of series.
    public var count: Int { live?.count ?? stored.count }

    /// Gives every series to a writer.
    package func write(to writer: inout some SeriesWriter) {
        if let live { return live.write(to: &writer) }
        for sample in stored {
            sample.labels.bytes.withUnsafeBufferPointer { labels in
                if case .number(let value) = sample.value {
                    writer.write(value, labels)
                } else {
                    writer.write(sample.value, labels)
                }
            }
        }
    }

    private static func samples(of series: any LiveSeries) -> [Sample] {
        var collector = SampleCollector()
        collector.samples.reserveCapacity(series.count)
        series.write(to: &collector)
        return collector.samples
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
public enum SampleValue: Sendable, Equatable {
    /// Counter, gauge, info, state or unknown.
    case number(Double)
    /// A counter with an exemplar or a time of creation.
    indirect case counter(CounterSnapshot)
    /// Buckets, sum and count; of a histogram or a gauge histogram.
    indirect case histogram(HistogramSnapshot)
    /// Quantiles, sum and count.
    indirect case summary(SummarySnapshot)
}

/// Summary as of one moment.
public struct SummarySnapshot: Sendable, Equatable {
    /// `label` is printed as it is (a peer may use 99.9 instead of 0.999); `value` in the metric's unit.
    public let quantiles: [(label: String, value: Double)]
    /// Sum of all observations, `nil` when the source does not know it.
    public let sum: Double?
    /// Number of observations, `nil` when the source does not know it.
    public let count: UInt64?
    /// When counting began, as seconds since 1970; `nil` when it is not told.
    public var created: Double?

    /// A summary from its parts.
    public init(quantiles: [(label: String, value: Double)], sum: Double?, count: UInt64?) {
        self.quantiles = quantiles
        self.sum = sum
        self.count = count
    }

    /// Equal in sum, count, time and every quantile.
    public static func == (left: SummarySnapshot, right: SummarySnapshot) -> Bool {
        left.sum == right.sum && left.count == right.count && left.created == right.created
            && left.quantiles.elementsEqual(right.quantiles) { $0.label == $1.label && $0.value == $1.value }
    }
}
