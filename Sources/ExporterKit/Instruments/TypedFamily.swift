/// Label names and values as a Swift type, so that the compiler sees to their number, names and order.
///
///     struct RequestLabels: MetricLabels {
///         static let labelNames = ["method", "code"]
///         let method: Method
///         let code: Int
///         var labelValues: [String] { [method.rawValue, String(code)] }
///     }
public protocol MetricLabels: Sendable {
    /// Label names.
    static var labelNames: [String] { get }
    /// As many values as names, in their order.
    var labelValues: [String] { get }
}

/// The instruments of one name, one for each value of a label type.
public struct TypedFamily<I: Instrument, Labels: MetricLabels>: Sendable {
    private let family: LabeledFamily<I>

    init(_ family: LabeledFamily<I>) {
        self.family = family
    }

    /// The instrument of these labels, made when it is new.
    public func callAsFunction(_ labels: Labels) -> I { family.instrument(labels.labelValues) }

    /// Ends the series of these labels; who holds its instrument may go on using it.
    public func remove(_ labels: Labels) { family.remove(labels.labelValues) }
}

extension Registry {
    /// A counter for each value of a label type.
    public func counter<Labels: MetricLabels>(
        _ name: String, _ help: String, unit: String? = nil, labels: Labels.Type, seriesLimit: Int? = nil
    ) -> TypedFamily<Counter, Labels> {
        TypedFamily(counter(name, help, unit: unit, labels: Labels.labelNames, seriesLimit: seriesLimit))
    }

    /// A gauge for each value of a label type.
    public func gauge<Labels: MetricLabels>(
        _ name: String, _ help: String, unit: String? = nil, labels: Labels.Type, seriesLimit: Int? = nil
    ) -> TypedFamily<Gauge, Labels> {
        TypedFamily(gauge(name, help, unit: unit, labels: Labels.labelNames, seriesLimit: seriesLimit))
    }

    /// A histogram for each value of a label type.
    public func histogram<Labels: MetricLabels>(
        _ name: String, _ help: String, unit: String? = nil, labels: Labels.Type,
        buckets: HistogramBuckets = .webLatency, seriesLimit: Int? = nil
    ) -> TypedFamily<Histogram, Labels> {
        TypedFamily(
            histogram(name, help, unit: unit, labels: Labels.labelNames, buckets: buckets, seriesLimit: seriesLimit))
    }
}
