import Testing

@testable import ExporterKit

/// Whatever names, labels, kinds and values come together: what is exposed obeys the format.
@Suite struct ExpositionRandomTests {
    /// Few pieces, so that names clash often.
    private static let pieces = [
        "a", "b", "_", ".", "_total", "_info", "_count", "_created", "_bucket", "é", " ", "1", "\"", "\n",
    ]

    private static func name(_ random: inout some RandomNumberGenerator) -> String {
        (0...Int.random(in: 0...2, using: &random)).compactMap { _ in pieces.randomElement(using: &random) }.joined()
    }

    private static func value(_ kind: MetricKind, _ random: inout some RandomNumberGenerator) -> SampleValue {
        let number = [0, 1, -1, .nan, .infinity, 1e300, 0.1].randomElement(using: &random) ?? 0
        let created = [nil, 1.5].randomElement(using: &random) ?? nil
        let exemplar = Exemplar(1, labels: LabelSet([name(&random): "x"]), timestamp: 1)
        switch Bool.random(using: &random) ? kind : MetricKind.allCases.randomElement(using: &random) ?? kind {
        case .counter: return .counter(CounterSnapshot(number, exemplar: exemplar, created: created))
        case .histogram, .gaugeHistogram:
            guard var histogram = HistogramSnapshot(upperBounds: [number, number + 1], counts: [1, 2, 3], sum: number)
            else { return .number(number) }
            histogram.exemplars = [exemplar]
            histogram.created = created
            return .histogram(histogram)
        case .summary:
            var summary = SummarySnapshot(quantiles: [("0.5", number)], sum: number, count: 1)
            summary.created = created
            return .summary(summary)
        default: return .number(number)
        }
    }

    private static func families(_ random: inout some RandomNumberGenerator) -> [MetricFamily] {
        let families = (0..<12).map { _ in
            let kind = MetricKind.allCases.randomElement(using: &random) ?? .gauge
            let samples = (0..<3).map { _ in
                let labels = LabelSet(checking: [(name(&random), "1"), (name(&random), "2")]) ?? .empty
                return Sample(value(kind, &random), labels)
            }
            return MetricFamily(MetricDescriptor(name(&random), "", kind: kind, unit: "b"), samples)
        }
        return FamilyMerge(families).families
    }

    @Test(arguments: [ExpositionFormat.Syntax.text004, .text100, .openMetrics100], NameEscaping.allCases)
    func noSeriesAndNoFamilyIsToldTwice(syntax: ExpositionFormat.Syntax, escaping: NameEscaping) {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<10 {
            let families = Self.families(&random)
            let (bytes, collisions) = ExpositionFormat(syntax, escaping: escaping).exposition(of: families)
            let text = String(decoding: bytes, as: UTF8.self)
            var types = Set<String>()
            var series = Set<String>()
            for line in text.split(separator: "\n") where line != "# EOF" {
                if line.hasPrefix("# ") {
                    guard line.hasPrefix("# TYPE ") else { continue }
                    #expect(types.insert(Self.firstName(line.dropFirst("# TYPE ".count))).inserted, "\(text)")
                } else {
                    let end = line.firstRange(of: " # {")?.lowerBound ?? line.endIndex
                    let key = line[..<(line[..<end].lastIndex(of: " ") ?? end)]
                    #expect(series.insert(String(key)).inserted, "\(key) twice in:\n\(text)")
                    if escaping != .allowUTF8 {
                        #expect(
                            key.wholeMatch(of: /[a-zA-Z_:][a-zA-Z0-9_:]*(\{([a-zA-Z_]\w*="[^"]*",?)+\})?/) != nil,
                            "\(key)")
                    }
                }
            }
            let told = ExpositionFormat(.protobuf, escaping: escaping).exposition(of: families)
            #expect(ProtobufReader.text(ofDelimited: told.bytes) != nil)
            #expect(escaping != .allowUTF8 || syntax == .openMetrics100 || collisions == told.collisions)
        }
    }

    private static func firstName(_ text: Substring) -> String {
        guard text.hasPrefix("\"") else { return String(text.prefix { $0 != " " }) }
        return String(text[..<(text.lastIndex(of: "\"") ?? text.endIndex)])
    }
}
