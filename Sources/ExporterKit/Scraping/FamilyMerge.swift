/// Makes one legal exposition of what several sources and collectors gave.
///
/// Families of one name become one; what no scraper would accept is left out and counted, so that one bad series never
/// costs the whole scrape.
struct FamilyMerge {
    /// Why a series was left out.
    enum Drop: String, CaseIterable {
        /// Its labels were there before.
        case duplicate
        /// The metric has no name.
        case illegalName = "illegal_name"
        /// The same name was there before as another kind, or the value is not one of the kind.
        case kindConflict = "kind_conflict"
        /// It has a label that the format adds: `le` in a histogram, `quantile` in a summary.
        case reservedLabel = "reserved_label"
        /// Under the names of the format that was asked for, another series was there before.
        case nameCollision = "name_collision"
        /// The exposition itself has a metric of this name.
        case reservedName = "reserved_name"
    }

    /// Merged families, sorted by name; no empty ones.
    private(set) var families: [MetricFamily] = []
    /// Series left out.
    private(set) var drops: [Drop: Int] = [:]

    /// The order of this merge, for the next one; `nil` where it did more than sort.
    private(set) var order: Order?

    /// Families that came in without two of a name, and where each of them went: what comes in like that again, as nearly
    /// every scrape of a server does, needs neither a search nor a sort.
    struct Order: Sendable {
        fileprivate let input: [MetricDescriptor]
        /// Places in the input, in the order of the output.
        fileprivate let places: [Int]
    }

    /// - Parameters:
    ///   - reserved: names that are inserted later.
    ///   - order: of a merge before, with the same reserved names.
    init(_ input: [MetricFamily], reserved: Set<String> = [], like order: Order? = nil) {
        let input = input.contains { $0.count == 0 } ? input.filter { $0.count > 0 } : input
        if let order, Self.matches(input, order) {
            families = order.places.map { input[$0] }
            self.order = order
        } else {
            merge(input, reserved)
        }
        var distinct: [Sample] = []
        for position in families.indices { families[position].removeIllegal(&distinct, &drops) }
    }

    private static func matches(_ input: [MetricFamily], _ order: Order) -> Bool {
        guard input.count == order.input.count else { return false }
        for (family, descriptor) in zip(input, order.input) {
            let own = family.descriptor
            guard own.isSame(as: descriptor) || (own.name == descriptor.name && own.kind == descriptor.kind) else {
                return false
            }
        }
        return true
    }

    private mutating func merge(_ input: [MetricFamily], _ reserved: Set<String>) {
        var positions = Dictionary<String, Int>(minimumCapacity: input.count)
        families.reserveCapacity(input.count)
        for family in input {
            let name = family.descriptor.name
            if reserved.contains(name) {
                drops[.reservedName, default: 0] += family.count
            } else if let position = positions[name] {
                if families[position].descriptor.kind == family.descriptor.kind {
                    families[position].samples += family.samples
                } else {
                    drops[.kindConflict, default: 0] += family.count
                }
            } else if MetricNames.isValidMetricName(name) {
                positions[name] = families.count
                families.append(family)
            } else {
                drops[.illegalName, default: 0] += family.count
            }
        }
        guard families.count == input.count else {
            families.sort { $0.descriptor.name < $1.descriptor.name }
            return
        }
        let merged = families
        let places = merged.indices.sorted { merged[$0].descriptor.name < merged[$1].descriptor.name }
        families = places.map { merged[$0] }
        order = Order(input: input.map(\.descriptor), places: places)
    }

    /// Puts a family into its place; one of a name that is there already is left out.
    mutating func insert(_ family: MetricFamily) {
        var range = families.startIndex..<families.endIndex
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            guard families[middle].descriptor.name != family.descriptor.name else { return }
            if families[middle].descriptor.name < family.descriptor.name {
                range = (middle + 1)..<range.upperBound
            } else {
                range = range.lowerBound..<middle
            }
        }
        families.insert(family, at: range.lowerBound)
    }
}

extension MetricFamily {
    /// Keeps the samples that are of the family's kind, have no label that the format adds, and of each label set the first.
    ///
    /// The metrics of one table share their label sets, so only the first of them has its sets compared.
    ///
    /// - Parameters:
    ///   - distinct: samples of a family before, all with different labels.
    ///   - drops: counts the samples removed.
    fileprivate mutating func removeIllegal(_ distinct: inout [Sample], _ drops: inout [FamilyMerge.Drop: Int]) {
        // Live series are one for each label set already, and of one kind.
        guard live == nil else { return }
        if count == 1, samples[0].flaw(in: descriptor.kind) == nil { return }
        var illegal: [Int] = []
        let isProven = count < 2 || Self.shares(labelsOf: distinct, samples) || Self.areFewAndDistinct(samples)
        var seen = Set<LabelSet>(minimumCapacity: isProven ? 0 : count)
        for (index, sample) in samples.enumerated() {
            var reason = sample.flaw(in: descriptor.kind)
            if reason == nil, !isProven, !seen.insert(sample.labels).inserted { reason = .duplicate }
            guard let reason else { continue }
            drops[reason, default: 0] += 1
            illegal.append(index)
        }
        guard !illegal.isEmpty else {
            if count > 1 { distinct = samples }
            return
        }
        samples.removeSubranges(RangeSet(illegal, within: samples))
    }

    /// True when these are so few that comparing each with each costs less than hashing, and all differ.
    private static func areFewAndDistinct(_ samples: [Sample]) -> Bool {
        guard samples.count <= 24 else { return false }
        for index in samples.indices.dropFirst() {
            let bytes = samples[index].labels.bytes
            for other in samples[..<index] where other.labels.bytes == bytes { return false }
        }
        return true
    }

    /// True when all samples have labels of `others`, the very same bytes in memory, each once and in the same order.
    private static func shares(labelsOf others: [Sample], _ samples: [Sample]) -> Bool {
        guard samples.count <= others.count else { return false }
        var position = 0
        for sample in samples {
            while position < others.count, !sample.labels.isSame(as: others[position].labels) { position += 1 }
            guard position < others.count else { return false }
            position += 1
        }
        return true
    }
}

extension Sample {
    fileprivate func flaw(in kind: MetricKind) -> FamilyMerge.Drop? {
        switch (kind, value) {
        case (.histogram, .histogram), (.gaugeHistogram, .histogram): labels.contains("le") ? .reservedLabel : nil
        case (.summary, .summary): labels.contains("quantile") ? .reservedLabel : nil
        case (.histogram, _), (.gaugeHistogram, _), (.summary, _), (_, .histogram), (_, .summary): .kindConflict
        default: nil
        }
    }
}
