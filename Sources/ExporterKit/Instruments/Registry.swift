internal import Synchronization

/// Instruments by name, as a source of metrics. A service or an exporter makes one and passes it on; there is no global one.
///
/// Asking twice for the same name gives the same instrument. Asking for it as another kind, with other labels, other buckets
/// or with an illegal name gives an instrument that works and is not exposed, and is reported: an app never fails because of
/// its metrics.
public final class Registry: MetricSource {
    /// What holds for all families of a registry.
    public struct Options: Sendable {
        /// Most series of a family; further label values share one series `_overflow`. 0 for no limit.
        public var seriesLimit: Int
        /// Exposes when each series began, in OpenMetrics (one more line for each series) and protobuf.
        public var createdTimestamps: Bool
        /// Told about each sort of misuse once, for example to log it; all of it is counted in `exporterkit_misuse_total`.
        public var onMisuse: @Sendable (MetricMisuse) -> Void

        /// Options.
        public init(
            seriesLimit: Int = 10_000, createdTimestamps: Bool = false,
            onMisuse: @escaping @Sendable (MetricMisuse) -> Void = { _ in }
        ) {
            self.seriesLimit = seriesLimit
            self.createdTimestamps = createdTimestamps
            self.onMisuse = onMisuse
        }
    }

    let options: Options
    let ledger: MisuseLedger
    private let state = Mutex(State())

    private struct State {
        var families: [String: any RegisteredFamily] = [:]
        var callbacks: [@Sendable (inout MetricSink) -> Void] = []
    }

    /// An empty registry.
    public init(options: Options = Options()) {
        self.options = options
        self.ledger = MisuseLedger(options.onMisuse)
    }

    /// Yes: it reads memory, and the callbacks are to be short.
    public var answersAtOnce: Bool { true }

    /// Adds samples that are computed when somebody scrapes. Called from any thread; keep it short.
    public func onCollect(_ callback: @escaping @Sendable (inout MetricSink) -> Void) {
        state.withLock { $0.callbacks.append(callback) }
    }

    /// Ends a family; who holds its instruments may go on using them. A later request for the name makes a new one.
    public func remove(_ name: String) {
        state.withLock { $0.families[name] = nil }
    }

    /// Ends every series, of all families, whose label has one of these values; who holds its instrument may go on using it.
    package func removeSeries(_ label: String, in values: Set<String>) {
        for family in state.withLock({ Array($0.families.values) }) { family.removeSeries(label, in: values) }
    }

    /// Every instrument, to be read when it is encoded, and what the callbacks add.
    public func families(for request: ScrapeRequest) async -> [MetricFamily] {
        let (families, callbacks) = state.withLock { (Array($0.families.values), $0.callbacks) }
        var sink = MetricSink()
        for callback in callbacks { callback(&sink) }
        return families.map { $0.collect() } + sink.families + (ledger.family().map { [$0] } ?? [])
    }

    /// The family of this description, new or the one that is there.
    ///
    /// - Parameters:
    ///   - labels: names, in the order in which values will be given; `nil` where each series has labels of its own.
    ///   - limit: most series; `nil` for the registry's.
    ///   - shape: what else must be equal for a family that is there to be the one meant.
    func family<I: Instrument>(
        _ descriptor: MetricDescriptor, _ labels: [String]?, limit: Int?, shape: (any Hashable & Sendable)? = nil,
        _ make: @escaping @Sendable (InstrumentContext) -> I
    ) -> LabeledFamily<I> {
        let found = state.withLock { $0.families[descriptor.name] }
        if let same = same(found, labels, shape) as LabeledFamily<I>? { return same }
        let context = InstrumentContext(descriptor.name, ledger, tellsCreation: options.createdTimestamps)
        let new = LabeledFamily<I>(
            descriptor, labels: labels, limit: limit ?? options.seriesLimit, context: context, shape: shape, make: make)
        if let problem = problem(descriptor, labels) {
            context.report(.name, problem)
            return new
        }
        let present = state.withLock { state -> (any RegisteredFamily)? in
            if let present = state.families[descriptor.name] { return present }
            state.families[descriptor.name] = new
            return nil
        }
        guard let present else { return new }
        if let same = same(present, labels, shape) as LabeledFamily<I>? { return same }
        context.report(
            .conflict,
            "already registered as \(present.descriptor.kind.rawValue) with other labels or buckets, or as another kind; "
                + "this \(descriptor.kind.rawValue) is not exposed")
        return new
    }

    private func same<I: Instrument>(
        _ present: (any RegisteredFamily)?, _ labels: [String]?, _ shape: (any Hashable & Sendable)?
    ) -> LabeledFamily<I>? {
        guard let same = present as? LabeledFamily<I> else { return nil }
        // Who gives labels of its own to each series takes a family as it is.
        guard let labels else { return same }
        guard !same.isOpen, same.labelNames == labels,
            same.shape.map({ AnyHashable($0) }) == shape.map({ AnyHashable($0) })
        else {
            return nil
        }
        return same
    }

    private func problem(_ descriptor: MetricDescriptor, _ labels: [String]?) -> String? {
        guard MetricNames.isValidMetricName(descriptor.name) else { return "not a legal name; not exposed" }
        guard let labels else { return nil }
        guard LabelTemplate(labels) != nil else {
            return "label names are illegal or repeated: \(labels.joined(separator: ", ")); not exposed"
        }
        guard let reserved = descriptor.kind.reservedLabel, labels.contains(reserved) else { return nil }
        return "the label \(reserved) belongs to the format; not exposed"
    }
}

extension MetricKind {
    /// The label that formats add to series of this kind.
    var reservedLabel: String? {
        switch self {
        case .histogram, .gaugeHistogram: "le"
        case .summary: "quantile"
        case .counter, .gauge, .info, .stateset, .unknown: nil
        }
    }
}
