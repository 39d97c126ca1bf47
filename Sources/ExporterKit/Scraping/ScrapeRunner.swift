internal import Synchronization

/// The way of a scrape, the same for every server: open a session, ask everything in one round trip, decode, report.
///
/// One collector that fails loses only its own families. A server that cannot be reached is `<namespace>_up 0`.
/// Trouble is logged when it begins, changes and ends, not per scrape.
public final class ScrapeRunner<Provider: SessionProvider>: MetricSource {
    /// What a scrape talks to.
    public typealias Session = Provider.Session

    private let namespace: String
    private let provider: Provider
    private let plan: [any Collector<Session>]
    private let log: @Sendable (TroubleEvent) -> Void
    private let report: @Sendable (ScrapeReport, inout MetricSink) -> Void
    private let state = Mutex(State())

    private struct State {
        var scrapes: UInt64 = 0
        var last: [String: CollectorOutcome] = [:]
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
    ///   - log: told when trouble begins, changes or ends.
    ///   - report: adds the exporter's own metrics about a scrape, for example `pg_exporter_last_scrape_error`.
    public init(
        namespace: String, provider: Provider, collectors: [any Collector<Session>],
        log: @escaping @Sendable (TroubleEvent) -> Void = { _ in },
        report: @escaping @Sendable (ScrapeReport, inout MetricSink) -> Void = { _, _ in }
    ) {
        self.namespace = namespace
        self.provider = provider
        self.log = log
        self.report = report
        var names: Set<String> = []
        self.plan = collectors.filter { names.insert($0.descriptor.name).inserted }
    }

    /// All collectors of the plan, each with its last run.
    public var collectors: [CollectorStatus] {
        let last = state.withLock { $0.last }
        return plan.map { CollectorStatus($0.descriptor, last: last[$0.descriptor.name]) }
    }

    /// One scrape: the chosen collectors' families, those about the scrape, and the exporter's own.
    public func families(for request: ScrapeRequest) async -> [MetricFamily] {
        let began = ContinuousClock.now
        let selected = plan.filter { request.filter.includes($0.descriptor.name) }
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
                outcomes: runs.map { ($0.collector, $0.outcome) }))
    }

    // MARK: - Collecting

    private struct CollectorRun {
        let collector: CollectorDescriptor
        let families: [MetricFamily]
        let outcome: CollectorOutcome
    }

    /// Pure collectors share one round trip; the others follow, one after another on the same session.
    ///
    /// - Throws: why the server does not even answer the heartbeat.
    private func run(
        _ collectors: [any Collector<Session>], on session: Session, until deadline: Deadline
    ) async throws(CollectorError) -> [CollectorRun] {
        var runs: [String: CollectorRun] = [:]
        let pure = collectors.compactMap { $0 as? any QueryCollector<Session> }
        let questions = pure.map { $0.questions(for: session.server) }
        let heartbeat = session.heartbeat.map { [$0] } ?? []
        var replies = await session.ask(heartbeat + questions.flatMap(\.self), until: deadline)[...]
        if !heartbeat.isEmpty, let reply = replies.popFirst() { _ = try reply.result.get() }
        for (collector, questions) in zip(pure, questions) {
            let own = Array(replies.prefix(questions.count))
            replies = replies.dropFirst(questions.count)
            runs[collector.descriptor.name] = decode(own, with: collector, from: session.server)
        }
        for collector in collectors where runs[collector.descriptor.name] == nil {
            runs[collector.descriptor.name] = await collect(collector, from: session, until: deadline)
        }
        return collectors.compactMap { runs[$0.descriptor.name] }
    }

    private func decode<C: QueryCollector<Session>>(
        _ replies: [Reply<Session.Answer>], with collector: C, from server: Session.Server
    ) -> CollectorRun {
        let began = ContinuousClock.now
        var sink = MetricSink()
        var failure: CollectorError?
        do throws(CollectorError) { try collector.decode(replies, from: server, into: &sink) } catch { failure = error }
        let asking = replies.reduce(Duration.zero) { $0 + $1.duration }
        return made(collector.descriptor, sink, asking + began.duration(to: .now), failure)
    }

    private func collect(
        _ collector: any Collector<Session>, from session: Session, until deadline: Deadline
    ) async -> CollectorRun {
        let began = ContinuousClock.now
        var sink = MetricSink()
        var failure: CollectorError?
        do throws(CollectorError) {
            try await collector.collect(from: session, until: deadline, into: &sink)
        } catch {
            failure = error
        }
        return made(collector.descriptor, sink, began.duration(to: .now), failure)
    }

    private func made(
        _ collector: CollectorDescriptor, _ sink: MetricSink, _ duration: Duration, _ error: CollectorError?
    ) -> CollectorRun {
        let series = sink.families.reduce(0) { $0 + $1.count }
        let outcome = CollectorOutcome(duration: duration, series: series, error: error)
        return CollectorRun(collector: collector, families: sink.families, outcome: outcome)
    }

    // MARK: - Reporting

    private func finish(_ runs: [CollectorRun], _ scrape: ScrapeReport) -> [MetricFamily] {
        var sink = MetricSink()
        sink.add(
            MetricDescriptor("\(namespace)_up", "Whether the server could be reached in this scrape.", kind: .gauge),
            scrape.up)
        let duration = sink.open(ScrapeMetrics.collectorDuration(namespace))
        let success = sink.open(ScrapeMetrics.collectorSuccess(namespace))
        for run in runs {
            let labels = LabelSet(["collector": run.collector.name])
            sink.append(run.outcome.duration.seconds, labels, to: duration)
            sink.append(run.outcome.error == nil ? 1 : 0, labels, to: success)
        }
        report(scrape, &sink)
        let events = state.withLock { state in
            for run in runs { state.last[run.collector.name] = run.outcome }
            return state.troubles.note(scrape)
        }
        events.forEach(log)
        return runs.flatMap(\.families) + sink.families
    }
}

/// The metrics that every exporter gives about its collectors.
public enum ScrapeMetrics {
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
