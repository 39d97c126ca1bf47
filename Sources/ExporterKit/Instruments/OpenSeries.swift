/// A series of a family whose series may have any labels, as libraries give them one by one.
package struct OpenSeries<I: Instrument>: Sendable {
    /// What measures.
    package let instrument: I
    private let family: LabeledFamily<I>
    private let labels: LabelSet

    init(_ instrument: I, _ family: LabeledFamily<I>, _ labels: LabelSet) {
        self.instrument = instrument
        self.family = family
        self.labels = labels
    }

    /// Ends the series; who holds its instrument may go on using it.
    package func remove() {
        family.remove(labels)
    }
}

/// An instrument that libraries may ask for by name and labels alone.
package protocol OpenInstrument: Instrument {
    /// A new one at zero.
    ///
    /// - Parameter buckets: of a histogram.
    static func make(_ context: InstrumentContext, _ buckets: HistogramBuckets) -> Self
}

extension Counter: OpenInstrument {
    /// A new counter.
    package static func make(_ context: InstrumentContext, _ buckets: HistogramBuckets) -> Counter { Counter(context) }
}

extension Gauge: OpenInstrument {
    /// A new gauge.
    package static func make(_ context: InstrumentContext, _ buckets: HistogramBuckets) -> Gauge { Gauge() }
}

extension Histogram: OpenInstrument {
    /// A new histogram.
    package static func make(_ context: InstrumentContext, _ buckets: HistogramBuckets) -> Histogram {
        Histogram(buckets, context)
    }
}

extension Registry {
    /// The series of these labels in the family of this description, both made when they are new.
    ///
    /// - Parameters:
    ///   - dimensions: in any order; of a repeated name the last counts, a name that is illegal is left out and reported.
    ///   - buckets: of a histogram; one that is there keeps its own.
    package func openSeries<I: OpenInstrument>(
        _ descriptor: MetricDescriptor, _ dimensions: [(String, String)], buckets: HistogramBuckets
    ) -> OpenSeries<I> {
        let family: LabeledFamily<I> = family(descriptor, nil, limit: nil) { I.make($0, buckets) }
        let labels = family.legal(dimensions)
        return OpenSeries(family.instrument(labels), family, labels)
    }
}
