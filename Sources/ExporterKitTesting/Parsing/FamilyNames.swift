internal import ExporterKit

/// The series that a family of some kind has.
enum FamilyNames {
    /// What the names of its series add to its own; `nil` as kind counts as unknown.
    static func suffixes(of kind: MetricKind?, in syntax: Exposition.Syntax) -> [String] {
        switch (kind, syntax) {
        case (.counter, .openMetrics): ["_total", "_created"]
        case (.info, .openMetrics): ["_info"]
        case (.histogram, .text): ["_bucket", "_sum", "_count"]
        case (.summary, .text): ["", "_sum", "_count"]
        case (.histogram, .openMetrics): ["_bucket", "_sum", "_count", "_created"]
        case (.summary, .openMetrics): ["", "_sum", "_count", "_created"]
        case (.gaugeHistogram, _): ["_bucket", "_gsum", "_gcount"]
        default: [""]
        }
    }

    /// The kind of a `TYPE` line.
    static func kind(_ word: String, in syntax: Exposition.Syntax) -> MetricKind? {
        switch syntax {
        case .openMetrics: return MetricKind(rawValue: word)
        case .text:
            if word == "untyped" { return .unknown }
            let kinds: [MetricKind] = [.counter, .gauge, .histogram, .summary]
            return kinds.first { $0.rawValue == word }
        }
    }
}

extension Exposition.Family {
    /// The name that text 0.0.4 has for it and that documentation uses: OpenMetrics names a counter without its `_total`.
    func metricName(in syntax: Exposition.Syntax) -> String {
        guard syntax == .openMetrics else { return name }
        return switch kind {
        case .counter: name + "_total"
        case .info: name + "_info"
        default: name
        }
    }
}
