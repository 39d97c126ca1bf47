internal import ExporterKit
internal import Logging
internal import Synchronization

/// The newest values of everything that runs on a schedule. A scrape reads them and asks nobody.
final class ResultStore: MetricSource {
    private struct Held {
        let families: [MetricFamily]
        /// On the timekeeper's clock.
        let takenAt: Duration
    }

    private struct Record {
        let timing: Timing
        var values: [Int: Held] = [:]
        var trouble: CollectorError.Reason?
        var lastSuccess: Double?
        var succeeded: Bool?
    }

    private struct State {
        var order: [WorkID] = []
        var records: [WorkID: Record] = [:]
    }

    private let time: Timekeeper
    private let logger: Logger
    private let metrics: GroupMetrics
    private let state = Mutex(State())

    /// - Parameter works: everything that may give values.
    init(_ works: [any ScheduledWork], time: Timekeeper, logger: Logger, metrics: GroupMetrics) {
        self.time = time
        self.logger = logger
        self.metrics = metrics
        expect(works)
    }

    /// Only memory is read.
    var answersAtOnce: Bool { true }

    // MARK: - Reload

    /// Takes values of these works from now on. What is known of those that were there before stays, all else is forgotten.
    func expect(_ works: [any ScheduledWork]) {
        let new = state.withLock { state in
            let known = state.records
            state.order = works.map(\.id)
            state.records = Dictionary(works.map { ($0.id, known[$0.id] ?? Record(timing: $0.timing)) }) { first, _ in
                first
            }
            return works.filter { known[$0.id] == nil }
        }
        for work in new where work.kind == .group { metrics.announce(work.name) }
    }

    /// Forgets values of work that has ended.
    func forget(_ ended: Set<WorkID>) {
        state.withLock { state in
            for id in ended { state.records[id] = nil }
        }
    }

    // MARK: - From the schedule

    /// Takes what a run gave. What it says nothing about keeps its last values until these are too old.
    func take(_ findings: Findings, of work: any ScheduledWork, took duration: Duration) {
        let now = time.elapsed()
        let reason = findings.error?.reason
        let change = state.withLock { state -> Bool in
            guard var record = state.records[work.id] else { return false }
            // The only reference, so that what is put in is not copied.
            state.records[work.id] = nil
            for (place, families) in findings.families {
                record.values[place] = Held(families: families, takenAt: now)
            }
            let isChange = record.trouble != reason
            record.trouble = reason
            record.succeeded = reason == nil
            if reason == nil {
                record.lastSuccess = time.unixSeconds()
                // A whole answer says everything: what it no longer mentions is gone.
                record.values = record.values.filter { findings.families[$0.key] != nil }
            }
            state.records[work.id] = record
            return isChange
        }
        if work.kind == .group { metrics.count(findings, of: work.name, took: duration) }
        if change { log(findings.error, of: work) }
    }

    /// Counts runs that were left out because an earlier one took too long.
    func skipped(_ work: any ScheduledWork, _ count: Int) {
        if work.kind == .group { metrics.skipped(work.name, count) }
    }

    private func log(_ error: CollectorError?, of work: any ScheduledWork) {
        let isGroup = work.kind == .group
        let key = isGroup ? "group" : "probe"
        if let error {
            logger.warning(
                isGroup ? "A group fails; its last values stay until they are too old" : "A probe fails",
                metadata: [key: "\(work.name)", "reason": "\(error.reason.rawValue)", "error": "\(error.message)"])
        } else {
            logger.info(isGroup ? "The group works again" : "The probe passes again", metadata: [key: "\(work.name)"])
        }
    }

    // MARK: - To the scrape

    func families(for request: ScrapeRequest) async -> [MetricFamily] {
        let now = time.elapsed()
        let state = state.withLock { $0 }
        var sink = MetricSink()
        for id in state.order {
            guard let record = state.records[id] else { continue }
            var isStale = false
            var series = 0
            for (_, held) in record.values.sorted(by: { $0.key < $1.key }) {
                guard now - held.takenAt <= record.timing.staleAfter else {
                    isStale = true
                    continue
                }
                for family in held.families {
                    sink.append(family.samples, to: sink.open(family.descriptor))
                    series += family.count
                }
            }
            if id.kind == .group {
                GroupMetrics.describe(
                    id.name, success: record.succeeded, lastSuccess: record.lastSuccess, isStale: isStale,
                    series: series,
                    into: &sink)
            }
        }
        return sink.families
    }
}
