internal import ExporterCommand
internal import ExporterKit

/// Which metrics there are, with their kinds and labels as far as they are known.
struct MetricKnowledge {
    struct Metric {
        var kind: MetricKind?
        /// `nil` when nobody has said which.
        var labels: Set<String>?
    }

    private(set) var metrics: [String: Metric] = [:]
    /// Labels that every series gets on its way: `job`, `instance`, and what the user says.
    let external: Set<String>

    init(external: [String] = []) {
        self.external = Set(["job", "instance"] + external)
        for name in [
            "up", "scrape_duration_seconds", "scrape_samples_scraped", "scrape_samples_post_metric_relabeling",
            "scrape_series_added",
        ] { metrics[name] = Metric(kind: .gauge, labels: []) }
        for name in ["ALERTS", "ALERTS_FOR_STATE"] { metrics[name] = Metric(kind: .gauge, labels: nil) }
    }

    /// Takes a metric; what is known twice has the labels of both.
    mutating func add(_ name: String, _ kind: MetricKind?, _ labels: Set<String>?) {
        guard let present = metrics[name] else {
            metrics[name] = Metric(kind: kind, labels: labels)
            return
        }
        let both = present.labels.map { $0.union(labels ?? []) } ?? labels
        metrics[name] = Metric(kind: present.kind ?? kind, labels: both)
    }

    /// What a rule records; takes the place of what was known of this name from rules before.
    mutating func record(_ name: String, _ labels: Set<String>?) { metrics[name] = Metric(kind: nil, labels: labels) }

    /// Everything a configuration gives, and the exporter tells of itself.
    mutating func add(_ configuration: AppConfiguration) {
        for row in SeriesPlan(configuration).rows { add(row.descriptor.name, row.descriptor.kind, Set(row.labels)) }
        for descriptor in AppExporter.selfMetrics where metrics[descriptor.name] == nil {
            add(descriptor.name, descriptor.kind, nil)
        }
        add("app_exporter_build_info", .gauge, ["version", "revision", "swift_version"])
        for name in ["exporter_dropped_series_total", "exporterkit_misuse_total"] { add(name, .counter, nil) }
        for name in [
            "exporter_refused_scrapes_total", "exporter_late_sources_total", "exporter_refused_connections_total",
        ] { add(name, .counter, []) }
    }

    // MARK: - Asking

    /// The metric that a series of this name belongs to.
    func find(_ series: String) -> Metric? {
        if let metric = metrics[series] {
            if metric.kind == .summary {
                return Metric(kind: .gauge, labels: metric.labels.map { $0.union(["quantile"]) })
            }
            return metric
        }
        for suffix in ["_bucket", "_sum", "_count"] where series.hasSuffix(suffix) {
            guard let metric = metrics[String(series.dropLast(suffix.count))],
                metric.kind == .histogram || metric.kind == .summary
            else { continue }
            let bound: Set<String> = suffix == "_bucket" ? ["le"] : []
            return Metric(kind: .counter, labels: metric.labels.map { $0.union(bound) })
        }
        return nil
    }

    /// The name that was probably meant: ` (did you mean X?)`.
    func hint(_ name: String) -> String {
        var candidates: [String] = []
        for (known, metric) in metrics {
            let suffixes = metric.kind == .histogram ? ["", "_bucket", "_sum", "_count"] : [""]
            for suffix in suffixes where abs(known.count + suffix.count - name.count) <= max(1, name.count / 3) {
                candidates.append(known + suffix)
            }
        }
        return Nearest.hint(name, among: candidates.sorted())
    }
}
