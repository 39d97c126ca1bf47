internal import ExporterKit

/// What flows tell besides what every check does.
struct FlowMetrics: Sendable {
    private let steps: LabeledFamily<Histogram>
    private let runs: LabeledFamily<Counter>
    private let cleanUps: LabeledFamily<Counter>

    init(_ registry: Registry) {
        steps = registry.histogram(
            Self.stepDuration.name, Self.stepDuration.help, unit: Self.stepDuration.unit, labels: ["probe", "step"],
            buckets: .explicit([0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]))
        runs = registry.counter(
            Self.runsTotal.name, Self.runsTotal.help, labels: ["probe", "result", "failed_step"])
        cleanUps = registry.counter(Self.cleanUpFailures.name, Self.cleanUpFailures.help, labels: ["probe"])
    }

    /// Counters that exist before anything happens, so that `rate` sees their first step.
    func announce(_ flow: FlowConfiguration) {
        _ = runs(flow.name, "ok", "")
        for step in flow.steps {
            _ = runs(flow.name, "failed", step.name)
            _ = steps(flow.name, step.name)
        }
        if flow.steps.contains(where: \.isAlways) { _ = cleanUps(flow.name) }
    }

    func observe(_ step: String, of flow: String, took duration: Duration) { steps(flow, step).observe(duration) }

    /// - Parameter failedStep: `nil` for a run in which every step passed.
    func count(_ flow: String, failedStep: String?, isCleanedUp: Bool) {
        runs(flow, failedStep == nil ? "ok" : "failed", failedStep ?? "").increment()
        if !isCleanedUp { cleanUps(flow).increment() }
    }

    static let stepSuccess = MetricDescriptor(
        "probe_flow_step_success", "Whether the step passed in the last run; absent when it did not come to it.",
        kind: .gauge)
    static let stepDuration = MetricDescriptor(
        "probe_flow_step_duration_seconds", "Time that the step's request took, until its answer or its failure.",
        kind: .histogram, unit: "seconds")
    static let runsTotal = MetricDescriptor(
        "probe_flow_runs_total", "Runs of the flow, by result (ok, failed) and the first step that failed.",
        kind: .counter)
    static let cleanUpFailures = MetricDescriptor(
        "probe_flow_cleanup_failures_total", "Runs whose clean-up failed and may have left test data.", kind: .counter)
    static let all = [stepSuccess, stepDuration, runsTotal, cleanUpFailures]

    /// The series of a flow of so many steps.
    static func planned(_ steps: Int) -> [PlannedFamily] {
        CheckMetrics.series(CheckMetrics.common) + [
            PlannedFamily(stepSuccess, ["probe", "step"], most: steps),
            PlannedFamily(stepDuration, ["probe", "step"], most: steps),
            PlannedFamily(runsTotal, ["probe", "result", "failed_step"], most: steps + 1),
            PlannedFamily(cleanUpFailures, ["probe"], most: 1),
        ]
    }
}
