internal import ExporterKit
internal import Synchronization

/// Runs every piece of work at its own pace: each in a task of its own, none ever beside itself, none waiting for another.
final class Schedule: Sendable {
    private struct State {
        var works: [any ScheduledWork]
        var isRunning = false
        var tasks: [WorkID: Task<Void, Never>] = [:]
    }

    let store: ResultStore
    let time: Timekeeper
    private let state: Mutex<State>

    init(works: [any ScheduledWork], store: ResultStore, time: Timekeeper) {
        self.store = store
        self.time = time
        state = Mutex(State(works: works))
    }

    /// What runs now.
    var works: [any ScheduledWork] { state.withLock { $0.works } }

    /// Until cancelled.
    func run() async {
        state.withLock { state in
            state.isRunning = true
            for work in state.works { begin(work, &state) }
        }
        let (forever, continuation) = AsyncStream.makeStream(of: Never.self)
        for await _ in forever {}
        continuation.finish()
        let tasks = state.withLock { state in
            state.isRunning = false
            defer { state.tasks = [:] }
            return Array(state.tasks.values)
        }
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
    }

    /// Every piece of work once, all at the same time.
    func runOnce(until deadline: ContinuousClock.Instant) async {
        await withTaskGroup(of: Void.self) { group in
            for work in works { group.addTask { await self.once(work, until: deadline) } }
        }
    }

    /// Ends work; what it finds from now on is not taken any more.
    ///
    /// - Returns: waits until the last run of it has ended.
    func end(_ ended: Set<WorkID>) -> @Sendable () async -> Void {
        let tasks = state.withLock { state in
            state.works.removeAll { ended.contains($0.id) }
            return ended.compactMap { state.tasks.removeValue(forKey: $0) }
        }
        for task in tasks { task.cancel() }
        return { for task in tasks { await task.value } }
    }

    /// Begins work that is not there yet; the order of all is that of `works`.
    func take(_ works: [any ScheduledWork]) {
        state.withLock { state in
            let present = Set(state.works.map(\.id))
            state.works = works
            guard state.isRunning else { return }
            for work in works where !present.contains(work.id) { begin(work, &state) }
        }
    }

    private func begin(_ work: any ScheduledWork, _ state: inout State) {
        state.tasks[work.id] = Task { await repeatedly(work) }
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
        guard findings.error?.reason != .cancelled, !Task.isCancelled else { return }
        store.take(findings, of: work, took: began.duration(to: .now))
    }

    /// Where in the first `jitter` of its interval a piece of work begins: always the same place, by its name.
    static func offset(of work: any ScheduledWork) -> Duration {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in work.name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        // Names that differ in their last letter differ in the low bits only: these go everywhere.
        hash = (hash ^ hash >> 33) &* 0xff51_afd7_ed55_8ccd
        hash ^= hash >> 33
        return work.timing.interval * (work.timing.jitter * Double(hash >> 11) / Double(1 << 53))
    }
}
