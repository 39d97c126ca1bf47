internal import Synchronization

/// The way of a scrape, the same for every server: open a session, ask everything in one round trip, decode, report.
///
/// One collector that fails loses only its own families. A server that cannot be reached is `<namespace>_up 0`.
/// Trouble is logged when it begins, changes and ends, not per scrape.
public final class ScrapeRunner<Provider: SessionProvider>: MetricSource {
    /// What a scrape talks to.
    public typealias Session = Provider.Session

    /// As its owner said of the provider and the collectors.
    public let runsOnEventLoop: Bool

    private let provider: Provider
    private let plan: [Step]
    private let metrics: ScrapeMetrics.Descriptors
    private let log: @Sendable (TroubleEvent) -> Void
    private let report: @Sendable (ScrapeReport, inout MetricSink) -> Void
    private let state: Mutex<State>

    /// A collector, and what is known of it before any scrape.
    private struct Step: Sendable {
        let collector: any Collector<Session>
        /// The same when it is a pure one.
        let pure: (any QueryCollector<Session>)?
        let labels: LabelSet
        /// Place in the plan.
        let index: Int

        init(_ collector: any Collector<Session>, _ index: Int) {
            self.collector = collector
            self.index = index
            pure = collector.pure
            labels = LabelSet(["collector": collector.descriptor.name])
        }
    }

    private struct State {
        var scrapes: UInt64 = 0
        /// By place in the plan.
        var last: [CollectorOutcome?]
        var troubles = TroubleBook()

        mutating func countScrape() -> UInt64 {
            scrapes += 1
            return scrapes
        }
    }

    /// - Parameters:
    ///   - namespace: first word of the metrics about the scrape, for example `pg`.
    ///   - provider: opens or reuses the session.
    ///   - collectors: in the order of their output. Of two with one name the first is kept: catalogue tests see to names.
    ///   - runsOnEventLoop: neither the provider nor a collector ever blocks its thread, see `MetricSource`.
    ///   - log: told when trouble begins, changes or ends.
    ///   - report: adds the exporter's own metrics about a scrape, for example `pg_exporter_last_scrape_error`.
    public init(
        namespace: String, provider: Provider, collectors: [any Collector<Session>],
        runsOnEventLoop: Bool = false,
        log: @escaping @Sendable (TroubleEvent) -> Void = { _ in },
        report: @escaping @Sendable (ScrapeReport, inout MetricSink) -> Void = { _, _ in }
    ) {
        self.runsOnEventLoop = runsOnEventLoop
        self.provider = provider
        self.log = log
        self.report = report
        var names: Set<String> = []
        let plan = collectors.filter { names.insert($0.descriptor.name).inserted }
        self.plan = plan.enumerated().map { Step($1, $0) }
        self.metrics = ScrapeMetrics.Descriptors(namespace)
        self.state = Mutex(State(last: Array(repeating: nil, count: plan.count)))
    }

    /// All collectors of the plan, each with its last run.
    public var collectors: [CollectorStatus] {
        let last = state.withLock { $0.last }
        return plan.map { CollectorStatus($0.collector.descriptor, last: last[$0.index]) }
    }

    /// One scrape: the chosen collectors' families, those about the scrape, and the exporter's own.
    public func families(for request: ScrapeRequest) async -> [MetricFamily] {
        let began = ContinuousClock.now
        let selected =
            request.filter == .all ? plan : plan.filter { request.filter.includes($0.collector.descriptor.name) }
        var runs: [CollectorRun] = []
        let session: Result<Void, CollectorError>
        var connected: ContinuousClock.Instant?
        do throws(CollectorError) {
            let open = try await provider.open(until: request.deadline)
            connected = .now
            runs = try await run(selected, on: open, until: request.deadline)
            session = .success(())
        } catch {
            session = .failure(error)
        }
        return finish(
            runs,
            ScrapeReport(
                session: session, connecting: began.duration(to: connected ?? .now),
                duration: began.duration(to: .now), count: state.withLock { $0.countScrape() },
                outcomes: runs.map { ($0.step.collector.descriptor, $0.outcome) }))
    }

    // MARK: - Collecting

    private struct CollectorRun {
        let step: Step
        let families: [MetricFamily]
        let outcome: CollectorOutcome
    }

