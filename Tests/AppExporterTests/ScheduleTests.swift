import ExporterKit
import Logging
import Synchronization
import Testing

@testable import app_exporter

/// The schedule and the store under a clock that only the test moves.
struct ScheduleTests {
    private func timing(_ interval: Int, stale: Int = 1_000, jitter: Double = 0) -> Timing {
        Timing(interval: .seconds(interval), timeout: .seconds(30), staleAfter: .seconds(stale), jitter: jitter)
    }

    /// A schedule of these works, run while the body runs.
    private func withSchedule(
        _ works: [any ScheduledWork], _ clock: ManualClock, log: LogBook = LogBook(),
        _ body: (ResultStore, Registry) async throws -> Void
    ) async throws {
        let registry = Registry()
        let store = ResultStore(works, time: clock.timekeeper, logger: log.logger, metrics: GroupMetrics(registry))
        try await ManualClock.$current.withValue(clock) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await Schedule(works: works, store: store, time: clock.timekeeper).run() }
                try await body(store, registry)
                group.cancelAll()
            }
        }
    }

    private func read(_ source: any MetricSource) async -> [String: Double] {
        var values: [String: Double] = [:]
        for family in await source.families(for: ScrapeRequest(deadline: .after(.seconds(5)))) {
            for sample in family.samples {
                guard case .number(let number) = sample.value else { continue }
                let labels = sample.labels.pairs.map { "\($0.name)=\($0.value)" }.joined(separator: ",")
                values[labels.isEmpty ? family.descriptor.name : "\(family.descriptor.name){\(labels)}"] = number
            }
        }
        return values
    }

    @Test func worksRunAtTheirOwnPace() async throws {
        let clock = ManualClock()
        let (fast, slow) = (Scripted("fast", timing(10)), Scripted("slow", timing(25)))
        try await withSchedule([fast, slow], clock) { _, _ in
            for _ in 0..<10 {
                await clock.waitForSleepers(2)
                clock.advance(by: .seconds(5))
            }
            await clock.waitForSleepers(2)
            #expect(fast.startedAt == [0, 10, 20, 30, 40, 50])
            #expect(slow.startedAt == [0, 25, 50])
        }
    }

    @Test func aSlowGroupNeitherOverlapsNorDelaysAnother() async throws {
        let clock = ManualClock()
        let (stuck, other) = (Scripted("stuck", timing(10), blocks: true), Scripted("other", timing(10)))
        try await withSchedule([stuck, other], clock) { store, registry in
            await clock.waitForSleepers(1)
            for _ in 0..<3 {
                clock.advance(by: .seconds(10))
                await clock.waitForSleepers(1)
            }
            #expect(other.startedAt == [0, 10, 20, 30])
            #expect(stuck.startedAt == [0])
            clock.advance(by: .seconds(5))
            stuck.unblock()
            await clock.waitForSleepers(2)
            clock.advance(by: .seconds(5))
            await clock.waitForSleepers(2)
            // 10, 20 and 30 were missed; the rhythm stays.
            #expect(stuck.startedAt == [0, 40])
            #expect(await read(registry)["app_exporter_group_runs_total{group=stuck,result=skipped}"] == 3)
        }
    }

    @Test func jitterSpreadsWithinItsShareAndIsStable() {
        let offsets = (0..<50).map { Schedule.offset(of: Scripted("group-\($0)", timing(100, jitter: 0.1))) }
        #expect(offsets.allSatisfy { $0 >= .zero && $0 < .seconds(10) })
        #expect(Set(offsets).count > 40)
        // Also such with almost the same name are spread.
        let tenths = offsets[10..<20].map { Int($0 / .seconds(1)) }
        #expect(Set(tenths).count >= 5, "\(tenths)")
        #expect(offsets[7] == Schedule.offset(of: Scripted("group-7", timing(100, jitter: 0.1))))
    }

    @Test func valuesDisappearWhenTheyAreTooOld() async throws {
        let clock = ManualClock()
        let work = Scripted("g", timing(10, stale: 30))
        let log = LogBook()
        try await withSchedule([work], clock, log: log) { store, _ in
            await clock.waitForSleepers(1)
            #expect(await read(store)["value"] == 1)
            work.fail(CollectorError(.connection, "gone"))
            for expected in [1.0, 1, 1, nil] as [Double?] {
                clock.advance(by: .seconds(10))
                await clock.waitForSleepers(1)
                let values = await read(store)
                #expect(values["value"] == expected)
                #expect(values["app_exporter_group_success{group=g}"] == 0)
                #expect(values["app_exporter_group_stale{group=g}"] == (expected == nil ? 1 : 0))
            }
            work.fail(nil)
            clock.advance(by: .seconds(10))
            await clock.waitForSleepers(1)
            let values = await read(store)
            #expect(values["value"] == 6)
            #expect(values["app_exporter_group_success{group=g}"] == 1)
            #expect(values["app_exporter_group_last_success_timestamp_seconds{group=g}"] == 1_050)
            #expect(log.lines.count == 2)
        }
    }

    @Test func anErrorThatChangesItsCauseIsOneMoreLine() async throws {
        let clock = ManualClock()
        let work = Scripted("g", timing(10))
        let log = LogBook()
        try await withSchedule([work], clock, log: log) { _, registry in
            let script: [CollectorError?] = [
                CollectorError(.connection, "a"), CollectorError(.connection, "b"), CollectorError(.timeout, "c"), nil,
                nil,
            ]
            for error in script {
                await clock.waitForSleepers(1)
                work.fail(error)
                clock.advance(by: .seconds(10))
            }
            await clock.waitForSleepers(1)
            #expect(log.lines.count == 3)
            let values = await read(registry)
            #expect(values["app_exporter_group_errors_total{group=g,reason=connection}"] == 2)
            #expect(values["app_exporter_group_runs_total{group=g,result=timeout}"] == 1)
            #expect(values["app_exporter_group_runs_total{group=g,result=ok}"] == 3)
        }
    }

    @Test func onceRunsEverything() async throws {
        let clock = ManualClock()
        let works = [Scripted("a", timing(10)), Scripted("b", timing(10))]
        let store = ResultStore(
            works, time: clock.timekeeper, logger: LogBook().logger, metrics: GroupMetrics(Registry()))
        let once = AskedAtOnce(schedule: Schedule(works: works, store: store, time: clock.timekeeper))
        #expect(await read(once)["app_exporter_group_success{group=b}"] == 1)
        #expect(works.allSatisfy { $0.startedAt == [0] })
    }

    // MARK: - Pool and promise

    @Test func poolServesInOrderAndGivesUpByTheDeadline() async throws {
        let pool = Pool([1])
        _ = try await pool.with(until: .now.advanced(by: .seconds(5))) { _ throws(CollectorError) in
            await #expect(throws: CollectorError.self) {
                try await pool.with(until: .now.advanced(by: .milliseconds(20))) { _ throws(CollectorError) in () }
            }
        }
        let served = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    let one = try? await pool.with(until: .now.advanced(by: .seconds(10))) {
                        element throws(CollectorError) in
                        await Task.yield()
                        return element
                    }
                    return one ?? 0
                }
            }
            return await group.reduce(0, +)
        }
        #expect(served == 50)
    }

    @Test func cancelledWaitersLeaveThePoolUsable() async throws {
        let pool = Pool([1])
        _ = try await pool.with(until: .now.advanced(by: .seconds(5))) { _ throws(CollectorError) in
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<10 {
                    group.addTask {
                        try? await pool.with(until: .now.advanced(by: .seconds(60))) { _ throws(CollectorError) in () }
                    }
                }
                group.cancelAll()
            }
        }
        #expect(
            try await pool.with(until: .now.advanced(by: .seconds(5))) { element throws(CollectorError) in element }
                == 1)
    }
}
