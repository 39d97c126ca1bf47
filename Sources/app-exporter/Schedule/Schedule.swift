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

/// Runs every piece of work at its own pace: each in a child task of its own, none ever beside itself, none waiting for
/// another.
struct Schedule: Sendable {
    let works: [any ScheduledWork]
    let store: ResultStore
    let time: Timekeeper

    /// Until cancelled.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            for work in works { group.addTask { await repeatedly(work) } }
        }
    }

    /// Every piece of work once, all at the same time.
    func runOnce(until deadline: ContinuousClock.Instant) async {
        await withTaskGroup(of: Void.self) { group in
            for work in works { group.addTask { await once(work, until: deadline) } }
        }
    }

    private func repeatedly(_ work: any ScheduledWork) async {
        let interval = work.timing.interval
        var due = time.elapsed() + Self.offset(of: work)
        while !Task.isCancelled {
            do { try await time.sleep(due) } catch { return }
            await once(work, until: nil)
            due += interval
            let now = time.elapsed()
            if now > due {
                // The run took longer than its interval: what was due meanwhile is left out, the rhythm stays.
                let missed = Int((now - due) / interval) + 1
                store.skipped(work, missed)
                due += interval * missed
            }
        }
    }

    private func once(_ work: any ScheduledWork, until limit: ContinuousClock.Instant?) async {
        let began = ContinuousClock.now
        let own = began.advanced(by: work.timing.timeout)
        let findings = await work.run(until: min(own, limit ?? own))
        guard findings.error?.reason != .cancelled else { return }
        store.take(findings, of: work, took: began.duration(to: .now))
    }

    /// Where in the first `jitter` of its interval a piece of work begins: always the same place, by its name.
    static func offset(of work: any ScheduledWork) -> Duration {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in work.name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        return work.timing.interval * (work.timing.jitter * Double(hash >> 11) / Double(1 << 53))
    }
}
