/// A metric that does not follow the conventions of Prometheus.
public struct LintProblem: Sendable, Hashable, CustomStringConvertible {
    /// A convention. The same ones as promtool's `check metrics` knows.
    /// Source: https://prometheus.io/docs/practices/naming/
    public enum Rule: String, Sendable, Hashable, CaseIterable {
        /// A metric has a help text.
        case help
        /// A counter, and only a counter, ends with `_total`.
        case total
        /// Only gauges end with `_timestamp_seconds`.
        case timestamp
        /// `_bucket`, `_sum` and `_count` belong to histograms and summaries.
        case reservedSuffix
        /// `le` belongs to histograms, `quantile` to summaries.
        case reservedLabel
        /// The name does not tell the type.
        case typeInName
        /// Seconds, bytes, meters: base units instead of parts, multiples and other units.
        case baseUnit
        /// Units are written out.
        case unitAbbreviation
        /// Colons are for recording rules.
        case colon
        /// Metrics and labels are written in snake_case.
        case camelCase
        /// A series is exposed once.
        case duplicate
    }

    /// As exposed in text 0.0.4.
    public let metric: String
    /// Which convention.
    public let rule: Rule
    /// What is wrong, without the name of the metric.
    public let text: String

    /// A problem from its parts.
    public init(_ metric: String, _ rule: Rule, _ text: String) {
        self.metric = metric
        self.rule = rule
        self.text = text
    }

    /// Metric and text in one line.
    public var description: String { "\(metric): \(text)" }
}
