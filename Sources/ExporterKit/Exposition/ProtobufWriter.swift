/// Writes families as messages `io.prometheus.client.MetricFamily`, each after its length.
///
/// The only format of the four with native histograms. Infos and states are gauges here, as in text 0.0.4. Zeros are
/// written, because older readers tell them from what is absent. Deltas of native buckets are packed. Prometheus 2.42 stores
/// the classic buckets of a gauge histogram under its bare name; 2.53 and later do not.
/// Source: https://github.com/prometheus/client_model/blob/master/io/prometheus/client/metrics.proto
struct ProtobufWriter: FamilyWriter {
    private(set) var findings = FamilyFindings()
    private let escaping: NameEscaping
    private var buffer = ProtobufBuffer()
    private var kind = MetricKind.unknown
    private var family: ProtobufBuffer.Message?

    var bytes: [UInt8] { buffer.bytes }
    var count: Int { buffer.bytes.count }

    init(format: ExpositionFormat) {
        escaping = format.escaping
        buffer.reserveCapacity(64 * 1024)
    }

    mutating func begin(_ shape: FamilyShape, count: Int, tellsCreated: Bool) {
        findings = FamilyFindings()
        kind = shape.kind
        family = buffer.open(expecting: count * 64)
        buffer.field(1, shape.name)
        if !shape.help.isEmpty { buffer.field(2, shape.help) }
        buffer.field(3, type)
        if let unit = shape.unit { buffer.field(5, unit) }
    }

    mutating func end() {
        if let family { buffer.close(family) }
        family = nil
    }

    mutating func rewind(to count: Int) {
        buffer.removeLast(downTo: count)
        family = nil
    }

    mutating func finish() {}

    /// Number of the kind in `MetricType`.
    private var type: UInt64 {
        switch kind {
        case .counter: 0
        case .gauge, .info, .stateset: 1
        case .summary: 2
        case .unknown: 3
        case .histogram: 4
        case .gaugeHistogram: 5
        }
    }

    // MARK: - Series

    mutating func write(_ value: Double, _ labels: LabelBytes) {
        let metric = open(labels)
        let message = openValue()
        buffer.field(1, value)
        buffer.close(message)
        buffer.close(metric)
    }

    mutating func write(_ value: UInt64, _ labels: LabelBytes) {
        write(Double(value), labels)
    }

    mutating func write(_ value: borrowing SampleValue, _ labels: LabelBytes) {
        switch copy value {
        case .number(let value): write(value, labels)
        case .counter(let counter): write(counter, labels)
        case .histogram(let histogram): write(histogram, labels)
        case .summary(let summary): write(summary, labels)
        }
    }

    mutating func write(_ histogram: ClassicHistogramView, _ labels: LabelBytes) {
        let metric = open(labels)
        let message = buffer.open(7)
        let count = histogram.counts.reduce(0, &+)
        buffer.field(1, count)
        buffer.field(2, histogram.sum)
        writeBuckets(histogram, exemplars: [])
        buffer.close(message)
        buffer.close(metric)
    }

    private mutating func write(_ counter: CounterSnapshot, _ labels: LabelBytes) {
        let metric = open(labels)
        let message = openValue()
        buffer.field(1, counter.value)
        if kind == .counter {
            writeExemplar(2, counter.exemplar)
            writeTime(3, counter.created)
        }
        buffer.close(message)
        buffer.close(metric)
    }

    private mutating func write(_ histogram: HistogramSnapshot, _ labels: LabelBytes) {
        let metric = open(labels)
        let message = buffer.open(7)
        buffer.field(1, histogram.count)
        buffer.field(2, histogram.sum)
        histogram.upperBounds.withUnsafeBufferPointer { bounds in
            histogram.counts.withUnsafeBufferPointer { counts in
                let view = ClassicHistogramView(upperBounds: bounds, counts: counts, sum: histogram.sum)
                writeBuckets(view, exemplars: histogram.exemplars)
            }
        }
        if let native = histogram.native { write(native) }
        writeTime(15, histogram.created)
        for exemplar in histogram.native?.exemplars ?? [] { writeExemplar(16, exemplar) }
        buffer.close(message)
        buffer.close(metric)
    }

