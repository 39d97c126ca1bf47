internal import Synchronization

/// A use of instruments that makes no sense. It never fails: the instrument that was asked for works, and this is told once.
public struct MetricMisuse: Sendable, CustomStringConvertible {
    /// Closed set of causes; label `reason` of `exporterkit_misuse_total`.
    public enum Reason: String, Sendable, CaseIterable {
        /// An amount or observation that cannot be: NaN, infinite or negative where values only grow.
        case amount
        /// An exemplar that the formats do not allow.
        case exemplar
        /// The name is taken by a metric of another kind, with other labels or other buckets.
        case conflict
        /// A metric's or label's name that no format can carry, or a reserved one.
        case name
        /// More or fewer values than labels.
        case labels
        /// More series than the family may have; they are counted in one series together.
        case limit
    }

    /// Name of the metric, as it was given.
    public let metric: String
    /// What kind of misuse.
    public let reason: Reason
    /// What happened, in a sentence without a period.
    public let text: String

    /// One line for a log.
    public var description: String { "metric \(metric): \(text)" }
}

/// Counts misuse, and tells each sort of it once.
final class MisuseLedger: Sendable {
    private struct Key: Hashable {
        let metric: String
        let reason: MetricMisuse.Reason
    }

    /// Names come from the program, but a program may make them of anything.
    private static let most = 1000
    private let counts = Mutex<[Key: UInt64]>([:])
    private let tell: @Sendable (MetricMisuse) -> Void

    static let descriptor = MetricDescriptor(
        "exporterkit_misuse_total",
        "Uses of an instrument that made no sense and were ignored or counted elsewhere, by metric and reason.",
        kind: .counter)

    init(_ tell: @escaping @Sendable (MetricMisuse) -> Void) {
        self.tell = tell
    }

    func note(_ metric: String, _ reason: MetricMisuse.Reason, _ text: @autoclosure () -> String) {
        let isFirst = counts.withLock { counts in
            let key = Key(metric: metric, reason: reason)
            guard counts[key] != nil || counts.count < Self.most else { return false }
            counts[key, default: 0] += 1
            return counts[key] == 1
        }
        if isFirst { tell(MetricMisuse(metric: metric, reason: reason, text: text())) }
    }

    /// One series for each metric and reason seen; no family while there is none.
    func family() -> MetricFamily? {
        let counts = counts.withLock { $0 }
        guard !counts.isEmpty else { return nil }
        let samples = counts.map { key, count in
            Sample(Double(count), LabelSet(["metric": key.metric, "reason": key.reason.rawValue]))
        }
        return MetricFamily(Self.descriptor, samples)
    }
}
