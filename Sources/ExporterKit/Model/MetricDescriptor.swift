internal import Synchronization

/// Name, meaning and kind of a metric family: everything about it but its samples.
///
/// Copies share what formats print of it, worked out on first use: keep one for each metric instead of making it anew for
/// each scrape.
public struct MetricDescriptor: Sendable, Hashable {
    private let facts: Facts

    private final class Facts: Sendable {
        let name: String
        let help: String
        let kind: MetricKind
        let unit: String?
        private let text = Atomic<Unmanaged<FamilyShape>?>(nil)
        private let openMetrics = Atomic<Unmanaged<FamilyShape>?>(nil)

        init(_ name: String, _ help: String, _ kind: MetricKind, _ unit: String?) {
            self.name = name
            self.help = help
            self.kind = kind
            self.unit = unit
        }

        deinit {
            text.load(ordering: .acquiring)?.release()
            openMetrics.load(ordering: .acquiring)?.release()
        }

        func shape(isOpenMetrics: Bool) -> FamilyShape? {
            let kept = isOpenMetrics ? openMetrics.load(ordering: .acquiring) : text.load(ordering: .acquiring)
            return kept?.takeUnretainedValue()
        }

        /// - Returns: the one that was first.
        func keep(_ shape: FamilyShape, isOpenMetrics: Bool) -> FamilyShape {
            let own = Unmanaged.passRetained(shape)
            let (isFirst, other) =
                isOpenMetrics
                ? openMetrics.compareExchange(expected: nil, desired: own, ordering: .acquiringAndReleasing)
                : text.compareExchange(expected: nil, desired: own, ordering: .acquiringAndReleasing)
            guard !isFirst, let other else { return shape }
            own.release()
            return other.takeUnretainedValue()
        }
    }

    /// Full name as text 0.0.4 prints it; a counter keeps its `_total`. Any Unicode text, see `NameEscaping`.
    public var name: String { facts.name }
    /// One sentence: what the value means and where it comes from. Ends with a period.
    public var help: String { facts.help }
    /// How the value behaves.
    public var kind: MetricKind { facts.kind }
    /// Base unit (`seconds`, `bytes`, `ratio`) when the name ends with it, else `nil`. Printed by OpenMetrics only.
    public var unit: String? { facts.unit }

    /// Describes a family.
    ///
    /// An empty name is not refused here: the merge that precedes every exposition drops and counts such a family, so that
    /// one bad name never costs its neighbours.
    public init(_ name: String, _ help: String, kind: MetricKind, unit: String? = nil) {
        facts = Facts(name, help, kind, unit)
    }

    /// The same name, help, kind and unit.
    public static func == (left: MetricDescriptor, right: MetricDescriptor) -> Bool {
        left.facts === right.facts
            || (left.name == right.name && left.kind == right.kind && left.help == right.help
                && left.unit == right.unit)
    }

    /// By the name, which tells nearly all apart.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(name)
    }

    /// True when both are copies of one; false says nothing.
    func isSame(as other: MetricDescriptor) -> Bool { facts === other.facts }

    /// What formats print of it, made once.
    func shape(isOpenMetrics: Bool) -> FamilyShape {
        facts.shape(isOpenMetrics: isOpenMetrics)
            ?? facts.keep(FamilyShape(self, isOpenMetrics: isOpenMetrics), isOpenMetrics: isOpenMetrics)
    }
}
