extension Exposition {
    /// One observation that stands for others.
    public struct Exemplar: Sendable, Equatable, CustomStringConvertible {
        /// What leads to it, for example a `trace_id`.
        public let labels: [String: String]
        /// In the metric's unit.
        public let value: Double
        /// Seconds since 1970.
        public let timestamp: Double?

        /// An exemplar from its parts.
        public init(_ labels: [String: String], value: Double, timestamp: Double? = nil) {
            self.labels = labels
            self.value = value
            self.timestamp = timestamp
        }

        /// As OpenMetrics prints it, after the `#`.
        public var description: String {
            let set = labels.isEmpty ? "{}" : SeriesName.shown("x", labels).dropFirst()
            return "\(set) \(value.shown)" + (timestamp.map { " \($0.shown)" } ?? "")
        }
    }
}
