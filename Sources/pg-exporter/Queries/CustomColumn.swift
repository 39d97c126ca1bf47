internal import ExporterKit

/// What becomes of one column of an answer.
struct CustomColumn: Sendable {
    /// The use of a value.
    enum Usage: Sendable {
        /// Nothing.
        case discard
        /// A label of the row's series.
        case label
        case counter(NumberRule)
        case gauge(NumberRule)
        /// A text that stands for a number.
        case mapped([String: Double])
        /// A text that is a time; exposed in milliseconds.
        case duration
        /// An array of upper bounds; columns of the same name with `_bucket`, `_sum` and `_count` have the rest.
        case histogram
        /// One observation per row, put into buckets with these upper bounds.
        case observations(bounds: [Double], NumberRule)
    }

    /// What is done to a number before it is exposed.
    struct NumberRule: Sendable, Equatable {
        /// Factor.
        var scale: Double?
        /// Stands for NULL; multiplied by `scale` as well.
        var whenNull: Double?
    }

    /// As the answer calls it.
    let name: String
    /// Name of the label, or of the metric behind the namespace.
    let exposedName: String
    let usage: Usage
    /// Help of the metric.
    let help: String
    /// Servers on which the column counts; on others it is discarded.
    let versions: VersionRange?

    /// Metrics it gives, names in full.
    func descriptors(in namespace: String) -> [MetricDescriptor] {
        let name = "\(namespace)_\(exposedName)"
        return switch usage {
        case .discard, .label: []
        case .counter: [MetricDescriptor(name, help, kind: .counter)]
        case .gauge, .mapped: [MetricDescriptor(name, help, kind: .gauge)]
        case .duration: [MetricDescriptor("\(name)_milliseconds", help, kind: .gauge)]
        case .histogram: [MetricDescriptor(name, help, kind: .histogram)]
        case .observations:
            [
                MetricDescriptor("\(name)_bucket", "\(help) (cumulative bucket)", kind: .gauge),
                MetricDescriptor("\(name)_count", "\(help) (observation count)", kind: .gauge),
                MetricDescriptor("\(name)_sum", "\(help) (observation sum)", kind: .gauge),
            ]
        }
    }

    /// True when it gives buckets.
    var isHistogram: Bool {
        switch usage {
        case .histogram, .observations: true
        default: false
        }
    }

    /// True for a label that buckets have of their own.
    var isBoundLabel: Bool {
        if case .label = usage { exposedName == "le" } else { false }
    }

    /// True when its values are numbers or become some.
    var isMetric: Bool {
        switch usage {
        case .discard, .label: false
        default: true
        }
    }
}
