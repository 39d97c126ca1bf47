/// The series of a family as instruments hold them, read by an encoder without a copy in between.
///
/// The producer has seen to it that no two have the same labels.
package protocol LiveSeries: AnyObject, Sendable {
    /// Number of series.
    var count: Int { get }
    /// About how many lines of text all series take.
    var lines: Int { get }
    /// About how many bytes of labels all lines have together.
    var labelBytes: Int { get }
    /// Gives every series to the writer, in an order that stays the same from scrape to scrape.
    func write(to writer: inout some SeriesWriter)
}

/// Takes the series of one family, one after another.
public protocol SeriesWriter {
    /// A plain number.
    mutating func write(_ value: Double, _ labels: LabelBytes)
    /// A whole number.
    mutating func write(_ value: UInt64, _ labels: LabelBytes)
    /// A composite value.
    mutating func write(_ value: borrowing SampleValue, _ labels: LabelBytes)
    /// A classic histogram that need not become a value first.
    mutating func write(_ histogram: ClassicHistogramView, _ labels: LabelBytes)
}

/// The bytes of a `LabelSet`, valid for the call that is given them.
public typealias LabelBytes = UnsafeBufferPointer<UInt8>

/// Buckets of a classic histogram, valid for the call that is given them.
public struct ClassicHistogramView {
    /// As in `HistogramSnapshot`.
    public let upperBounds: UnsafeBufferPointer<Double>
    /// As in `HistogramSnapshot`: not cumulated, one more than bounds.
    public let counts: UnsafeBufferPointer<UInt64>
    /// Sum of all observations.
    public let sum: Double
}

/// Collects what is written as samples.
struct SampleCollector: SeriesWriter {
    var samples: [Sample] = []

    mutating func write(_ value: Double, _ labels: LabelBytes) {
        samples.append(Sample(value, LabelSet(bytes: Array(labels))))
    }

    mutating func write(_ value: UInt64, _ labels: LabelBytes) {
        write(Double(value), labels)
    }

    mutating func write(_ value: borrowing SampleValue, _ labels: LabelBytes) {
        samples.append(Sample(copy value, LabelSet(bytes: Array(labels))))
    }

    mutating func write(_ histogram: ClassicHistogramView, _ labels: LabelBytes) {
        let snapshot = HistogramSnapshot(
            upperBounds: Array(histogram.upperBounds), counts: Array(histogram.counts), sum: histogram.sum)
        guard let snapshot else { return }
        samples.append(Sample(.histogram(snapshot), LabelSet(bytes: Array(labels))))
    }
}
