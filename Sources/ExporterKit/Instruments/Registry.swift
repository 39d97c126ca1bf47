internal import Synchronization

/// Something that measures and can be read at any time.
public protocol Instrument: AnyObject, Sendable {
    /// Kind of the families made of it.
    static var kind: MetricKind { get }
    /// The value now.
    func snapshot() -> SampleValue
}

/// Instruments by name, as a source of metrics. A service or an exporter makes one and passes it on; there is no global one.
///
/// Asking twice for the same name gives the same instrument. Asking for it as another kind, with other labels or with an
/// illegal name gives an instrument that works and is not exposed: an app never fails because of its metrics.
public final class Registry: MetricSource {
    private let state = Mutex(State())

    private struct State {
        var families: [String: any RegisteredFamily] = [:]
        var callbacks: [@Sendable (inout MetricSink) -> Void] = []
    }

    /// An empty registry.
    public init() {}

    /// A counter without labels. `name` ends with `_total`.
    public func counter(_ name: String, _ help: String) -> Counter {
        counter(name, help, labels: []).instrument([])
    }

    /// A counter for each combination of label values.
    public func counter(_ name: String, _ help: String, labels: [String]) -> LabeledFamily<Counter> {
        family(MetricDescriptor(name, help, kind: .counter), labels) { Counter() }
    }

    /// A gauge without labels.
    public func gauge(_ name: String, _ help: String) -> Gauge {
        gauge(name, help, labels: []).instrument([])
    }

    /// A gauge for each combination of label values.
    public func gauge(_ name: String, _ help: String, labels: [String]) -> LabeledFamily<Gauge> {
        family(MetricDescriptor(name, help, kind: .gauge), labels) { Gauge() }
    }

    /// A histogram without labels.
    public func histogram(
        _ name: String, _ help: String, upperBounds: [Double] = Histogram.webLatency
    ) -> Histogram {
        histogram(name, help, labels: [], upperBounds: upperBounds).instrument([])
    }

    /// A histogram for each combination of label values.
    public func histogram(
        _ name: String, _ help: String, labels: [String], upperBounds: [Double] = Histogram.webLatency
    ) -> LabeledFamily<Histogram> {
        family(MetricDescriptor(name, help, kind: .histogram), labels) { Histogram(upperBounds: upperBounds) }
    }

    /// Adds samples that are computed when somebody scrapes.
    public func onCollect(_ callback: @escaping @Sendable (inout MetricSink) -> Void) {
        state.withLock { $0.callbacks.append(callback) }
    }

    /// Every instrument's value now, and what the callbacks add.
    public func families(for request: ScrapeRequest) async -> [MetricFamily] {
        let (families, callbacks) = state.withLock { (Array($0.families.values), $0.callbacks) }
        var sink = MetricSink()
        for callback in callbacks { callback(&sink) }
        return families.map { $0.collect() } + sink.families
    }

    private func family<I: Instrument>(
        _ descriptor: MetricDescriptor, _ labels: [String], _ make: @escaping @Sendable () -> I
    ) -> LabeledFamily<I> {
        let new = LabeledFamily(descriptor, labels: labels, make: make)
        return state.withLock { state in
            guard let present = state.families[descriptor.name] else {
                if new.isLegal { state.families[descriptor.name] = new }
                return new
            }
            guard let same = present as? LabeledFamily<I>, same.labelNames == labels else { return new }
            return same
        }
    }
}

/// A registry's view of a family.
protocol RegisteredFamily: Sendable {
    func collect() -> MetricFamily
}

/// The instruments of one name, one for each combination of label values seen.
public final class LabeledFamily<I: Instrument>: RegisteredFamily {
    /// Label names, in the order in which values are given.
    public let labelNames: [String]
    private let descriptor: MetricDescriptor
    private let template: LabelTemplate?
    private let make: @Sendable () -> I
    private let children = Mutex<[LabelSet: I]>([:])

    init(_ descriptor: MetricDescriptor, labels: [String], make: @escaping @Sendable () -> I) {
        self.descriptor = descriptor
        self.labelNames = labels
        self.template = LabelTemplate(labels)
        self.make = make
    }

    var isLegal: Bool { template != nil && MetricNames.isLegalMetricName(descriptor.name) }

    /// The instrument of these label values; keep it where it is used often.
    ///
    /// - Parameter values: as many as label names; another number gives an instrument that is not exposed.
    public func callAsFunction(_ values: String...) -> I { instrument(values) }

    func instrument(_ values: [String]) -> I {
        guard let template, values.count == labelNames.count else { return make() }
        let labels = template.labels(values)
        return children.withLock { children in
            if let child = children[labels] { return child }
            let child = make()
            children[labels] = child
            return child
        }
    }

    /// Forgets the instrument of these label values; its series disappears.
    public func remove(_ values: String...) {
        guard let template, values.count == labelNames.count else { return }
        _ = children.withLock { $0.removeValue(forKey: template.labels(values)) }
    }

    func collect() -> MetricFamily {
        let now = children.withLock { Array($0) }
        let samples = now.map { Sample($0.value.snapshot(), $0.key) }
        return MetricFamily(descriptor, samples.sorted { $0.labels.bytes.lexicographicallyPrecedes($1.labels.bytes) })
    }
}
