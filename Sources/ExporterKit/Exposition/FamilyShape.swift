/// A family as one format sees it: what its lines begin with, which type and unit they tell.
struct FamilyShape {
    /// Name and help; the name is the one to print, already escaped by the scheme of the format.
    let descriptor: MetricDescriptor
    /// The kind that is told. OpenMetrics knows counters and infos only by their suffix; the names of others are kept, and
    /// the kind is given up.
    let kind: MetricKind
    /// Name in the metadata of a text format; in quotes where it needs them.
    let familyName: [UInt8]
    /// Name of plain samples and stem of `_bucket`, `_sum` and `_count`; without quotes, but escaped for them.
    let sampleName: [UInt8]
    /// Name of the samples that tell when counting began, in the same form; only OpenMetrics has them.
    let createdName: [UInt8]
    /// Whether the name of a sample stands between quotes, inside of the braces.
    let isQuoted: Bool
    /// Unit to tell, if the name ends with it: Prometheus refuses a whole scrape where it does not.
    let unit: String?

    /// - Parameters:
    ///   - descriptor: under the name that the format prints.
    ///   - suffixIsFree: no other family is called as this one without its `_total` or `_info`.
    init(_ descriptor: MetricDescriptor, syntax: ExpositionFormat.Syntax, suffixIsFree: Bool = true) {
        let name = descriptor.name
        let stem = Self.stem(of: descriptor)
        self.descriptor = descriptor
        if syntax == .openMetrics100, descriptor.kind == .counter || descriptor.kind == .info {
            let isTold = stem != name && suffixIsFree
            kind = isTold ? descriptor.kind : .unknown
            familyName = Self.printed(isTold ? stem : name)
            unit = Self.unit(of: descriptor, stem: isTold ? stem : name)
        } else {
            kind = descriptor.kind
            familyName = Self.printed(name)
            unit = Self.unit(of: descriptor, stem: stem)
        }
        isQuoted = !MetricNames.isLegalMetricName(name)
        sampleName = Self.withoutQuotes(name)
        createdName = Self.withoutQuotes(stem + "_created")
    }

    /// A counter without `_total`, an info without `_info`; everything else, and what has no more than that, as it is.
    private static func stem(of descriptor: MetricDescriptor) -> String {
        let suffix: String
        switch descriptor.kind {
        case .counter: suffix = "_total"
        case .info: suffix = "_info"
        default: return descriptor.name
        }
        guard descriptor.name.hasSuffix(suffix), descriptor.name != suffix else { return descriptor.name }
        return String(descriptor.name.dropLast(suffix.count))
    }

    private static func unit(of descriptor: MetricDescriptor, stem: String) -> String? {
        guard let unit = descriptor.unit, !unit.isEmpty, descriptor.kind != .info, descriptor.kind != .stateset else {
            return nil
        }
        return stem.hasSuffix("_" + unit) ? unit : nil
    }

    private static func printed(_ name: String) -> [UInt8] {
        guard !MetricNames.isLegalMetricName(name) else { return Array(name.utf8) }
        return [UInt8(ascii: "\"")] + withoutQuotes(name) + [UInt8(ascii: "\"")]
    }

    private static func withoutQuotes(_ name: String) -> [UInt8] {
        var bytes: [UInt8] = []
        LabelSet.appendEscaped(name.utf8, to: &bytes)
        return bytes
    }
}
