internal import ExporterKit

/// What a group tells about itself. Label values are names from the configuration and closed sets.
struct GroupMetrics: Sendable {
    private let runs: LabeledFamily<Counter>
    private let durations: LabeledFamily<Histogram>
    private let drops: LabeledFamily<Counter>
    private let errors: LabeledFamily<Counter>

    /// How a run ended.
    enum Outcome: String, CaseIterable {
        case ok
        case partial
        case error
        case timeout
        case skipped
    }

    init(_ registry: Registry) {
        runs = registry.counter(Self.runsTotal.name, Self.runsTotal.help, labels: ["group", "result"])
        durations = registry.histogram(
            Self.duration.name, Self.duration.help, labels: ["group"],
            buckets: .explicit([0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]))
        drops = registry.counter(Self.dropped.name, Self.dropped.help, labels: ["group", "reason"])
        errors = registry.counter(Self.errorsTotal.name, Self.errorsTotal.help, labels: ["group", "reason"])
    }

    /// Counters that exist before anything happens, so that `rate` sees their first step.
    func announce(_ group: String) {
        for outcome in Outcome.allCases { _ = runs(group, outcome.rawValue) }
        if !ConfigurationReader.reservedGroups.contains(group) {
            for reason in DropReason.allCases { _ = drops(group, reason.rawValue) }
        }
        _ = durations(group)
    }

    func count(_ findings: Findings, of group: String, took duration: Duration) {
        let outcome: Outcome =
            switch findings.error?.reason {
            case nil: .ok
            case .timeout? where findings.families.isEmpty: .timeout
            case .some: findings.families.isEmpty ? .error : .partial
            }
        runs(group, outcome.rawValue).increment()
        durations(group).observe(duration)
        if let reason = findings.error?.reason { errors(group, reason.rawValue).increment() }
        for (reason, count) in findings.dropped { drops(group, reason.rawValue).increment(by: Double(count)) }
    }

    func skipped(_ group: String, _ count: Int) {
        runs(group, Outcome.skipped.rawValue).increment(by: Double(count))
    }

    static func describe(
        _ group: String, success: Bool?, lastSuccess: Double?, isStale: Bool, series: Int, into sink: inout MetricSink
    ) {
        let labels = LabelSet(["group": group])
        sink.add(Self.success, success.map { $0 ? 1 : 0 }, labels)
        sink.add(lastSuccessTimestamp, lastSuccess, labels)
        sink.add(stale, isStale ? 1 : 0, labels)
        sink.add(seriesCount, Double(series), labels)
    }

    static let success = MetricDescriptor(
        "app_exporter_group_success", "Whether the last run of the group gave all its metrics.", kind: .gauge)
    static let runsTotal = MetricDescriptor(
        "app_exporter_group_runs_total", "Runs of the group by how they ended.", kind: .counter)
    static let errorsTotal = MetricDescriptor(
        "app_exporter_group_errors_total", "Runs of the group that went wrong, by cause.", kind: .counter)
    static let duration = MetricDescriptor(
        "app_exporter_group_duration_seconds", "Time a run of the group takes.", kind: .histogram, unit: "seconds")
    static let lastSuccessTimestamp = MetricDescriptor(
        "app_exporter_group_last_success_timestamp_seconds", "When a run of the group last gave all its metrics.",
        kind: .gauge, unit: "seconds")
    static let stale = MetricDescriptor(
        "app_exporter_group_stale", "Whether values of the group are withheld because they are older than stale_after.",
        kind: .gauge)
    static let seriesCount = MetricDescriptor(
        "app_exporter_group_series", "Series of the group that are exposed now.", kind: .gauge)
    static let dropped = MetricDescriptor(
        "app_exporter_samples_dropped_total", "Values of the group that are not exposed, by reason.", kind: .counter)

    static let all = [
        success, runsTotal, errorsTotal, duration, lastSuccessTimestamp, stale, seriesCount, dropped,
    ]
}

extension GroupMetrics {
    /// The series of one group.
    static let planned = all.map { metric in
        switch metric.name {
        case runsTotal.name: PlannedFamily(metric, ["group", "result"], most: Outcome.allCases.count)
        case dropped.name: PlannedFamily(metric, ["group", "reason"], most: DropReason.allCases.count)
        case errorsTotal.name: PlannedFamily(metric, ["group", "reason"], most: 10)
        default: PlannedFamily(metric, ["group"], most: 1)
        }
    }
}
