public import ExporterKit

extension PrometheusMetricsFactory {
    /// What becomes of labels.
    public struct Options: Sendable {
        /// Buckets of timers, in seconds.
        public var timerBuckets: HistogramBuckets
        /// Buckets of recorders, in the unit of what is recorded.
        public var recorderBuckets: HistogramBuckets
        /// What holds for single labels, by the label as the library gives it.
        public var overrides: [String: Override]

        /// Options. Recorders record anything from ratios to bytes, so their default buckets are 1, 2, 5, 10, … 10^9.
        public init(
            timerBuckets: HistogramBuckets = .webLatency,
            recorderBuckets: HistogramBuckets = .explicit(Options.decades),
            overrides: [String: Override] = [:]
        ) {
            self.timerBuckets = timerBuckets
            self.recorderBuckets = recorderBuckets
            self.overrides = overrides
        }

        /// 0.01 to 10^9 in steps of 1, 2, 5.
        public static let decades: [Double] = (-2...8).flatMap { power -> [Double] in
            let unit = power < 0 ? (power == -2 ? 0.01 : 0.1) : (0..<power).reduce(1.0) { unit, _ in unit * 10 }
            return [unit, unit * 2, unit * 5]
        }
    }

    /// What holds for one label. `nil` leaves the default.
    public struct Override: Sendable {
        /// Full name of the metric, with its suffixes.
        public var name: String?
        /// Help text.
        public var help: String?
        /// Base unit, when the name ends with it.
        public var unit: String?
        /// Buckets of a timer or recorder.
        public var buckets: HistogramBuckets?
        /// The handlers work, and nothing is exposed.
        public var isDropped: Bool

        /// An override.
        public init(
            name: String? = nil, help: String? = nil, unit: String? = nil, buckets: HistogramBuckets? = nil,
            isDropped: Bool = false
        ) {
            self.name = name
            self.help = help
            self.unit = unit
            self.buckets = buckets
            self.isDropped = isDropped
        }
    }
}
