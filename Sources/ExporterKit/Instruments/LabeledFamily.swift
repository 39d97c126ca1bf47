internal import Synchronization

/// A registry's view of a family.
protocol RegisteredFamily: Sendable {
    var descriptor: MetricDescriptor { get }
    func collect() -> MetricFamily
    func removeSeries(_ label: String, in values: Set<String>)
}

/// The instruments of one name, one for each combination of label values seen.
///
/// Looking one up costs a lock and a hash: keep the instrument where it is used often.
public final class LabeledFamily<I: Instrument>: RegisteredFamily {
    /// Label names, in the order in which values are given; none where each series has labels of its own.
    public let labelNames: [String]
    /// Whether each series has labels of its own.
    let isOpen: Bool
    let descriptor: MetricDescriptor
    /// What decides whether another request for the same name means the same, besides kind and labels.
    let shape: (any Hashable & Sendable)?
    private let template: LabelTemplate?
    private let limit: Int
    private let context: InstrumentContext
    private let make: @Sendable (InstrumentContext) -> I
    private let table = Mutex(SeriesTable())
    private let unhashed = ByteHash()

    /// Label value of the series that counts what is beyond the limit.
    static var overflow: String { "_overflow" }

    init(
        _ descriptor: MetricDescriptor, labels: [String]?, limit: Int, context: InstrumentContext,
        shape: (any Hashable & Sendable)? = nil, make: @escaping @Sendable (InstrumentContext) -> I
    ) {
        self.descriptor = descriptor
        self.labelNames = labels ?? []
        self.isOpen = labels == nil
        self.template = LabelTemplate(labels ?? [])
        self.limit = limit
        self.context = context
        self.shape = shape
        self.make = make
    }

    /// The instrument of these label values, made when it is new.
    ///
    /// - Parameter values: as many as label names; another number gives an instrument that is not exposed. Beyond the
    ///   family's limit all new combinations share the series whose label values are `_overflow`.
    public func callAsFunction(_ values: String...) -> I { instrument(values) }

    /// The instrument of these label values, made when it is new; as `callAsFunction`.
    public func instrument(_ values: [String]) -> I {
        guard let template else { return make(context) }
        guard values.count == labelNames.count else {
            context.report(.labels, "\(values.count) values for \(labelNames.count) labels; not exposed")
            return make(context)
        }
        return template.withLabels(values) { instrument($0) }
    }

    /// The instrument of these labels, whatever their names.
    func instrument(_ labels: LabelSet) -> I {
        labels.bytes.withUnsafeBufferPointer { instrument($0) }
    }

    private func instrument(_ labels: LabelBytes) -> I {
        let hash = self.hash(labels)
        return table.withLock { table in
            if let child = table.find(labels, hash: hash) { return unsafeDowncast(child, to: I.self) }
            guard limit > 0, table.count >= limit else { return added(labels, hash, to: &table) }
            context.report(.limit, "more than \(limit) series; further ones are counted as \(Self.overflow)")
            return overflowing(in: &table)
        }
    }

    /// Labels as this family can have them; reports what it cannot.
    ///
    /// - Parameter dimensions: in any order; of a repeated name the last counts.
    func legal(_ dimensions: [(String, String)]) -> LabelSet {
        var kept: [(name: String, value: String)] = []
        for (name, value) in dimensions {
            kept.removeAll { $0.name == name }
            if LabelSet(checking: [(name, value)]) != nil, name != descriptor.kind.reservedLabel {
                kept.append((name, value))
            } else {
                context.report(.name, "the label \(name) is illegal or reserved; it was left out")
            }
        }
        return LabelSet(checking: kept) ?? .empty
    }

    /// Ends the series of these label values; who holds its instrument may go on using it.
    public func remove(_ values: String...) {
        remove(values)
    }

    /// Ends the series of these label values; who holds its instrument may go on using it.
    public func remove(_ values: [String]) {
        guard let template, values.count == labelNames.count else { return }
        template.withLabels(values) { labels in
            table.withLock { $0.remove(labels, hash: hash(labels)) }
        }
    }

    /// Ends the series of these labels.
    func remove(_ labels: LabelSet) {
        labels.bytes.withUnsafeBufferPointer { labels in
            table.withLock { $0.remove(labels, hash: hash(labels)) }
        }
    }

    /// Ends all series.
    public func removeAll() {
        table.withLock { $0.removeAll() }
    }

    /// Ends every series whose label has one of these values.
    func removeSeries(_ label: String, in values: Set<String>) {
        guard labelNames.contains(label) else { return }
        table.withLock { table in
            let (storage, order) = table.view()
            for number in order {
                let entry = storage[number]
                let pairs = LabelSet(bytes: Array(entry.labels)).pairs
                guard pairs.contains(where: { $0.name == label && values.contains($0.value) }) else { continue }
                table.remove(entry.labels, hash: UInt64(entry.hash))
            }
        }
    }

    func collect() -> MetricFamily {
        let (storage, order) = table.withLock { $0.view() }
        return MetricFamily(descriptor, live: SeriesView<I>(storage, order))
    }

    private func added(_ labels: LabelBytes, _ hash: UInt64, to table: inout SeriesTable) -> I {
        let child = make(context)
        table.add(labels, hash: hash, child)
        return child
    }

    private func overflowing(in table: inout SeriesTable) -> I {
        let names = labelNames.isEmpty ? ["series"] : labelNames
        let labels = LabelSet(checking: names.map { ($0, Self.overflow) }) ?? .empty
        return labels.bytes.withUnsafeBufferPointer { labels in
            let hash = self.hash(labels)
            return table.find(labels, hash: hash).map { unsafeDowncast($0, to: I.self) }
                ?? added(labels, hash, to: &table)
        }
    }

    private func hash(_ labels: LabelBytes) -> UInt64 {
        var hash = unhashed
        hash.add(labels)
        return hash.value
    }
}
