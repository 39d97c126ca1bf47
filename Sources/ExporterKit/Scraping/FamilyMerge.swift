/// Makes one legal exposition of what several sources and collectors gave.
///
/// Families of one name become one; what no scraper would accept is left out and counted, so that one bad series never
/// costs the whole scrape.
struct FamilyMerge {
    /// Why a series was left out.
    enum Drop: String, CaseIterable {
        /// Its labels were there before.
        case duplicate
        /// The metric's name is not a legal one.
        case illegalName = "illegal_name"
        /// The same name was there before as another kind.
        case kindConflict = "kind_conflict"
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
            } else if MetricNames.isLegalMetricName(name) {
                positions[name] = families.count
                families.append(family)
            } else {
                drops[.illegalName, default: 0] += family.count
            }
        }
        for position in families.indices {
            let duplicates = families[position].removeDuplicates()
            if duplicates > 0 { drops[.duplicate, default: 0] += duplicates }
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
    /// Keeps the first sample of each label set.
    ///
    /// - Returns: number of samples removed.
    fileprivate mutating func removeDuplicates() -> Int {
        // Live series are one for each label set already.
        guard live == nil, samples.count > 1 else { return 0 }
        var seen = Set<LabelSet>(minimumCapacity: samples.count)
        let before = samples.count
        if samples.allSatisfy({ seen.insert($0.labels).inserted }) { return 0 }
        seen.removeAll(keepingCapacity: true)
        samples = samples.filter { seen.insert($0.labels).inserted }
        return before - samples.count
    }
}
