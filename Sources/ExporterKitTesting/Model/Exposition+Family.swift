public import ExporterKit

extension Exposition {
    /// One metric with its series.
    public struct Family: Sendable, Equatable {
        /// As the metadata lines have it; the name of the series where there are no such lines.
        public let name: String
        /// Nil when nothing tells it.
        public internal(set) var kind: MetricKind?
        /// Unescaped; `nil` when nothing tells it.
        public internal(set) var help: String?
        /// Only OpenMetrics tells it.
        public internal(set) var unit: String?
        /// As exposed: a histogram has a sample for each bucket, one for the sum and one for the count.
        public internal(set) var samples: [Sample]

        /// A family from its parts.
        public init(
            _ name: String, kind: MetricKind? = nil, help: String? = nil, unit: String? = nil, samples: [Sample] = []
        ) {
            self.name = name
            self.kind = kind
            self.help = help
            self.unit = unit
            self.samples = samples
        }
    }
}
