/// A family as formats see it: what its lines begin with, which type and unit they tell. Worked out once for a descriptor.
final class FamilyShape: Sendable {
    /// How a name may end that a format gives to samples of another family.
    enum Suffix: String, CaseIterable {
        case bucket = "_bucket"
        case count = "_count"
        case sum = "_sum"
        case gaugeCount = "_gcount"
        case gaugeSum = "_gsum"
        case created = "_created"
    }

    /// The name to print, already escaped by the scheme of the format.
    let name: String
    let help: String
    /// The kind that is told. OpenMetrics knows counters and infos only by their suffix; the names of others are kept, and
    /// the kind is given up.
    let kind: MetricKind
    /// The lines of a text format that tell help, type and unit; with the name in quotes where it needs them.
    let metadata: [UInt8]
    /// Name of plain samples and stem of `_bucket`, `_sum` and `_count`; without quotes, but escaped for them.
    let sampleName: [UInt8]
    /// The same and an opening brace.
    let nameAndBrace: [UInt8]
    /// Name of the samples that tell when counting began, in the same form; only OpenMetrics has them.
    let createdName: [UInt8]
    /// Whether the name of a sample stands between quotes, inside of the braces.
    let isQuoted: Bool
    /// Unit to tell, if the name ends with it: Prometheus refuses a whole scrape where it does not.
    let unit: String?
    /// How the name ends, where that may collide.
    let suffix: Suffix?

    /// Of no family.
    static let none = FamilyShape(MetricDescriptor("", "", kind: .unknown), isOpenMetrics: false)

    /// - Parameters:
    ///   - descriptor: under the name that the format prints.
    ///   - suffixIsFree: no other family is called as this one without its `_total` or `_info`.
    init(_ descriptor: MetricDescriptor, isOpenMetrics: Bool, suffixIsFree: Bool = true) {
        let name = descriptor.name
        let stem = Self.stem(of: descriptor)
        let familyName: String
        if isOpenMetrics, descriptor.kind == .counter || descriptor.kind == .info {
            let isTold = stem != name && suffixIsFree
            kind = isTold ? descriptor.kind : .unknown
            familyName = isTold ? stem : name
            unit = Self.unit(of: descriptor, stem: familyName)
        } else {
            kind = descriptor.kind
            familyName = name
            unit = Self.unit(of: descriptor, stem: stem)
        }
        self.name = name
        help = descriptor.help
        isQuoted = !MetricNames.isLegalMetricName(name)
        sampleName = Self.withoutQuotes(name)
        nameAndBrace = sampleName + [UInt8(ascii: "{")]
        createdName = isOpenMetrics ? Self.withoutQuotes(stem + "_created") : []
        suffix = Self.suffix(of: name)
        metadata = Self.metadata(
            Self.printed(familyName), help, kind, unit: isOpenMetrics ? unit : nil, isOpenMetrics: isOpenMetrics)
    }

    private static func suffix(of name: String) -> Suffix? {
        guard let underscore = name.utf8.lastIndex(of: UInt8(ascii: "_")) else { return nil }
        return Suffix(rawValue: String(name[underscore...]))
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
        guard !MetricNames.isLegalMetricName(name) else { return Array(name.utf8) }
        var bytes: [UInt8] = []
        LabelSet.appendEscaped(name.utf8, to: &bytes)
        return bytes
    }

    // MARK: - Metadata

    private static func metadata(
        _ familyName: [UInt8], _ help: String, _ kind: MetricKind, unit: String?, isOpenMetrics: Bool
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(2 * familyName.count + help.utf8.count + 40)
        func begin(_ keyword: String) {
            bytes.append(contentsOf: keyword.utf8)
            bytes.append(contentsOf: familyName)
            bytes.append(UInt8(ascii: " "))
        }
        func writeHelp() {
            guard !help.isEmpty else { return }
            begin("# HELP ")
            append(help: help, escapesQuotes: isOpenMetrics, to: &bytes)
            bytes.append(UInt8(ascii: "\n"))
        }
        if !isOpenMetrics { writeHelp() }
        begin("# TYPE ")
        bytes.append(contentsOf: type(kind, isOpenMetrics: isOpenMetrics).utf8)
        bytes.append(UInt8(ascii: "\n"))
        if let unit {
            begin("# UNIT ")
            bytes.append(contentsOf: unit.utf8)
            bytes.append(UInt8(ascii: "\n"))
        }
        if isOpenMetrics { writeHelp() }
        return bytes
    }

    private static func type(_ kind: MetricKind, isOpenMetrics: Bool) -> String {
        switch kind {
        case .info where !isOpenMetrics, .stateset where !isOpenMetrics: "gauge"
        case .gaugeHistogram where !isOpenMetrics: "histogram"
        case .unknown where !isOpenMetrics: "untyped"
        case let kind: kind.rawValue
        }
    }

    /// 0.0.4 escapes backslash and line feed in a help text; OpenMetrics the quote too.
    private static func append(help: String, escapesQuotes: Bool, to bytes: inout [UInt8]) {
        for byte in help.utf8 {
            switch byte {
            case UInt8(ascii: "\\"): bytes.append(contentsOf: "\\\\".utf8)
            case UInt8(ascii: "\n"): bytes.append(contentsOf: "\\n".utf8)
            case UInt8(ascii: "\"") where escapesQuotes: bytes.append(contentsOf: "\\\"".utf8)
            default: bytes.append(byte)
            }
        }
    }
}
