extension Exposition {
    /// One line: a series and its value.
    public struct Sample: Sendable, Equatable, CustomStringConvertible {
        /// With the suffix that the format adds, such as `_bucket`.
        public let name: String
        /// Unescaped values by name; `le` and `quantile` as printed.
        public let labels: [String: String]
        /// In the metric's unit.
        public let value: Double
        /// Seconds since 1970; rarely there.
        public let timestamp: Double?
        /// Only OpenMetrics tells it.
        public let exemplar: Exemplar?

        /// A sample from its parts.
        public init(
            _ name: String, _ labels: [String: String] = [:], value: Double, timestamp: Double? = nil,
            exemplar: Exemplar? = nil
        ) {
            self.name = name
            self.labels = labels
            self.value = value
            self.timestamp = timestamp
            self.exemplar = exemplar
        }

        /// Name and labels as exposed, labels sorted by name: `up{job="a"}`.
        public var series: String { SeriesName.shown(name, labels) }

        /// Equal in everything; NaN equals NaN.
        public static func == (left: Sample, right: Sample) -> Bool {
            left.name == right.name && left.labels == right.labels && left.value.isSame(as: right.value)
                && left.timestamp == right.timestamp && left.exemplar == right.exemplar
        }

        /// A line much like the exposed one, labels sorted by name.
        public var description: String {
            let time = timestamp.map { " at \($0.shown)" } ?? ""
            let mark = exemplar.map { " # \($0)" } ?? ""
            return "\(series) \(value.shown)\(time)\(mark)"
        }
    }
}

/// Name and labels of a series as messages show them.
enum SeriesName {
    static func shown(_ name: String, _ labels: [String: String]) -> String {
        let known = Letters.isMetricName(name) ? name : ""
        let quoted = known.isEmpty ? [Letters.quoted(name)] : []
        let parts =
            quoted
            + labels.sorted { $0.key < $1.key }.map { label, value in
                "\(Letters.isLabelName(label) ? label : Letters.quoted(label))=\(Letters.quoted(value))"
            }
        return parts.isEmpty ? known : "\(known){\(parts.joined(separator: ","))}"
    }
}

extension Double {
    /// Equal, or both NaN.
    func isSame(as other: Double) -> Bool { self == other || (isNaN && other.isNaN) }

    /// As a person writes it: `3`, `0.5`, `+Inf`, `NaN`.
    var shown: String {
        if isNaN { return "NaN" }
        if isInfinite { return self < 0 ? "-Inf" : "+Inf" }
        if let integer = Int64(exactly: self), integer.magnitude < 1 << 53 { return "\(integer)" }
        return description
    }
}
