/// Where a collector puts its samples.
///
/// Samples of one name end up in one family, in the order of first use. What is illegal or doubled is sorted out later,
/// when the families of all collectors are merged; a collector need not care.
public struct MetricSink: Sendable {
    /// Families so far; some may be empty.
    public private(set) var families: [MetricFamily] = []
    /// Where a name is, of the first `indexed` families. While there are few, they are looked through instead.
    private var positions: [String: Int] = [:]
    private var indexed = 0
    private static let few = 8

    /// An empty sink.
    public init() {}

    /// Handle of an open family.
    public struct Slot: Sendable {
        let index: Int
    }

    /// Opens the family of this name, or finds it. The first description of a name counts.
    public mutating func open(_ descriptor: MetricDescriptor) -> Slot {
        if let index = position(of: descriptor) { return Slot(index: index) }
        families.append(MetricFamily(descriptor))
        return Slot(index: families.count - 1)
    }

    /// Opens families with different names.
    ///
    /// - Returns: the first of as many slots in a row; `nil` when the sink has families already.
    mutating func open(distinct descriptors: [MetricDescriptor]) -> Slot? {
        guard families.isEmpty else { return nil }
        families.reserveCapacity(descriptors.count)
        for descriptor in descriptors { families.append(MetricFamily(descriptor)) }
        return Slot(index: 0)
    }

    private mutating func position(of descriptor: MetricDescriptor) -> Int? {
        if families.count <= Self.few {
            return families.firstIndex {
                $0.descriptor.isSame(as: descriptor) || $0.descriptor.name == descriptor.name
            }
        }
        while indexed < families.count {
            positions[families[indexed].descriptor.name] = indexed
            indexed += 1
        }
        return positions[descriptor.name]
    }

    /// Adds a sample to an open family.
    public mutating func append(_ value: Double, _ labels: LabelSet = .empty, to slot: Slot) {
        families[slot.index].samples.append(Sample(value, labels))
    }

    /// Adds a composite sample to an open family.
    public mutating func append(_ value: SampleValue, _ labels: LabelSet = .empty, to slot: Slot) {
        families[slot.index].samples.append(Sample(value, labels))
    }

    /// Adds samples to an open family.
    public mutating func append(_ samples: [Sample], to slot: Slot) {
        if families[slot.index].count == 0 {
            families[slot.index] = MetricFamily(families[slot.index].descriptor, samples)
        } else {
            families[slot.index].samples += samples
        }
    }

    /// Adds a sample; `nil` adds nothing.
    public mutating func add(_ descriptor: MetricDescriptor, _ value: Double?, _ labels: LabelSet = .empty) {
        guard let value else { return }
        append(value, labels, to: open(descriptor))
    }

    /// Adds a composite sample.
    public mutating func add(_ descriptor: MetricDescriptor, _ value: SampleValue, _ labels: LabelSet = .empty) {
        append(value, labels, to: open(descriptor))
    }

    /// Adds a family that is ready. Where it is the first of its name, its samples are shared and not copied.
    public mutating func add(_ family: MetricFamily) {
        let slot = open(family.descriptor)
        if families[slot.index].count == 0 {
            families[slot.index].samples = family.samples
        } else {
            families[slot.index].samples += family.samples
        }
    }
}
