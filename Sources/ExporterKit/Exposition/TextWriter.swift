/// Writes families as text 0.0.4, text 1.0.0 or OpenMetrics 1.0.
///
/// OpenMetrics differs in names of families, in numbers and in the end; only it has exemplars and times of creation. The
/// two others are the same but for names in quotes, which any of the three may have.
struct TextWriter: FamilyWriter {
    private(set) var bytes: [UInt8] = []
    private(set) var findings = FamilyFindings()
    private let isOpenMetrics: Bool
    private let escaping: NameEscaping
    private var shape = FamilyShape(MetricDescriptor("", "", kind: .unknown), syntax: .text004)
    private var tellsCreated = false

    init(format: ExpositionFormat) {
        isOpenMetrics = format.syntax == .openMetrics100
        escaping = format.escaping
        bytes.reserveCapacity(64 * 1024)
    }

    mutating func begin(_ shape: FamilyShape, count: Int, tellsCreated: Bool) {
        self.shape = shape
        self.tellsCreated = tellsCreated
        findings = FamilyFindings()
        writeMetadata()
    }

    mutating func end() {}

    mutating func rewind(to count: Int) {
        bytes.removeLast(bytes.count - count)
    }

    mutating func finish() {
        if isOpenMetrics { append("# EOF\n") }
    }

    // MARK: - Metadata

    private mutating func writeMetadata() {
        if !isOpenMetrics { writeHelp() }
        beginMetadata("# TYPE ")
        append(type)
        bytes.append(UInt8(ascii: "\n"))
        guard isOpenMetrics else { return }
        if let unit = shape.unit {
            beginMetadata("# UNIT ")
            append(unit)
            bytes.append(UInt8(ascii: "\n"))
        }
        writeHelp()
    }

    private var type: String {
        switch shape.kind {
        case .info where !isOpenMetrics, .stateset where !isOpenMetrics: "gauge"
        case .gaugeHistogram where !isOpenMetrics: "histogram"
        case .unknown where !isOpenMetrics: "untyped"
        case let kind: kind.rawValue
        }
    }

    private mutating func beginMetadata(_ keyword: StaticString) {
        append(keyword)
        bytes.append(contentsOf: shape.familyName)
        bytes.append(UInt8(ascii: " "))
    }

