internal import ExporterKit

/// The objectives as metrics, so that dashboards read them instead of repeating them.
struct ObjectiveMetrics: MetricSource {
    /// What is configured now.
    let objectives: @Sendable () -> [Objective]

    /// Yes: nobody is asked.
    var answersAtOnce: Bool { true }

    func families(for request: ScrapeRequest) async -> [MetricFamily] {
        var sink = MetricSink()
        for objective in objectives() {
            let labels: LabelSet = ["service": objective.service, "slo": objective.name]
            sink.add(Self.objective, objective.objective, labels)
            sink.add(Self.window, objective.window.seconds, labels)
            guard let latency = objective.latency else { continue }
            sink.add(
                Self.threshold, latency.limit.seconds,
                ["service": objective.service, "slo": objective.name, "percentile": "\(latency.percentile)"])
        }
        return sink.families
    }

    static let objective = MetricDescriptor(
        "slo_objective_ratio", "Share of events that are to be good.", kind: .gauge, unit: "ratio")
    static let threshold = MetricDescriptor(
        "slo_latency_threshold_seconds", "Time within which an event is good.", kind: .gauge, unit: "seconds")
    static let window = MetricDescriptor(
        "slo_window_seconds", "Time over which the objective is to be met.", kind: .gauge, unit: "seconds")
    static let all = [objective, threshold, window]

    /// The series of these objectives.
    static func planned(_ objectives: [Objective]) -> [PlannedFamily] {
        guard !objectives.isEmpty else { return [] }
        let labels = ["service", "slo"]
        let slow = objectives.count { $0.latency != nil }
        let both = [objective, window].planned(labels, most: objectives.count)
        return slow == 0 ? both : both + [PlannedFamily(threshold, labels + ["percentile"], most: slow)]
    }
}
