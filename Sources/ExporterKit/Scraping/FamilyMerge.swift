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

    /// - Parameter reserved: names that are inserted later.
    init(_ input: [MetricFamily], reserved: Set<String> = []) {
        var positions = Dictionary<String, Int>(minimumCapacity: input.count)
        families.reserveCapacity(input.count)
        for family in input where family.count > 0 {
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
        var distinct: [Sample] = []
        for position in families.indices {
            for (reason, count) in families[position].removeIllegal(&distinct) { drops[reason, default: 0] += count }
        }
        families.sort { $0.descriptor.name < $1.descriptor.name }
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
    /// - Parameter distinct: samples of a family before, all with different labels.
    /// - Returns: number of samples removed.
    fileprivate mutating func removeIllegal(_ distinct: inout [Sample]) -> [FamilyMerge.Drop: Int] {
        // Live series are one for each label set already, and of one kind.
        guard live == nil else { return [:] }
        var drops: [FamilyMerge.Drop: Int] = [:]
        var illegal: [Int] = []
        let isProven = count < 2 || Self.shares(labelsOf: distinct, samples)
        var seen = Set<LabelSet>(minimumCapacity: isProven ? 0 : count)
        for (index, sample) in samples.enumerated() {
            var reason = sample.flaw(in: descriptor.kind)
            if reason == nil, !isProven, !seen.insert(sample.labels).inserted { reason = .duplicate }
            guard let reason else { continue }
            drops[reason, default: 0] += 1
            illegal.append(index)
        }
        guard !illegal.isEmpty else {
            if !isProven { distinct = samples }
            return [:]
        }
        samples.removeSubranges(RangeSet(illegal, within: samples))
        return drops
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
