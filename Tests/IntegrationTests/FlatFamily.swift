import ExporterKit

/// The numbers of a family as a format tells them, from the model alone: what a parser must find.
struct FlatFamily {
    typealias ParsedSample = FormatReader.ParsedSample

    private(set) var samples: [ParsedSample] = []
    private let name: String
    private let kind: MetricKind
    private let syntax: ExpositionFormat.Syntax

    init(_ family: MetricFamily, _ syntax: ExpositionFormat.Syntax) {
        self.syntax = syntax
        name = NameEscaping.underscores.escaped(metric: family.descriptor.name)
        kind = family.descriptor.kind
        for sample in family.samples {
            let labels = sample.labels.pairs.map { [NameEscaping.underscores.escaped(label: $0.name), $0.value] }
            switch sample.value {
            case .number(let value): add("", labels, value)
            case .counter(let counter): add(counter, labels)
            case .histogram(let histogram): add(histogram, labels)
            case .summary(let summary): add(summary, labels)
            }
        }
    }

    private var isOpenMetrics: Bool { syntax == .openMetrics100 }
    private var tellsExemplars: Bool { syntax == .openMetrics100 || syntax == .protobuf }

    private mutating func add(
        _ suffix: String, _ labels: [[String]], _ value: Double, extra: [String]? = nil, exemplar: Exemplar? = nil,
        stem: String? = nil
    ) {
        let all = (labels + [extra].compactMap(\.self)).sorted { $0[0] < $1[0] }
        samples.append(
            ParsedSample(
                name: (stem ?? name) + suffix, labels: all, value: Self.bits(value),
                exemplar: tellsExemplars ? exemplar.map(Self.text) : nil))
    }

    private mutating func add(_ counter: CounterSnapshot, _ labels: [[String]]) {
        add("", labels, counter.value, exemplar: counter.exemplar)
        guard tellsExemplars, let created = counter.created else { return }
        add("_created", labels, created, stem: String(name.dropLast("_total".count)))
    }

    private mutating func add(_ histogram: HistogramSnapshot, _ labels: [[String]]) {
        let isGauge = isOpenMetrics && kind == .gaugeHistogram
        var cumulated: UInt64 = 0
        for (index, count) in histogram.counts.enumerated() {
            cumulated += count
            let isLast = index == histogram.upperBounds.count
            let exemplar = index < histogram.exemplars.count ? histogram.exemplars[index] : nil
            if syntax == .protobuf, isLast, exemplar == nil { continue }
            let bound = isLast ? Double.infinity : histogram.upperBounds[index]
            add("_bucket", labels, Double(cumulated), extra: ["le", Self.bits(bound)], exemplar: exemplar)
        }
        add(isGauge ? "_gsum" : "_sum", labels, histogram.sum)
        add(isGauge ? "_gcount" : "_count", labels, Double(histogram.count))
        guard syntax == .protobuf, let native = histogram.native else { return }
        let parts = [
            ["schema", "\(native.schema)"], ["zero", "\(Self.bits(native.zeroThreshold)):\(native.zeroCount)"],
            ["negative", Self.text(native.negative)], ["positive", Self.text(native.positive)],
        ]
        add("", labels + parts, Double(histogram.count), exemplar: native.exemplars.first)
    }

    private mutating func add(_ summary: SummarySnapshot, _ labels: [[String]]) {
        for quantile in summary.quantiles {
            add("", labels, quantile.value, extra: ["quantile", Self.bits(Double(quantile.label) ?? .nan)])
        }
        if let sum = summary.sum { add("_sum", labels, sum) }
        if let count = summary.count { add("_count", labels, Double(count)) }
    }

    private static func text(_ buckets: [NativeHistogramSnapshot.Bucket]) -> String {
        buckets.map { "\($0.index):\($0.count)" }.joined(separator: " ")
    }

    private static func text(_ exemplar: Exemplar) -> String {
        let labels = exemplar.labels.pairs.map { "\($0.name)=\($0.value)" }.joined(separator: " ")
        let milliseconds = Int((exemplar.timestamp * 1000).rounded())
        let rest = "\(milliseconds % 1000)"
        return "\(labels) \(bits(exemplar.value)) \(milliseconds / 1000)."
            + String(repeating: "0", count: 3 - rest.count) + rest
    }

    private static func bits(_ value: Double) -> String {
        value.isNaN ? "nan" : String(value.bitPattern, radix: 16)
    }
}