    /// 0.0.4 escapes backslash and line feed in a help text; OpenMetrics the quote too.
    private mutating func writeHelp() {
        guard !shape.descriptor.help.isEmpty else { return }
        beginMetadata("# HELP ")
        for byte in shape.descriptor.help.utf8 {
            switch byte {
            case UInt8(ascii: "\\"): append("\\\\")
            case UInt8(ascii: "\n"): append("\\n")
            case UInt8(ascii: "\"") where isOpenMetrics: append("\\\"")
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\n"))
    }

    // MARK: - Series

    mutating func write(_ value: Double, _ labels: LabelBytes) {
        findings.lacksCreated = true
        begin(labels)
        writeNumber(value)
        bytes.append(UInt8(ascii: "\n"))
    }

    mutating func write(_ value: UInt64, _ labels: LabelBytes) {
        findings.lacksCreated = true
        begin(labels)
        writeCount(value)
        bytes.append(UInt8(ascii: "\n"))
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
        write(histogram, exemplars: [], labels)
        findings.lacksCreated = true
    }

    private mutating func write(_ counter: CounterSnapshot, _ labels: LabelBytes) {
        begin(labels)
        writeNumber(counter.value)
        if shape.kind == .counter { writeExemplar(counter.exemplar) }
        bytes.append(UInt8(ascii: "\n"))
        writeCreated(shape.kind == .counter ? counter.created : nil, labels)
    }

    private mutating func write(_ histogram: HistogramSnapshot, _ labels: LabelBytes) {
        histogram.upperBounds.withUnsafeBufferPointer { bounds in
            histogram.counts.withUnsafeBufferPointer { counts in
                let view = ClassicHistogramView(upperBounds: bounds, counts: counts, sum: histogram.sum)
                write(view, exemplars: histogram.exemplars, labels)
            }
        }
        writeCreated(shape.kind == .histogram ? histogram.created : nil, labels)
    }

    private mutating func write(_ histogram: ClassicHistogramView, exemplars: [Exemplar?], _ labels: LabelBytes) {
        var cumulated: UInt64 = 0
        for (index, count) in histogram.counts.enumerated() {
            cumulated &+= count
            openLine(adding: "le", "_bucket", labels)
            bytes.append(UInt8(ascii: "\""))
            writeNumber(index < histogram.upperBounds.count ? histogram.upperBounds[index] : .infinity)
            append("\"} ")
            writeCount(cumulated)
            if index < exemplars.count { writeExemplar(exemplars[index]) }
            bytes.append(UInt8(ascii: "\n"))
        }
        let isGauge = isOpenMetrics && shape.kind == .gaugeHistogram
        // A sum is a counter in OpenMetrics: there is none where observations may be negative, and no count without a sum.
        let isCounter = histogram.sum >= 0 && !((histogram.upperBounds.first ?? 0) < 0)
        guard !isOpenMetrics || isGauge || isCounter else { return }
        writeSum(histogram.sum, isGauge ? "_gsum" : "_sum", labels)
        writeTotal(cumulated, isGauge ? "_gcount" : "_count", labels)
    }

    private mutating func write(_ summary: SummarySnapshot, _ labels: LabelBytes) {
        for quantile in summary.quantiles {
            openLine(adding: "quantile", "", labels)
            LabelSet.appendQuoted(quantile.label.utf8, to: &bytes)
            append("} ")
            writeNumber(quantile.value)
            bytes.append(UInt8(ascii: "\n"))
        }
        // As in a histogram, a sum that fell below zero is no counter.
        if let sum = summary.sum, !isOpenMetrics || sum >= 0 { writeSum(sum, "_sum", labels) }
        if let count = summary.count { writeTotal(count, "_count", labels) }
        writeCreated(summary.created, labels)
    }

    private mutating func writeSum(_ sum: Double, _ suffix: StaticString, _ labels: LabelBytes) {
        begin(labels, suffix)
        writeNumber(sum)
        bytes.append(UInt8(ascii: "\n"))
    }

    private mutating func writeTotal(_ count: UInt64, _ suffix: StaticString, _ labels: LabelBytes) {
        begin(labels, suffix)
        writeCount(count)
        bytes.append(UInt8(ascii: "\n"))
    }

    private mutating func writeCreated(_ created: Double?, _ labels: LabelBytes) {
        guard let created, created.isFinite else {
            findings.lacksCreated = true
            return
        }
        findings.hasCreated = true
        guard isOpenMetrics, tellsCreated else { return }
        closeLine(openLine(shape.createdName, "", labels))
        NumberText.append(seconds: created, to: &bytes)
        bytes.append(UInt8(ascii: "\n"))
    }

    /// An exemplar follows the value in the same line.
    private mutating func writeExemplar(_ exemplar: Exemplar?) {
        guard isOpenMetrics, let exemplar, let labels = exemplar.labels.printable(escaping) else { return }
        append(" # {")
        bytes.append(contentsOf: labels.bytes)
        append("} ")
        writeNumber(exemplar.value)
        bytes.append(UInt8(ascii: " "))
        NumberText.append(seconds: exemplar.timestamp, to: &bytes)
    }

    // MARK: - Parts of a line

    /// Name and labels, up to the value.
    private mutating func begin(_ labels: LabelBytes, _ suffix: StaticString = "") {
        closeLine(openLine(shape.sampleName, suffix, labels))
    }

    /// Name and labels without the brace that ends them.
    ///
    /// - Returns: whether there is a brace to close.
    private mutating func openLine(_ name: [UInt8], _ suffix: StaticString, _ labels: LabelBytes) -> Bool {
        if shape.isQuoted { append("{\"") }
        bytes.append(contentsOf: name)
        append(suffix)
        if shape.isQuoted { bytes.append(UInt8(ascii: "\"")) }
        guard let first = labels.first else { return shape.isQuoted }
        if first == UInt8(ascii: "\""), escaping != .allowUTF8 { findings.hasUnescapedLabel = true }
        bytes.append(shape.isQuoted ? UInt8(ascii: ",") : UInt8(ascii: "{"))
        bytes.append(contentsOf: labels)
        return true
    }

    private mutating func closeLine(_ hasBrace: Bool) {
        if hasBrace { bytes.append(UInt8(ascii: "}")) }
        bytes.append(UInt8(ascii: " "))
    }

    /// The label that the format adds comes last; its value and the end of the line are up to the caller.
    private mutating func openLine(adding label: StaticString, _ suffix: StaticString, _ labels: LabelBytes) {
        bytes.append(openLine(shape.sampleName, suffix, labels) ? UInt8(ascii: ",") : UInt8(ascii: "{"))
        append(label)
        bytes.append(UInt8(ascii: "="))
    }

    // MARK: - Numbers

    private mutating func writeNumber(_ value: Double) {
        if isOpenMetrics {
            NumberText.appendFloat(value, to: &bytes)
        } else {
            NumberText.append(value, to: &bytes)
        }
    }

    /// Text 0.0.4 prints counts as Go does, as floats; but never less exactly than they are.
    private mutating func writeCount(_ count: UInt64) {
        if isOpenMetrics || count >= 1 << 53 {
            NumberText.append(count: count, to: &bytes)
        } else {
            NumberText.append(Double(count), to: &bytes)
        }
    }

    private mutating func append(_ text: String) {
        bytes.append(contentsOf: text.utf8)
    }

    private mutating func append(_ text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}
