/// Families under the names that a format prints, so that no name means two things there.
///
/// Two names may become one when they are escaped, and a format adds suffixes that may already be another family's name.
/// A name that is printed as it is wins over one that was changed; of others the first wins.
struct ExposedFamilies {
    /// By printed name, under which they are; no empty ones.
    private(set) var members: [MetricFamily]
    /// Series of families that lost.
    private(set) var collisions = 0

    private let isOpenMetrics: Bool

    /// - Parameter families: sorted by name and free of duplicates.
    init(_ families: [MetricFamily], format: ExpositionFormat) {
        isOpenMetrics = format.syntax == .openMetrics100
        members = families.contains { $0.count == 0 } ? families.filter { $0.count > 0 } : families
        if format.escaping != .allowUTF8 { escapeNames(format.escaping) }
        let taken = members.indices.filter { isTaken(members[$0].descriptor) }
        for index in taken.reversed() { collisions += members.remove(at: index).count }
    }

    /// A member as the format sees it.
    func shape(of member: MetricFamily) -> FamilyShape {
        guard suffixIsFree(member.descriptor) else {
            return FamilyShape(member.descriptor, isOpenMetrics: isOpenMetrics, suffixIsFree: false)
        }
        return member.descriptor.shape(isOpenMetrics: isOpenMetrics)
    }

    private mutating func escapeNames(_ escaping: NameEscaping) {
        let isOpenMetrics = isOpenMetrics
        func isChanged(_ family: MetricFamily) -> Bool {
            escaping == .dots || family.descriptor.shape(isOpenMetrics: isOpenMetrics).isQuoted
        }
        guard members.contains(where: isChanged) else { return }
        var taken = Set(members.lazy.filter { !isChanged($0) }.map(\.descriptor.name))
        var kept: [MetricFamily] = []
        for member in members {
            guard isChanged(member) else {
                kept.append(member)
                continue
            }
            let name = escaping.escaped(metric: member.descriptor.name)
            if taken.insert(name).inserted {
                kept.append(member.renamed(name))
            } else {
                collisions += member.count
            }
        }
        members = kept.sorted { $0.descriptor.name < $1.descriptor.name }
    }

    // MARK: - Suffixes

    /// Whether another family's samples are called so.
    private func isTaken(_ descriptor: MetricDescriptor) -> Bool {
        guard let suffix = descriptor.shape(isOpenMetrics: isOpenMetrics).suffix else { return false }
        let owner = descriptor.name.dropLast(suffix.rawValue.count)
        switch suffix {
        case .bucket: return isOneOf([.histogram, .gaugeHistogram], owner)
        case .count, .sum:
            return isOneOf(isOpenMetrics ? [.histogram, .summary] : [.histogram, .summary, .gaugeHistogram], owner)
        case .gaugeCount, .gaugeSum: return isOpenMetrics && isOneOf([.gaugeHistogram], owner)
        case .created: return isOpenMetrics && isOneOf([.histogram, .summary], owner)
        }
    }

    /// Whether OpenMetrics may call a counter or info by its name without the suffix.
    private func suffixIsFree(_ descriptor: MetricDescriptor) -> Bool {
        guard isOpenMetrics, descriptor.kind == .counter || descriptor.kind == .info,
            let underscore = descriptor.name.utf8.lastIndex(of: UInt8(ascii: "_"))
        else { return true }
        let stem = descriptor.name[..<underscore]
        guard kind(of: stem) == nil else { return false }
        return descriptor.kind == .info || (kind(of: stem + "_info") != .info && kind(of: stem + "_created") == nil)
    }

    private func isOneOf(_ kinds: [MetricKind], _ name: Substring) -> Bool {
        kind(of: name).map(kinds.contains) ?? false
    }

    private func kind(of name: Substring) -> MetricKind? {
        var range = members.startIndex..<members.endIndex
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            let candidate = members[middle].descriptor
            if candidate.name == name { return candidate.kind }
            range = candidate.name < name ? (middle + 1)..<range.upperBound : range.lowerBound..<middle
        }
        return nil
    }
}

extension MetricFamily {
    fileprivate func renamed(_ name: String) -> MetricFamily {
        var family = self
        family.descriptor = MetricDescriptor(name, descriptor.help, kind: descriptor.kind, unit: descriptor.unit)
        return family
    }
}
