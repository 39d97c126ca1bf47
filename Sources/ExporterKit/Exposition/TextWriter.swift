/// Writes families as text 0.0.4, text 1.0.0 or OpenMetrics 1.0.
///
/// OpenMetrics differs in names of families, in numbers and in the end; only it has exemplars and times of creation. The
/// two others are the same but for names in quotes, which any of the three may have.
struct TextWriter: FamilyWriter {
    private var out: ByteCursor
    private(set) var findings = FamilyFindings()
    private let isOpenMetrics: Bool
    private let escaping: NameEscaping
    private var shape = FamilyShape.none
    private var tellsCreated = false
    /// Of the shape, at hand for the many lines of a family.
    private var nameAndBrace: [UInt8] = []
    private var boundTexts = BoundTexts()

    /// - Parameter cursor: where the text goes; what does not fit is lost, see `ByteCursor.isOverfull`.
    init(format: ExpositionFormat, to cursor: ByteCursor) {
        isOpenMetrics = format.syntax == .openMetrics100
        escaping = format.escaping
        out = cursor
    }

    var count: Int { out.count }

    mutating func begin(_ shape: FamilyShape, count: Int, tellsCreated: Bool) {
        self.shape = shape
        nameAndBrace = shape.nameAndBrace
        self.tellsCreated = tellsCreated
        findings = FamilyFindings()
        out.put(shape.metadata)
    }

    mutating func end() {}

    mutating func rewind(to count: Int) {
        out.rewind(to: count)
    }

    mutating func finish() {
        if isOpenMetrics { out.put("# EOF\n") }
    }

    // MARK: - Series

    mutating func write(_ value: Double, _ labels: LabelBytes) {
        findings.lacksCreated = true
        if !isOpenMetrics, let whole = NumberText.whole(value), writeAtOnce(whole, labels) { return }
        begin(labels)
        writeNumber(value)
        out.put(UInt8(ascii: "\n"))
    }

    mutating func write(_ value: UInt64, _ labels: LabelBytes) {
        findings.lacksCreated = true
        guard !writeAtOnce(value, labels) else { return }
        begin(labels)
        writeCount(value)
        out.put(UInt8(ascii: "\n"))
    }

    /// Writes the most frequent kind of line in as few steps as there can be.
    ///
    /// - Returns: false, and nothing is written, when the line is of another kind or there is no room.
    @inline(__always) private mutating func writeAtOnce(_ value: UInt64, _ labels: LabelBytes) -> Bool {
        guard !shape.isQuoted, labels.first != UInt8(ascii: "\""),
            var line = out.line(ofAtMost: nameAndBrace.count &+ labels.count &+ Self.mostAround)
        else { return false }
        if labels.isEmpty {
            shape.sampleName.withUnsafeBufferPointer { line.put($0) }
            line.put(UInt8(ascii: " "))
        } else {
            nameAndBrace.withUnsafeBufferPointer { line.put($0) }
            line.put(labels)
            line.put(Self.braceAndSpace, count: 2)
        }
        writeCount(value, to: &line)
        line.put(UInt8(ascii: "\n"))
        out.take(line)
        return true
    }

