/// What a metric family measures, in the vocabulary of OpenMetrics.
public enum MetricKind: String, Sendable, Hashable, CaseIterable {
    /// A sum that only grows until the process behind it restarts.
    case counter
    /// A value that goes up and down.
    case gauge
    /// Observations counted in buckets, with their sum.
    case histogram
    /// Observations counted in buckets that may go down again: what is in a queue now, by age.
    case gaugeHistogram = "gaugehistogram"
    /// Count and sum of observations, with quantiles computed at the source.
    case summary
    /// Facts as labels; the value is always 1.
    case info
    /// One of several named states; each state is a series of 0 or 1.
    case stateset
    /// Nothing is known about the value. `untyped` in text 0.0.4.
    case unknown
}
