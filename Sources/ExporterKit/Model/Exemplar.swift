/// One observation that stands for others, with labels that lead to it, such as a trace id.
public struct Exemplar: Sendable, Hashable {
    /// The observation, in the metric's unit; for a counter the amount added.
    public let value: Double
    /// What leads to it, for example `trace_id`. Not empty.
    public let labels: LabelSet
    /// When it was observed, as seconds since 1970. Native histograms and OpenMetrics 2 demand one.
    public let timestamp: Double

    /// Most Unicode characters that names and values of the labels may have together.
    /// Source: https://prometheus.io/docs/specs/om/open_metrics_spec/#exemplars
    public static let mostCharacters = 128

    /// - Returns: `nil` without labels, with more than `mostCharacters` in them, or for a value or time that is not finite.
    public init?(_ value: Double, labels: LabelSet, timestamp: Double) {
        guard value.isFinite, timestamp.isFinite, !labels.isEmpty else { return nil }
        let characters = labels.pairs.reduce(0) { $0 + $1.name.unicodeScalars.count + $1.value.unicodeScalars.count }
        guard characters <= Self.mostCharacters else { return nil }
        self.value = value
        self.labels = labels
        self.timestamp = timestamp
    }
}
