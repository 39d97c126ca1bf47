internal import ExporterKit

/// The configuration file, checked: what to ask, how often, and what to call it.
struct AppConfiguration: Sendable {
    var sources: [String: SourceConfiguration] = [:]
    /// In file order, as everything below.
    var groups: [GroupConfiguration] = []
    var vector: VectorConfiguration?
    var checks: [CheckConfiguration] = []
    var objectives: [Objective] = []
    var flows: [FlowConfiguration] = []
    /// Every metric that the file names, once.
    var declared: [MetricDescriptor] = []
    /// What each piece of work is configured by.
    var parts = ConfigurationParts()
}

/// When something runs, and how long its values count.
struct Timing: Sendable, Equatable {
    var interval: Duration
    /// Of one run.
    var timeout: Duration
    /// Values older than this disappear.
    var staleAfter: Duration
    /// Share of the interval, 0...1, over which first runs are spread.
    var jitter: Double
}
