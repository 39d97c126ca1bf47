import ExporterKit
import Logging
import Synchronization

@testable import app_exporter

/// Time that stands still until the test moves it.
final class ManualClock: Sendable {
    private struct State {
        var now: Duration = .zero
        var sleepers: [Int: (until: Duration, waiter: CheckedContinuation<Void, any Error>)] = [:]
        var cancelled: Set<Int> = []
        var next = 0
    }
    private let state = Mutex(State())

    var now: Duration { state.withLock { $0.now } }

    /// Unix time begins at 1000.
    var timekeeper: Timekeeper {
        Timekeeper(
            elapsed: { self.now }, sleep: { try await self.sleep(until: $0) },
            unixSeconds: { 1_000 + self.now.seconds })
    }

    func advance(by duration: Duration) {
        let due = state.withLock { state in
            state.now += duration
            let due = state.sleepers.filter { $0.value.until <= state.now }
            for key in due.keys { state.sleepers[key] = nil }
            return due.values.map(\.waiter)
        }
        for waiter in due { waiter.resume() }
    }

    /// Until that many tasks sleep: then nothing happens any more before the clock moves.
    func waitForSleepers(_ count: Int) async {
        while state.withLock({ $0.sleepers.count }) < count { await Task.yield() }
    }

    private func sleep(until: Duration) async throws {
        let id = state.withLock { state in
            state.next += 1
            return state.next
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { waiter in
                let outcome = state.withLock { state -> Result<Void, any Error>? in
                    if state.cancelled.contains(id) { return .failure(CancellationError()) }
                    if until <= state.now { return .success(()) }
                    state.sleepers[id] = (until, waiter)
                    return nil
                }
                if let outcome { waiter.resume(with: outcome) }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                state.cancelled.insert(id)
                return state.sleepers.removeValue(forKey: id)?.waiter
            }
            waiter?.resume(throwing: CancellationError())
        }
    }
}

/// Work that does as the test says and remembers when it ran.
final class Scripted: ScheduledWork {
    let name: String
    let timing: Timing
    var kind: WorkKind { .group }
    var planned: [PlannedFamily] {
        [PlannedFamily(MetricDescriptor("value", "Runs.", kind: .gauge), [], most: 1)]
    }
    private let gate: Promise<Void>?
    private let error = Mutex<CollectorError?>(nil)
    private let times = Mutex<[Int]>([])

    init(_ name: String, _ timing: Timing, blocks: Bool = false) {
        self.name = name
        self.timing = timing
        gate = blocks ? Promise() : nil
    }

    /// Seconds on the manual clock at which it began.
    var startedAt: [Int] { times.withLock { $0 } }

    func fail(_ error: CollectorError?) { self.error.withLock { $0 = error } }
    func unblock() { gate?.keep(()) }

    func run(until deadline: ContinuousClock.Instant) async -> Findings {
        times.withLock { $0.append(Int(ManualClock.current?.now.seconds ?? 0)) }
        if let gate, startedAt.count == 1 { _ = await gate.value(until: .now.advanced(by: .seconds(60))) }
        if let error = error.withLock({ $0 }) { return .failed(error) }
        var findings = Findings()
        let count = Double(times.withLock { $0.count })
        findings.families[0] = [MetricFamily(MetricDescriptor("value", "Runs.", kind: .gauge), [Sample(count)])]
        return findings
    }
}

extension ManualClock {
    @TaskLocal static var current: ManualClock?
}

/// Keeps what is logged.
final class LogBook: Sendable {
    private let kept = Mutex<[String]>([])

    var lines: [String] { kept.withLock { $0 } }
    var logger: Logger { Logger(label: "test") { _ in Handler(book: self) } }

    private struct Handler: LogHandler {
        let book: LogBook
        var logLevel: Logger.Level = .trace
        var metadata: Logger.Metadata = [:]

        subscript(metadataKey key: String) -> Logger.MetadataValue? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            book.kept.withLock { $0.append("\(event.level) \(event.message) \(event.metadata ?? [:])") }
        }
    }
}
