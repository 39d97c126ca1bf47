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
    }

    /// Merged families, sorted by name; no empty ones.
    let families: [MetricFamily]
    /// Series left out.
    let drops: [Drop: Int]

    init(_ input: [MetricFamily]) {
        var merged: [String: MetricFamily] = [:]
        var drops: [Drop: Int] = [:]
        for family in input where !family.samples.isEmpty {
            let name = family.descriptor.name
            if let present = merged[name] {
                if present.descriptor.kind == family.descriptor.kind {
                    merged[name]?.samples += family.samples
                } else {
                    drops[.kindConflict, default: 0] += family.samples.count
                }
            } else if MetricNames.isLegalMetricName(name) {
                merged[name] = family
            } else {
                drops[.illegalName, default: 0] += family.samples.count
            }
        }
        for name in merged.keys {
            let duplicates = merged[name]?.removeDuplicates() ?? 0
            if duplicates > 0 { drops[.duplicate, default: 0] += duplicates }
        }
        self.families = merged.values.sorted { $0.descriptor.name < $1.descriptor.name }
        self.drops = drops
    }
}

extension MetricFamily {
    /// Keeps the first sample of each label set.
    ///
    /// - Returns: number of samples removed.
    fileprivate mutating func removeDuplicates() -> Int {
        guard samples.count > 1 else { return 0 }
        var seen = Set<LabelSet>(minimumCapacity: samples.count)
        let before = samples.count
        if samples.allSatisfy({ seen.insert($0.labels).inserted }) { return 0 }
        seen.removeAll(keepingCapacity: true)
        samples = samples.filter { seen.insert($0.labels).inserted }
        return before - samples.count
    }
}
