/// One metric of a table: where its value comes from, what it is called, what it means.
public struct MetricRow: Sendable {
    /// Field of the source: a column or an SQL expression, a field of `INFO`.
    public let field: String
    /// Metric name without the table's prefix.
    public let name: String
    /// How the value behaves.
    public let kind: MetricKind
    /// One sentence, ends with a period.
    public let help: String
    /// Unit of the source; the exposed value is in the base unit.
    public let unit: SourceUnit
    /// First server version that has the field.
    public let since: ServerVersion?
    /// First server version that no longer has the field.
    public let until: ServerVersion?

    /// A row of any kind; `gauge(…)` and `counter(…)` read better in a table.
    public init(
        _ field: String, as name: String? = nil, kind: MetricKind, _ help: String,
        in unit: SourceUnit = .base, since: ServerVersion? = nil, until: ServerVersion? = nil
    ) {
        self.field = field
        self.name = name ?? field
        self.kind = kind
        self.help = help
        self.unit = unit
        self.since = since
        self.until = until
    }

    /// A value that goes up and down.
    public static func gauge(
        _ field: String, as name: String? = nil, _ help: String,
        in unit: SourceUnit = .base, since: ServerVersion? = nil, until: ServerVersion? = nil
    ) -> MetricRow {
        MetricRow(field, as: name, kind: .gauge, help, in: unit, since: since, until: until)
    }

    /// A sum that only grows.
    public static func counter(
        _ field: String, as name: String? = nil, _ help: String,
        in unit: SourceUnit = .base, since: ServerVersion? = nil, until: ServerVersion? = nil
    ) -> MetricRow {
        MetricRow(field, as: name, kind: .counter, help, in: unit, since: since, until: until)
    }

    /// True when a server of this version has the field; an unknown version has every field.
    public func applies(to version: ServerVersion?) -> Bool {
        guard let version else { return true }
        if let since, version < since { return false }
        if let until, version >= until { return false }
        return true
    }
}

/// Unit in which a source reports, and the way to the base unit.
public enum SourceUnit: Sendable {
    /// Already the unit that is exposed.
    case base
    /// Thousandths of a second.
    case milliseconds
    /// Millionths of a second.
    case microseconds
    /// 1024 bytes.
    case kibibytes
    /// 1024 kibibytes.
    case mebibytes
    /// Hundredths.
    case percent

    /// The value in seconds, bytes or as a ratio. Divides where the factor is no binary fraction, so 5 ms is 0.005 exactly.
    public func toBase(_ value: Double) -> Double {
        switch self {
        case .base: value
        case .milliseconds: value / 1_000
        case .microseconds: value / 1_000_000
        case .kibibytes: value * 1_024
        case .mebibytes: value * 1_048_576
        case .percent: value / 100
        }
    }
}
