internal import CurlClient
internal import ExporterKit

/// Several requests one after the other, as a user of the application makes them. Stops at the first step that fails;
/// clean-up steps run all the same.
struct Flow: ScheduledWork {
    let configuration: FlowConfiguration
    let client: CurlClient
    let checks: CheckMetrics
    let metrics: FlowMetrics
    let time: Timekeeper
    let worker: JqWorker

    init(
        _ configuration: FlowConfiguration, client: CurlClient, checks: CheckMetrics, metrics: FlowMetrics,
        time: Timekeeper
    ) {
        self.configuration = configuration
        self.client = client
        self.checks = checks
        self.metrics = metrics
        self.time = time
        worker = JqWorker(configuration.name)
        checks.announce(configuration.name, .flow, configuration.target)
        metrics.announce(configuration)
    }

    var name: String { configuration.name }
    var kind: WorkKind { .check }
    var timing: Timing { configuration.timing }
    var target: String? { configuration.target }
    var planned: [PlannedFamily] { FlowMetrics.planned(configuration.steps.count) }

    func run(until deadline: ContinuousClock.Instant) async -> Findings {
        let began = ContinuousClock.now
        var run = FlowRun(self, cookies: configuration.keepsCookies ? [] : nil)
        let firstEnd = max(began, deadline - configuration.cleanUpReserve)
        for step in configuration.steps where !step.isAlways || run.failure == nil {
            guard run.failure == nil, !Task.isCancelled else { break }
            await run.take(step, until: step.isAlways ? deadline : firstEnd)
        }
        let rest = configuration.steps.filter { $0.isAlways && !run.hasTaken($0) }
        if !rest.isEmpty {
            // A task of its own is not cancelled with this one: what was made is cleaned up also when the program reloads.
            let unfinished = run
            run = await Task {
                var run = unfinished
                for step in rest { await run.take(step, until: deadline) }
                return run
            }.value
        }
        guard !Task.isCancelled else { return .failed(CollectorError(.cancelled, "the flow was broken off")) }
        return findings(of: run, took: began.duration(to: .now))
    }

    private func findings(of run: FlowRun, took: Duration) -> Findings {
        let verdict = run.failure?.verdict
        var sink = MetricSink()
        let labels = LabelSet(["probe": name, "kind": CheckKind.flow.rawValue, "target": configuration.target])
        sink.add(CheckMetrics.success.descriptor, verdict == nil ? 1 : 0, labels)
        sink.add(CheckMetrics.duration.descriptor, took.seconds, labels)
        for (step, isPassed) in run.results {
            sink.add(FlowMetrics.stepSuccess, isPassed ? 1 : 0, LabelSet(["probe": name, "step": step]))
        }
        checks.count(
            verdict?.outcome ?? .ok, name, .flow, configuration.target, took: took, at: time.unixSeconds())
        metrics.count(name, failedStep: run.failure?.step, isCleanedUp: run.isCleanedUp)
        var findings = Findings()
        findings.families[0] = sink.families
        findings.error = verdict?.error
        return findings
    }
}
