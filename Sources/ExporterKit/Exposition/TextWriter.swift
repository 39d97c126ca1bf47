/// Writes families as text 0.0.4 or OpenMetrics 1.0; the two differ in names of families, numbers and the end.
struct TextWriter: SeriesWriter {
    private(set) var bytes: [UInt8] = []
    private let isOpenMetrics: Bool
    private var shape = FamilyShape(MetricDescriptor("", "", kind: .unknown), isOpenMetrics: false)

    init(format: ExpositionFormat) {
        isOpenMetrics = format.syntax == .openMetrics100
        bytes.reserveCapacity(64 * 1024)
    }

    mutating func write(_ family: MetricFamily) {
        shape = FamilyShape(family.descriptor, isOpenMetrics: isOpenMetrics)
        writeMetadata(family.descriptor, shape)
        family.write(to: &self)
    }

    mutating func finish() {
        if isOpenMetrics { append("# EOF\n") }
    }

    // MARK: - Parts of a family

    private mutating func writeMetadata(_ descriptor: MetricDescriptor, _ shape: FamilyShape) {
        if !isOpenMetrics { writeHelp(descriptor, shape) }
        writeMetadata("# TYPE ", shape, shape.type)
        guard isOpenMetrics else { return }
        if let unit = descriptor.unit, shape.familyName.hasSuffix("_\(unit)"), shape.type != "info" {
            writeMetadata("# UNIT ", shape, unit)
        }
        writeHelp(descriptor, shape)
    }

    private mutating func writeMetadata(_ keyword: String, _ shape: FamilyShape, _ text: String) {
        append(keyword)
        append(shape.familyName)
        bytes.append(UInt8(ascii: " "))
        append(text)
        bytes.append(UInt8(ascii: "\n"))
    }

    private mutating func writeHelp(_ descriptor: MetricDescriptor, _ shape: FamilyShape) {
        append("# HELP ")
        append(shape.familyName)
        bytes.append(UInt8(ascii: " "))
        appendEscaped(help: descriptor.help)
        bytes.append(UInt8(ascii: "\n"))
    }

    // MARK: - Series

    mutating func write(_ value: Double, _ labels: LabelBytes) {
        begin(shape.sampleName, labels)
        writeValue(value)
    }

    mutating func write(_ value: UInt64, _ labels: LabelBytes) {
        begin(shape.sampleName, labels)
        writeValue(Double(value))
    }

    mutating func write(_ value: borrowing SampleValue, _ labels: LabelBytes) {
        switch copy value {
        case .number(let value): write(value, labels)
        case .counter(let counter): write(counter.value, labels)
        case .histogram(let histogram): write(histogram, labels)
        case .summary(let summary): write(summary, labels, shape)
        }
    }

    mutating func write(_ histogram: ClassicHistogramView, _ labels: LabelBytes) {
        var cumulated: UInt64 = 0
        for (index, count) in histogram.counts.enumerated() {
            cumulated &+= count
            let bound = index < histogram.upperBounds.count ? histogram.upperBounds[index] : .infinity
            begin(shape.sampleName + "_bucket", labels, extra: ("le", boundText(bound)))
            writeCount(cumulated)
        }
        // OpenMetrics forbids a sum where observations may be negative: it would not be a counter.
        let mayBeNegative = isOpenMetrics && (histogram.upperBounds.first ?? 0) < 0
        if !mayBeNegative {
            begin(shape.sampleName + "_sum", labels)
            writeValue(histogram.sum)
            begin(shape.sampleName + "_count", labels)
            writeCount(cumulated)
        }
    }

    private mutating func write(_ histogram: HistogramSnapshot, _ labels: LabelBytes) {
        histogram.upperBounds.withUnsafeBufferPointer { bounds in
            histogram.counts.withUnsafeBufferPointer { counts in
                write(ClassicHistogramView(upperBounds: bounds, counts: counts, sum: histogram.sum), labels)
            }
        }
    }

    private mutating func write(_ summary: SummarySnapshot, _ labels: LabelBytes, _ shape: FamilyShape) {
        for quantile in summary.quantiles {
            begin(shape.sampleName, labels, extra: ("quantile", quantile.label))
            writeValue(quantile.value)
        }
        if let sum = summary.sum {
            begin(shape.sampleName + "_sum", labels)
            writeValue(sum)
        }
        if let count = summary.count {
            begin(shape.sampleName + "_count", labels)
            writeCount(count)
        }
    }

    // MARK: - Parts of a line

    private mutating func begin(_ name: String, _ labels: LabelBytes, extra: (name: String, value: String)? = nil) {
        append(name)
        if !labels.isEmpty || extra != nil {
            bytes.append(UInt8(ascii: "{"))
            bytes.append(contentsOf: labels)
            if let extra {
                append(labels.isEmpty ? "\(extra.name)=\"" : ",\(extra.name)=\"")
                append(extra.value)
                bytes.append(UInt8(ascii: "\""))
            }
            bytes.append(UInt8(ascii: "}"))
        }
        bytes.append(UInt8(ascii: " "))
    }

    private mutating func writeValue(_ value: Double) {
        if isOpenMetrics {
            NumberText.appendFloat(value, to: &bytes)
        } else {
            NumberText.append(value, to: &bytes)
        }
        bytes.append(UInt8(ascii: "\n"))
    }

    private mutating func writeCount(_ count: UInt64) {
        if isOpenMetrics {
            NumberText.append(count: count, to: &bytes)
        } else {
            NumberText.append(Double(count), to: &bytes)
        }
        bytes.append(UInt8(ascii: "\n"))
    }

    private func boundText(_ bound: Double) -> String {
        var text: [UInt8] = []
        if isOpenMetrics { NumberText.appendFloat(bound, to: &text) } else { NumberText.append(bound, to: &text) }
        return String(decoding: text, as: UTF8.self)
    }

    /// 0.0.4 escapes backslash and line feed in a help text; OpenMetrics the quote too.
    private mutating func appendEscaped(help: String) {
        for byte in help.utf8 {
            switch byte {
            case UInt8(ascii: "\\"): append("\\\\")
            case UInt8(ascii: "\n"): append("\\n")
            case UInt8(ascii: "\"") where isOpenMetrics: append("\\\"")
            default: bytes.append(byte)
            }
        }
    }

    private mutating func append(_ text: String) {
        bytes.append(contentsOf: text.utf8)
    }
}

/// Names and type of a family in one format.
private struct FamilyShape {
    /// Name in the metadata lines.
    let familyName: String
    /// Name of plain samples, and the stem of `_bucket`, `_sum` and `_count`.
    let sampleName: String
    let type: String

    init(_ descriptor: MetricDescriptor, isOpenMetrics: Bool) {
        sampleName = descriptor.name
        guard isOpenMetrics else {
            familyName = descriptor.name
            switch descriptor.kind {
            case .info, .stateset: type = "gauge"
            case .unknown: type = "untyped"
            case let kind: type = kind.rawValue
            }
            return
        }
        switch descriptor.kind {
        case .counter where descriptor.name.hasSuffix("_total"):
            (familyName, type) = (String(descriptor.name.dropLast("_total".count)), "counter")
        case .info where descriptor.name.hasSuffix("_info"):
            (familyName, type) = (String(descriptor.name.dropLast("_info".count)), "info")
        case .counter, .info:
            // The format demands the suffix; the names of others are kept, so only the type is given up.
            (familyName, type) = (descriptor.name, "unknown")
        case let kind:
            (familyName, type) = (descriptor.name, kind.rawValue)
        }
    }
}