    /// Pure collectors share one round trip; the others follow, one after another on the same session.
    ///
    /// - Throws: why the server does not even answer the heartbeat.
    private func run(
        _ steps: [Step], on session: Session, until deadline: Deadline
    ) async throws(CollectorError) -> [CollectorRun] {
        let server = session.server
        var questions = session.heartbeat.map { [$0] } ?? []
        let hasHeartbeat = !questions.isEmpty
        var counts: [Int] = []
        counts.reserveCapacity(steps.count)
        for step in steps {
            let before = questions.count
            if let pure = step.pure { questions += pure.questions(for: server) }
            counts.append(questions.count - before)
        }
        var replies = await session.ask(questions, until: deadline)[...]
        if hasHeartbeat, let reply = replies.popFirst() { _ = try reply.result.get() }
        var runs: [CollectorRun] = []
        runs.reserveCapacity(steps.count)
        // In list order, but the free ones only when all pure ones have what came with the common round trip.
        var free: [Int] = []
        for (step, count) in zip(steps, counts) {
            if let pure = step.pure {
                runs.append(decode(Array(replies.prefix(count)), step, pure, from: server))
                replies = replies.dropFirst(count)
            } else {
                free.append(runs.count)
                let none = CollectorOutcome(duration: .zero, series: 0)
                runs.append(CollectorRun(step: step, families: [], outcome: none))
            }
        }
        for index in free { runs[index] = await collect(runs[index].step, from: session, until: deadline) }
        return runs
    }

    private func decode<C: QueryCollector<Session>>(
        _ replies: [Reply<Session.Answer>], _ step: Step, _ collector: C, from server: Session.Server
    ) -> CollectorRun {
        let began = ContinuousClock.now
        var sink = MetricSink()
        var failure: CollectorError?
        do throws(CollectorError) { try collector.decode(replies, from: server, into: &sink) } catch { failure = error }
        let asking = replies.reduce(Duration.zero) { $0 + $1.duration }
        return made(step, sink, asking + began.duration(to: .now), failure)
    }

    private func collect(_ step: Step, from session: Session, until deadline: Deadline) async -> CollectorRun {
        let began = ContinuousClock.now
        var sink = MetricSink()
        var failure: CollectorError?
        do throws(CollectorError) {
            try await step.collector.collect(from: session, until: deadline, into: &sink)
        } catch {
            failure = error
        }
        return made(step, sink, began.duration(to: .now), failure)
    }

    private func made(
        _ step: Step, _ sink: MetricSink, _ duration: Duration, _ error: CollectorError?
    ) -> CollectorRun {
        let series = sink.families.reduce(0) { $0 + $1.count }
        let outcome = CollectorOutcome(duration: duration, series: series, error: error)
        return CollectorRun(step: step, families: sink.families, outcome: outcome)
    }

    // MARK: - Reporting

    private func finish(_ runs: [CollectorRun], _ scrape: ScrapeReport) -> [MetricFamily] {
        var sink = MetricSink()
        sink.add(metrics.up, scrape.up)
        let duration = sink.open(metrics.duration)
        let success = sink.open(metrics.success)
        for run in runs {
            sink.append(run.outcome.duration.seconds, run.step.labels, to: duration)
            sink.append(run.outcome.error == nil ? 1 : 0, run.step.labels, to: success)
        }
        report(scrape, &sink)
        let events = state.withLock { state in
            for run in runs { state.last[run.step.index] = run.outcome }
            return state.troubles.note(scrape)
        }
        events.forEach(log)
        var families: [MetricFamily] = []
        families.reserveCapacity(runs.reduce(sink.families.count) { $0 + $1.families.count })
        for run in runs { families += run.families }
        return families + sink.families
    }
}

/// The metrics that every exporter gives about its collectors.
public enum ScrapeMetrics {
    /// Of one namespace, kept from scrape to scrape.
    struct Descriptors: Sendable {
        let up: MetricDescriptor
        let duration: MetricDescriptor
        let success: MetricDescriptor

        init(_ namespace: String) {
            up = MetricDescriptor(
                "\(namespace)_up", "Whether the server could be reached in this scrape.", kind: .gauge)
            duration = collectorDuration(namespace)
            success = collectorSuccess(namespace)
        }
    }

    /// `<namespace>_scrape_collector_duration_seconds`
    public static func collectorDuration(_ namespace: String) -> MetricDescriptor {
        MetricDescriptor(
            "\(namespace)_scrape_collector_duration_seconds",
            "Time this collector took in this scrape, its share of the common round trip included.",
            kind: .gauge, unit: "seconds")
    }

    /// `<namespace>_scrape_collector_success`
    public static func collectorSuccess(_ namespace: String) -> MetricDescriptor {
        MetricDescriptor(
            "\(namespace)_scrape_collector_success", "Whether this collector gave all it should in this scrape.",
            kind: .gauge)
    }
}

extension Duration {
    /// In seconds, with fractions.
    public var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
