/// Name, meaning and kind of a metric family: everything about it but its samples.
public struct MetricDescriptor: Sendable, Hashable {
    /// Full name as text 0.0.4 prints it; a counter keeps its `_total`. Any Unicode text, see `NameEscaping`.
    public let name: String
    /// One sentence: what the value means and where it comes from. Ends with a period.
    public let help: String
    /// How the value behaves.
    public let kind: MetricKind
    /// Base unit (`seconds`, `bytes`, `ratio`) when the name ends with it, else `nil`. Printed by OpenMetrics only.
    public let unit: String?

    /// Describes a family.
    ///
    /// An empty name is not refused here: the merge that precedes every exposition drops and counts such a family, so that
    /// one bad name never costs its neighbours.
    public init(_ name: String, _ help: String, kind: MetricKind, unit: String? = nil) {
        self.name = name
        self.help = help
        self.kind = kind
        self.unit = unit
    }
}
