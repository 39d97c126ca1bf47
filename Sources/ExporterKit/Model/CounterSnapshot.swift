/// A counter with what a plain number cannot say.
public struct CounterSnapshot: Sendable, Equatable {
    /// The sum so far; not negative.
    public let value: Double
    /// One increment that stands for others.
    public let exemplar: Exemplar?
    /// When counting began, as seconds since 1970; `nil` when it is not told.
    public let created: Double?

    /// A snapshot from its parts.
    public init(_ value: Double, exemplar: Exemplar? = nil, created: Double? = nil) {
        self.value = value
        self.exemplar = exemplar
        self.created = created
    }
}
