internal import ExporterKit

/// What must hold between the samples of one family, once they are all there.
struct FamilyRules {
    private let family: Exposition.Family
    private let firstLine: Int
    private let lines: [Int]
    private let syntax: Exposition.Syntax

    /// - Parameters:
    ///   - firstLine: where the family begins.
    ///   - lines: where each sample is.
    init(_ family: Exposition.Family, from firstLine: Int, lines: [Int], syntax: Exposition.Syntax) {
        self.family = family
        self.firstLine = firstLine
        self.lines = lines
        self.syntax = syntax
    }

    func check() throws(ExpositionError) {
        switch family.kind {
        case .histogram, .gaugeHistogram: try HistogramRules(family, lines: lines, syntax: syntax).check()
        case .summary: try checkQuantiles()
        default: break
        }
        guard syntax == .openMetrics else { return }
        try checkUnit()
        try checkTogether()
        for (sample, line) in zip(family.samples, lines) {
            if let problem = problem(of: sample) { throw ExpositionError(line: line, column: 1, problem) }
        }
    }

    private func checkQuantiles() throws(ExpositionError) {
        for (sample, line) in zip(family.samples, lines) where sample.name == family.name {
            guard let text = sample.labels["quantile"], let quantile = NumberGrammar.number(text) else {
                throw ExpositionError(line: line, column: 1, "a value of a summary has a number as label quantile")
            }
            guard syntax == .text || (0...1).contains(quantile) else {
                throw ExpositionError(line: line, column: 1, "a quantile is in 0...1, not \(text)")
            }
        }
    }

    // MARK: - OpenMetrics

    private func checkUnit() throws(ExpositionError) {
        guard let unit = family.unit, !unit.isEmpty else { return }
        guard family.name.hasSuffix("_\(unit)") else {
            throw ExpositionError(line: firstLine, column: 1, "\(family.name) does not end with its unit: _\(unit)")
        }
        guard family.kind != .info, family.kind != .stateset else {
            throw ExpositionError(line: firstLine, column: 1, "\(family.name) is of a kind that has no unit")
        }
    }

    /// All samples of one label set follow each other.
    private func checkTogether() throws(ExpositionError) {
        var seen: Set<SeriesKey> = []
        var last: SeriesKey?
        for (sample, line) in zip(family.samples, lines) {
            var labels = sample.labels
            for own in ["le", "quantile", family.name] { labels[own] = nil }
            let group = SeriesKey("", labels)
            guard group == last || seen.insert(group).inserted else {
                throw ExpositionError(line: line, column: 1, "the lines of one label set are not in one piece")
            }
            last = group
        }
    }

    private func problem(of sample: Exposition.Sample) -> String? {
        let suffix = sample.name.dropFirst(family.name.count)
        if sample.exemplar != nil, suffix != "_total", suffix != "_bucket" {
            return "only counters and buckets have exemplars"
        }
        switch (family.kind, suffix) {
        case (.counter, "_total") where !(sample.value >= 0): return "a counter is not \(sample.value.shown)"
        case (.info, _) where sample.value != 1: return "the value of an info is 1"
        case (.stateset, _):
            guard sample.labels[family.name] != nil else { return "a state has its name as label \(family.name)" }
            return sample.value == 0 || sample.value == 1 ? nil : "the value of a state is 0 or 1"
        default: return nil
        }
    }
}
