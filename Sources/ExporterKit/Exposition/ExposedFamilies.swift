/// Families under the names that a format prints, so that no name means two things there.
///
/// Two names may become one when they are escaped, and a format adds suffixes that may already be another family's name.
/// A name that is printed as it is wins over one that was changed; of others the first wins.
struct ExposedFamilies {
    /// One family and the names it gets.
    struct Member {
        let family: MetricFamily
        let descriptor: MetricDescriptor
    }

    /// By printed name; no empty ones.
    private(set) var members: [Member] = []
    /// Series of families that lost.
    private(set) var collisions = 0

    private let isOpenMetrics: Bool

    /// - Parameter families: sorted by name and free of duplicates.
    init(_ families: [MetricFamily], format: ExpositionFormat) {
        isOpenMetrics = format.syntax == .openMetrics100
        members.reserveCapacity(families.count)
        for family in families where family.count > 0 {
            members.append(Member(family: family, descriptor: family.descriptor))
        }
        if format.escaping != .allowUTF8 { escapeNames(format.escaping) }
        let taken = members.indices.filter { isTaken(members[$0].descriptor.name) }
        for index in taken.reversed() { collisions += members.remove(at: index).family.count }
    }

    /// A member as the format sees it.
    func shape(of member: Member, in format: ExpositionFormat) -> FamilyShape {
        FamilyShape(member.descriptor, syntax: format.syntax, suffixIsFree: suffixIsFree(member.descriptor))
    }

    private mutating func escapeNames(_ escaping: NameEscaping) {
        let changed = members.map { escaping == .dots || !MetricNames.isLegalMetricName($0.descriptor.name) }
        guard changed.contains(true) else { return }
        var taken = Set(zip(members, changed).lazy.filter { !$1 }.map { $0.0.descriptor.name })
        var kept: [Member] = []
        for (member, isChanged) in zip(members, changed) {
            let name = isChanged ? escaping.escaped(metric: member.descriptor.name) : member.descriptor.name
            guard !isChanged || taken.insert(name).inserted else {
                collisions += member.family.count
                continue
            }
            kept.append(Member(family: member.family, descriptor: member.descriptor.renamed(name)))
        }
        members = kept.sorted { $0.descriptor.name < $1.descriptor.name }
    }

    // MARK: - Suffixes

    /// Whether another family's samples are called so.
    private func isTaken(_ name: String) -> Bool {
        guard let underscore = name.utf8.lastIndex(of: UInt8(ascii: "_")) else { return false }
        switch name[underscore...] {
        case "_bucket": return isOneOf([.histogram, .gaugeHistogram], name[..<underscore])
        case "_count", "_sum":
            return isOneOf(
                isOpenMetrics ? [.histogram, .summary] : [.histogram, .summary, .gaugeHistogram], name[..<underscore])
        case "_gcount", "_gsum": return isOpenMetrics && isOneOf([.gaugeHistogram], name[..<underscore])
        case "_created": return isOpenMetrics && isOneOf([.histogram, .summary], name[..<underscore])
        default: return false
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

extension MetricDescriptor {
    fileprivate func renamed(_ name: String) -> MetricDescriptor {
        MetricDescriptor(name, help, kind: kind, unit: unit)
    }
}