    /// The bucket `+Inf` is the count; it is written only to carry an exemplar.
    private mutating func writeBuckets(_ histogram: ClassicHistogramView, exemplars: [Exemplar?]) {
        var cumulated: UInt64 = 0
        for (index, count) in histogram.counts.enumerated() {
            cumulated &+= count
            let exemplar = index < exemplars.count ? exemplars[index] : nil
            let isLast = index == histogram.upperBounds.count
            guard !isLast || exemplar != nil else { continue }
            let bucket = buffer.open(3)
            buffer.field(1, cumulated)
            buffer.field(2, isLast ? .infinity : histogram.upperBounds[index])
            writeExemplar(3, exemplar)
            buffer.close(bucket)
        }
    }

    private mutating func write(_ native: NativeHistogramSnapshot) {
        let negative = NativeHistogramSnapshot.spans(native.negative)
        var positive = NativeHistogramSnapshot.spans(native.positive)
        // Only by one of these a reader sees that the histogram is a native one; else there is an empty span.
        let isSeen = native.zeroThreshold > 0 || native.zeroCount > 0 || !(negative.spans + positive.spans).isEmpty
        if !isSeen { positive.spans = [(0, 0)] }
        buffer.field(5, zigzag: Int64(native.schema))
        buffer.field(6, native.zeroThreshold)
        buffer.field(7, native.zeroCount)
        writeSpans(9, negative.spans)
        buffer.field(10, packed: negative.deltas)
        writeSpans(12, positive.spans)
        buffer.field(13, packed: positive.deltas)
    }

    private mutating func writeSpans(_ field: UInt8, _ spans: [(offset: Int32, length: UInt32)]) {
        for span in spans {
            let message = buffer.open(field)
            buffer.field(1, zigzag: Int64(span.offset))
            buffer.field(2, UInt64(span.length))
            buffer.close(message)
        }
    }

    /// What a summary's source does not know is absent, never 0. A quantile that is no number cannot be told.
    private mutating func write(_ summary: SummarySnapshot, _ labels: LabelBytes) {
        let metric = open(labels)
        let message = buffer.open(4)
        if let count = summary.count { buffer.field(1, count) }
        if let sum = summary.sum { buffer.field(2, sum) }
        for quantile in summary.quantiles {
            guard let rank = Double(quantile.label) else { continue }
            let part = buffer.open(3)
            buffer.field(1, rank)
            buffer.field(2, quantile.value)
            buffer.close(part)
        }
        writeTime(4, summary.created)
        buffer.close(message)
        buffer.close(metric)
    }

    // MARK: - Parts of a series

    private mutating func open(_ labels: LabelBytes) -> ProtobufBuffer.Message {
        if labels.first == UInt8(ascii: "\""), escaping != .allowUTF8 { findings.hasUnescapedLabel = true }
        let metric = buffer.open(4)
        writeLabels(1, labels)
        return metric
    }

    /// Begins the message that holds a plain number of the family's kind.
    private mutating func openValue() -> ProtobufBuffer.Message {
        switch kind {
        case .counter: buffer.open(3)
        case .unknown: buffer.open(5)
        default: buffer.open(2)
        }
    }

    private mutating func writeLabels(_ field: UInt8, _ labels: LabelBytes) {
        var reader = LabelReader(labels)
        while let label = reader.next() {
            let pair = buffer.open(field)
            buffer.field(1, unescaping: label.name)
            buffer.field(2, unescaping: label.value)
            buffer.close(pair)
        }
    }

    private mutating func writeExemplar(_ field: UInt8, _ exemplar: Exemplar?) {
        guard let exemplar, let labels = exemplar.labels.printable(escaping) else { return }
        let message = buffer.open(field)
        labels.bytes.withUnsafeBufferPointer { writeLabels(1, $0) }
        buffer.field(2, exemplar.value)
        writeTime(3, exemplar.timestamp)
        buffer.close(message)
    }

    /// Seconds since 1970 as a `Timestamp`.
    private mutating func writeTime(_ field: UInt8, _ seconds: Double?) {
        guard let seconds, let whole = Int64(exactly: seconds.rounded(.down)) else { return }
        // To the microsecond: a double of this size is no more precise.
        let micros = min(999_999, ((seconds - seconds.rounded(.down)) * 1e6).rounded())
        let message = buffer.open(field)
        buffer.field(1, UInt64(bitPattern: whole))
        buffer.field(2, UInt64(micros) * 1000)
        buffer.close(message)
    }
}
