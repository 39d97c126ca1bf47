internal import ExporterKit

/// Something that runs again and again.
protocol ScheduledWork: Sendable {
    /// Unique among the works of its kind.
    var name: String { get }
    var kind: WorkKind { get }
    var timing: Timing { get }
    /// What it asks besides its source, without credentials.
    var target: String? { get }
    /// Every metric it may give, those it counts itself in the registry too; not those about groups in general.
    var planned: [PlannedFamily] { get }
    /// Runs once. Never throws, ends by the deadline.
    func run(until deadline: ContinuousClock.Instant) async -> Findings
}

/// What a piece of work is.
enum WorkKind: Sendable, Hashable {
    /// Reported as `app_exporter_group_…`.
    case group
    /// Reported as `probe_…`.
    case check
}

/// Identity of a piece of work in the store.
struct WorkID: Sendable, Hashable {
    let kind: WorkKind
    let name: String
}

extension ScheduledWork {
    var target: String? { nil }
    var id: WorkID { WorkID(kind: kind, name: name) }
}
