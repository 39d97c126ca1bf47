/// Name, meaning and kind of a metric family: everything about it but its samples.
public struct MetricDescriptor: Sendable, Hashable {
    /// Full name as text 0.0.4 prints it; a counter keeps its `_total`.
    public let name: String
    /// One sentence: what the value means and where it comes from. Ends with a period.
    public let help: String
    /// How the value behaves.
    public let kind: MetricKind
    /// Base unit (`seconds`, `bytes`, `ratio`) when the name ends with it, else `nil`. Printed by OpenMetrics only.
    public let unit: String?

    /// Describes a family.
    ///
    /// A name that Prometheus would refuse is not refused here: the merge that precedes every exposition drops and counts
    /// such a family, so that one bad name never costs its neighbours.
    public init(_ name: String, _ help: String, kind: MetricKind, unit: String? = nil) {
        self.name = name
        self.help = help
        self.kind = kind
        self.unit = unit
    }
}

/// The rules of the classic Prometheus data model for names.
/// Source: https://prometheus.io/docs/concepts/data_model/
public enum MetricNames {
    /// `[a-zA-Z_:][a-zA-Z0-9_:]*`
    public static func isLegalMetricName(_ name: some StringProtocol) -> Bool {
        isLegal(name) { isLetter($0) || $0 == UInt8(ascii: ":") }
    }

    /// `[a-zA-Z_][a-zA-Z0-9_]*` and not one of the names beginning with `__`, which belong to Prometheus.
    public static func isLegalLabelName(_ name: some StringProtocol) -> Bool {
        isLegal(name, isLetter) && !name.utf8.starts(with: "__".utf8)
    }

    /// Replaces each byte that a metric name may not have by `_`, as client_golang based exporters do.
    ///
    /// - Returns: a legal name for every non-empty input that does not begin with a digit.
    public static func sanitized(_ name: some StringProtocol) -> String {
        String(decoding: name.utf8.map { isLetter($0) || isDigit($0) ? $0 : UInt8(ascii: "_") }, as: UTF8.self)
    }

    private static func isLegal(_ name: some StringProtocol, _ isHead: (UInt8) -> Bool) -> Bool {
        guard let first = name.utf8.first, isHead(first) else { return false }
        return name.utf8.dropFirst().allSatisfy { isHead($0) || isDigit($0) }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "_")
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
