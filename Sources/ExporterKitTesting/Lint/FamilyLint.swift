internal import ExporterKit

/// The conventions, applied to one metric.
struct FamilyLint {
    private let family: Exposition.Family
    private let name: String
    private let kind: MetricKind?
    /// Between underscores, in lower case.
    private let words: [Substring]

    init(_ family: Exposition.Family, in syntax: Exposition.Syntax) {
        self.family = family
        name = family.metricName(in: syntax)
        kind = family.kind == .unknown ? nil : family.kind
        words = name.lowercased().split(separator: "_", omittingEmptySubsequences: false)
    }

    var problems: Set<LintProblem> {
        var texts: [(LintProblem.Rule, String?)] = [(.help, help), (.total, total), (.timestamp, timestamp)]
        texts += reservedSuffixes.map { (.reservedSuffix, $0) } + reservedLabels.map { (.reservedLabel, $0) }
        texts += typesInName.map { (.typeInName, $0) } + camelCase.map { (.camelCase, $0) }
        texts += [(.baseUnit, baseUnit), (.unitAbbreviation, abbreviation), (.colon, colon), (.duplicate, duplicate)]
        return Set(texts.compactMap { rule, text in text.map { LintProblem(name, rule, $0) } })
    }

    // MARK: - Kinds

    private var help: String? {
        (family.help ?? "").isEmpty ? "the help text is missing" : nil
    }

    private var total: String? {
        switch (kind, name.hasSuffix("_total")) {
        case (.counter, false): "the name of a counter ends with _total"
        case (.counter, true), (nil, _), (_, false): nil
        case (let kind?, true): "only the name of a counter ends with _total, this is a \(kind.rawValue)"
        }
    }

    private var timestamp: String? {
        guard let kind, kind != .gauge, name.hasSuffix("_timestamp_seconds") else { return nil }
        return "a point in time, _timestamp_seconds, is a gauge, not a \(kind.rawValue)"
    }

    private var isHistogram: Bool { kind == .histogram || kind == .gaugeHistogram }

    private var reservedSuffixes: [String] {
        guard kind != nil else { return [] }
        var reserved = isHistogram ? [] : ["_bucket"]
        if !isHistogram, kind != .summary { reserved += ["_count", "_sum"] }
        return reserved.filter(name.hasSuffix).map { "the suffix \($0) belongs to histograms and summaries" }
    }

    private var reservedLabels: [String] {
        guard kind != nil else { return [] }
        let labels = Set(family.samples.flatMap(\.labels.keys))
        var problems: [String] = []
        if !isHistogram, labels.contains("le") { problems.append("the label le belongs to histograms") }
        if kind != .summary, labels.contains("quantile") { problems.append("the label quantile belongs to summaries") }
        return problems
    }

    // MARK: - Names

    private static let types = ["counter", "gauge", "histogram", "summary", "gauge_histogram"]

    private var typesInName: [String] {
        let lower = name.lowercased()
        return Self.types.filter { lower.contains("_\($0)_") || lower.hasSuffix("_\($0)") }
            .map { "the name tells the type, \($0)" }
    }

    private var baseUnit: String? {
        // Only the first unit of a name counts.
        for word in name.split(separator: "_") {
            guard let base = BaseUnit.of(word) else { continue }
            return base == word ? nil : "the unit is \(base), not \(word)"
        }
        return nil
    }

    private var abbreviation: String? {
        let found = words.dropFirst().first(where: BaseUnit.abbreviations.contains)
        return found.map { "the unit \($0) is not written out" }
    }

    private var colon: String? {
        name.contains(":") ? "colons in names are for recording rules" : nil
    }

    private var camelCase: [String] {
        let labels = Set(family.samples.flatMap(\.labels.keys)).sorted()
        let name = Self.isCamelCase(name) ? ["the name is not written in snake_case"] : []
        return name + labels.filter(Self.isCamelCase).map { "the label \($0) is not written in snake_case" }
    }

    private static func isCamelCase(_ name: String) -> Bool {
        zip(name.utf8, name.utf8.dropFirst()).contains { left, right in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(left)
                && (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(right)
        }
    }

    private var duplicate: String? {
        var seen: Set<SeriesKey> = []
        let repeated = family.samples.first { !seen.insert(SeriesKey($0)).inserted }
        return repeated.map { "\($0.series) is there more than once" }
    }
}