    /// Bytes around a count, at most.
    private static let mostAround = 3 + NumberText.longestWhole + LineCursor.slack
    /// `} ` in the order of its bytes.
    private static let braceAndSpace: UInt64 = 0x207d

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
        out.put(UInt8(ascii: "\n"))
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
        boundTexts.update(histogram.upperBounds, isOpenMetrics: isOpenMetrics)
        var cumulated: UInt64 = 0
        // All bucket lines begin alike: the first one is written, the others are copied from it.
        let begin = out.count
        openLine(adding: "le", "_bucket", labels)
        let length = out.count - begin
        let most = histogram.counts.count &* (length &+ boundTexts.longest &+ Self.mostAround)
        if exemplars.isEmpty, var line = out.line(ofAtMost: most) {
            let opening = UnsafeBufferPointer(start: line.end - length, count: length)
            boundTexts.forEach { index, bound in
                if index > 0 { line.put(opening) }
                line.put(bound)
                cumulated &+= histogram.counts[index]
                writeCount(cumulated, to: &line)
                line.put(UInt8(ascii: "\n"))
            }
            out.take(line)
        } else {
            boundTexts.forEach { index, bound in
                if index > 0 { out.repeat(from: begin, count: length) }
                out.put(bound)
                cumulated &+= histogram.counts[index]
                writeCount(cumulated)
                if index < exemplars.count { writeExemplar(exemplars[index]) }
                out.put(UInt8(ascii: "\n"))
            }
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
            out.put("\"")
            out.putEscaped(quantile.label)
            out.put("\"")
            out.put("} ")
            writeNumber(quantile.value)
            out.put(UInt8(ascii: "\n"))
        }
        // As in a histogram, a sum that fell below zero is no counter.
        if let sum = summary.sum, !isOpenMetrics || sum >= 0 { writeSum(sum, "_sum", labels) }
        if let count = summary.count { writeTotal(count, "_count", labels) }
        writeCreated(summary.created, labels)
    }

    private mutating func writeSum(_ sum: Double, _ suffix: StaticString, _ labels: LabelBytes) {
        begin(labels, suffix)
        writeNumber(sum)
        out.put(UInt8(ascii: "\n"))
    }

    private mutating func writeTotal(_ count: UInt64, _ suffix: StaticString, _ labels: LabelBytes) {
        begin(labels, suffix)
        writeCount(count)
        out.put(UInt8(ascii: "\n"))
    }

    private mutating func writeCreated(_ created: Double?, _ labels: LabelBytes) {
        guard let created, created.isFinite else {
            findings.lacksCreated = true
            return
        }
        findings.hasCreated = true
        guard isOpenMetrics, tellsCreated else { return }
        closeLine(openLine(shape.createdName, "", labels))
        NumberText.write(seconds: created, to: &out)
        out.put(UInt8(ascii: "\n"))
    }

    /// An exemplar follows the value in the same line.
    private mutating func writeExemplar(_ exemplar: Exemplar?) {
        guard isOpenMetrics, let exemplar, let labels = exemplar.labels.printable(escaping) else { return }
        out.put(" # {")
        out.put(labels.bytes)
        out.put("} ")
        writeNumber(exemplar.value)
        out.put(UInt8(ascii: " "))
        NumberText.write(seconds: exemplar.timestamp, to: &out)
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
        if shape.isQuoted { out.put("{\"") }
        out.put(name)
        out.put(suffix)
        if shape.isQuoted { out.put(UInt8(ascii: "\"")) }
        guard let first = labels.first else { return shape.isQuoted }
        if first == UInt8(ascii: "\""), escaping != .allowUTF8 { findings.hasUnescapedLabel = true }
        out.put(shape.isQuoted ? UInt8(ascii: ",") : UInt8(ascii: "{"))
        out.put(labels)
        return true
    }

    private mutating func closeLine(_ hasBrace: Bool) {
        if hasBrace { out.put(UInt8(ascii: "}")) }
        out.put(UInt8(ascii: " "))
    }

    /// The label that the format adds comes last; its value and the end of the line are up to the caller.
    private mutating func openLine(adding label: StaticString, _ suffix: StaticString, _ labels: LabelBytes) {
        out.put(openLine(shape.sampleName, suffix, labels) ? UInt8(ascii: ",") : UInt8(ascii: "{"))
        out.put(label)
        out.put(UInt8(ascii: "="))
    }

    // MARK: - Numbers

    @inline(__always) private mutating func writeNumber(_ value: Double) {
        if isOpenMetrics {
            NumberText.writeFloat(value, to: &out)
        } else {
            NumberText.write(value, to: &out)
        }
    }

    /// Text 0.0.4 prints counts as Go does, as floats; but never less exactly than they are.
    @inline(__always) private mutating func writeCount(_ count: UInt64) {
        if isOpenMetrics || count >= 1 << 53 {
            NumberText.write(count: count, to: &out)
        } else {
            NumberText.write(whole: count, to: &out)
        }
    }

    /// The same where there is room.
    @inline(__always) private func writeCount(_ count: UInt64, to line: inout LineCursor) {
        if isOpenMetrics || count >= 1 << 53 {
            NumberText.write(count: count, to: &line)
        } else {
            NumberText.write(whole: count, to: &line)
        }
    }
}
