internal import ExporterKit

/// What is counted about checks over all their runs.
struct CheckMetrics: Sendable {
    static let labels = ["probe", "kind", "target"]
    /// Bounds of the durations, in seconds.
    static let buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

    private let durations: LabeledFamily<Histogram>
    private let runs: LabeledFamily<Counter>
    private let lastSuccess: LabeledFamily<Gauge>

    init(_ registry: Registry) {
        durations = registry.histogram(
            Self.runDuration.name, Self.runDuration.help, labels: Self.labels,
            buckets: .explicit(Self.buckets))
        runs = registry.counter(Self.runsTotal.name, Self.runsTotal.help, labels: Self.labels + ["result"])
        lastSuccess = registry.gauge(
            Self.lastSuccessTimestamp.name, Self.lastSuccessTimestamp.help, labels: Self.labels)
    }

    /// Counters that exist before anything happens, so that `rate` sees their first step.
    func announce(_ probe: String, _ kind: CheckKind, _ target: String) {
        for outcome in CheckOutcome.allCases { _ = runs(probe, kind.rawValue, target, outcome.rawValue) }
    }

    /// Counts one run.
    func count(
        _ outcome: CheckOutcome, _ probe: String, _ kind: CheckKind, _ target: String, took duration: Duration,
        at unixSeconds: Double
    ) {
        durations(probe, kind.rawValue, target).observe(duration)
        runs(probe, kind.rawValue, target, outcome.rawValue).increment()
        if outcome == .ok { lastSuccess(probe, kind.rawValue, target).set(unixSeconds) }
    }

    /// The labels of every series of a check.
    static func labels(_ probe: String, _ kind: CheckKind, _ target: String) -> [LabelPair] {
        [
            LabelPair(name: "probe", value: probe), LabelPair(name: "kind", value: kind.rawValue),
            LabelPair(name: "target", value: target),
        ]
    }

    static let runDuration = MetricDescriptor(
        "probe_run_duration_seconds", "Time that checks took.", kind: .histogram, unit: "seconds")
    static let runsTotal = MetricDescriptor("probe_runs_total", "Checks by how they ended.", kind: .counter)
    static let lastSuccessTimestamp = MetricDescriptor(
        "probe_last_success_timestamp_seconds", "When the check last passed.", kind: .gauge, unit: "seconds")
    static let counted = [runDuration, runsTotal, lastSuccessTimestamp]

    static let all = families.map(\.descriptor) + counted

    /// The series of a check that could tell everything.
    static let planned = series(families)

    /// The series of one check of a kind.
    static func series(_ families: [CheckFamily]) -> [PlannedFamily] {
        families.map { family in
            PlannedFamily(family.descriptor, labels + family.labels, most: family.most)
        } + [
            PlannedFamily(runDuration, labels, most: 1),
            PlannedFamily(runsTotal, labels + ["result"], most: CheckOutcome.allCases.count),
            PlannedFamily(lastSuccessTimestamp, labels, most: 1),
        ]
    }
}
