internal import ExporterCommand
internal import ExporterKit
internal import Logging
internal import Synchronization

/// What runs now: the configuration in force, its work, the newest values. A reload changes it, all or nothing.
final class LiveApp: Sendable {
    let schedule: Schedule
    let store: ResultStore
    private let read: @Sendable () throws(ConfigurationError) -> AppConfiguration
    private let registry: Registry
    private let current: Mutex<WorkPlan>

    /// Makes everything; contacts nobody.
    ///
    /// - Parameter read: reads the configuration, now and for every reload.
    init(
        registry: Registry, logger: Logger, time: Timekeeper = .system(),
        read: @escaping @Sendable () throws(ConfigurationError) -> AppConfiguration
    ) throws(ConfigurationError) {
        self.read = read
        self.registry = registry
        let plan = WorkPlan(try read(), registry, time: time)
        store = ResultStore(plan.works, time: time, logger: logger, metrics: GroupMetrics(registry))
        schedule = Schedule(works: plan.works, store: store, time: time)
        current = Mutex(plan)
    }

    /// What a file says.
    convenience init(file: String, registry: Registry, logger: Logger) throws(ConfigurationError) {
        try self.init(registry: registry, logger: logger) { () throws(ConfigurationError) in
            try Self.configuration(file)
        }
    }

    /// A file, read and checked.
    static func configuration(_ file: String) throws(ConfigurationError) -> AppConfiguration {
        try ConfigurationReader.read(try YAMLDocument(file: file))
    }

    /// The plan in force.
    var plan: WorkPlan { current.withLock { $0 } }

    /// Releases all connections.
    func close() async { await plan.close() }

    /// Reads the file again. Work that is configured as before goes on with its values, counters, connections and rhythm;
    /// the rest begins anew; what is gone takes its series along.
    ///
    /// - Throws: for a file that is refused; then everything stays as it was.
    func reload() throws(ConfigurationError) {
        let configuration = try read()
        let old = plan
        let kept = old.works.filter {
            old.configuration.parts.work($0.name) == configuration.parts.work($0.name)
        }
        let keptIDs = Set(kept.map(\.id))
        let ended = old.works.filter { !keptIDs.contains($0.id) }
        let farewell = schedule.end(Set(ended.map(\.id)))
        store.forget(Set(ended.map(\.id)))
        forgetFamilies(of: ended, keeping: kept)
        forgetSeries(of: ended)
        let goneSources = old.configuration.parts.sourceNames.subtracting(configuration.parts.sourceNames)
        registry.removeSeries("source", in: goneSources)
        let plan = WorkPlan(configuration, registry, time: old.time, earlier: old, keeping: kept)
        current.withLock { $0 = plan }
        store.expect(plan.works)
        schedule.take(plan.works)
        let present = Set(plan.works.map(\.id))
        let gone = ended.filter { !present.contains($0.id) }
        // A last run may have counted something after all.
        Task { [self] in
            await farewell()
            let now = self.plan
            let back = Set(now.works.map(\.id))
            forgetSeries(of: gone.filter { !back.contains($0.id) })
            registry.removeSeries("source", in: goneSources.subtracting(now.configuration.parts.sourceNames))
        }
    }

    /// Families of instruments that only this work has: they may come back with other buckets.
    private func forgetFamilies(of ended: [any ScheduledWork], keeping kept: [any ScheduledWork]) {
        let used = Set(kept.flatMap { $0.planned.map(\.descriptor.name) })
        for name in Set(ended.flatMap { $0.planned.map(\.descriptor.name) }).subtracting(used) {
            registry.remove(name)
        }
    }

    /// Series of instruments that bear the name of this work.
    private func forgetSeries(of works: [any ScheduledWork]) {
        registry.removeSeries("group", in: Set(works.filter { $0.kind == .group }.map(\.name)))
        registry.removeSeries("probe", in: Set(works.filter { $0.kind == .check }.map(\.name)))
    }
}
