internal import ExporterKit

extension Exposition {
    /// What differs from an expected exposition, whatever the order of families, series and labels.
    ///
    /// What `expected` does not tell is not compared: type, help and unit of a metric, a timestamp, an exemplar.
    ///
    /// - Parameters:
    ///   - expected: in the same format; use `OpenMetrics` on both sides to compare units and exemplars.
    ///   - names: only metrics or series of these names; empty for all. A name that neither side has is a difference.
    /// - Returns: `nil` when nothing differs.
    public func difference(from expected: Exposition, only names: Set<String> = []) -> ExpositionDifference? {
        let comparison = Comparison(
            expected: expected.restricted(to: names), actual: restricted(to: names))
        let unknown = names.filter { !has($0) && !expected.has($0) }.sorted()
        let lines =
            comparison.metadata + comparison.series
            + unknown.map { ExpositionDifference.Line(expected: "a metric named \($0)", actual: nil) }
        return lines.isEmpty ? nil : ExpositionDifference(lines)
    }

    /// Compares with a text, as `difference` does.
    ///
    /// - Parameters:
    ///   - expected: text 0.0.4, or OpenMetrics when it ends with `# EOF`; the last line feed may be missing, as it is
    ///     in a literal of several lines.
    ///   - names: only metrics or series of these names; empty for all.
    /// - Throws: `ExpositionDifference`; `ExpositionError` when `expected` itself is malformed.
    public func require(_ expected: String, only names: Set<String> = []) throws {
        if let difference = difference(from: try Exposition(expecting: expected), only: names) { throw difference }
    }

    init(expecting text: String) throws(ExpositionError) {
        try self.init(parsing: text.isEmpty || text.hasSuffix("\n") ? text : text + "\n")
    }

    private func restricted(to names: Set<String>) -> Exposition {
        guard !names.isEmpty else { return self }
        let kept = families.compactMap { family -> Family? in
            if names.contains(family.name) || names.contains(family.metricName(in: syntax)) { return family }
            var part = family
            part.samples = family.samples.filter { names.contains($0.name) }
            return part.samples.isEmpty ? nil : part
        }
        return Exposition(kept, as: syntax)
    }

    private func has(_ name: String) -> Bool {
        families.contains { family in
            family.name == name || family.metricName(in: syntax) == name || family.samples.contains { $0.name == name }
        }
    }
}

private struct Comparison {
    let expected: Exposition
    let actual: Exposition

    /// Types, helps and units that are told otherwise.
    var metadata: [ExpositionDifference.Line] {
        let present = Dictionary(actual.families.map { ($0.name, $0) }) { first, _ in first }
        return expected.families.flatMap { family -> [ExpositionDifference.Line] in
            guard let other = present[family.name] else { return [] }
            let pairs = [
                ("TYPE", family.kind?.rawValue, other.kind?.rawValue), ("HELP", family.help, other.help),
                ("UNIT", family.unit, other.unit),
            ]
            return pairs.compactMap { keyword, expected, actual in
                guard let expected, expected != actual else { return nil }
                let line = { (text: String) in "# \(keyword) \(family.name) \(text)" }
                return ExpositionDifference.Line(expected: line(expected), actual: actual.map(line))
            }
        }
    }

    /// Series that are missing, other than expected, or not expected.
    var series: [ExpositionDifference.Line] {
        var present = Dictionary(grouping: actual.samples) { SeriesKey($0) }
        var lines: [ExpositionDifference.Line] = []
        for sample in expected.samples {
            let found = present.removeValue(forKey: SeriesKey(sample)) ?? []
            if let first = found.first, found.count == 1, sample.isMet(by: first) { continue }
            let actual = found.isEmpty ? nil : found.map(\.description).joined(separator: "\n+ ")
            lines.append(ExpositionDifference.Line(expected: sample.description, actual: actual))
        }
        let unexpected = present.values.joined().map(\.description).sorted()
        return lines + unexpected.map { ExpositionDifference.Line(expected: nil, actual: $0) }
    }
}

extension Exposition.Sample {
    /// True when the other one has this value, and the time and the exemplar if there are any here.
    fileprivate func isMet(by other: Exposition.Sample) -> Bool {
        value.isSame(as: other.value) && (timestamp == nil || timestamp == other.timestamp)
            && (exemplar == nil || exemplar == other.exemplar)
    }
}
