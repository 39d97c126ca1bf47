internal import ExporterKit

/// A check of the configuration, asked again and again.
struct ScheduledCheck: ScheduledWork {
    let name: String
    let timing: Timing
    let check: any Check
    let metrics: CheckMetrics
    let time: Timekeeper
    private let labels: [LabelPair]

    init(_ name: String, _ timing: Timing, _ check: any Check, metrics: CheckMetrics, time: Timekeeper) {
        self.name = name
        self.timing = timing
        self.check = check
        self.metrics = metrics
        self.time = time
        let kind = type(of: check).kind
        labels = CheckMetrics.labels(name, kind, check.target)
        metrics.announce(name, kind, check.target)
    }

    var kind: WorkKind { .check }
    var target: String? { check.target }
    var planned: [PlannedFamily] { CheckMetrics.series(type(of: check).families) }

    func run(until deadline: ContinuousClock.Instant) async -> Findings {
        let (result, took) = await check.result(until: deadline)
        var findings = Findings()
        findings.error = result.verdict.error
        guard findings.error?.reason != .cancelled else { return findings }
        var sink = MetricSink()
        result.write(labels, into: &sink)
        findings.families[0] = sink.families
        metrics.count(
            result.verdict.outcome, name, type(of: check).kind, check.target, took: took, at: time.unixSeconds())
        return findings
    }
}
