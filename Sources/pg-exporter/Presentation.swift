internal import ExporterCommand
internal import ExporterKit

/// How the series of a server are shown: labels that each is given, from `--constantLabels` and, where several servers are
/// scraped, `server`; and the first word of the metrics that `--metric-prefix` is for.
struct Presentation: Sendable {
    var prefix = "pg"
    var labels: [(name: String, value: String)] = []

    /// Reads `--metric-prefix`.
    ///
    /// - Throws: `UsageError` for what no name can begin with.
    static func prefix(_ flags: FlagValues) throws(UsageError) -> String {
        let prefix = flags.string("metric-prefix")
        guard MetricNames.isLegalMetricName(prefix) else {
            throw UsageError(
                "\(flags.origin("metric-prefix")): `\(Shown.clipped(prefix))` cannot begin a metric's name; use letters and _"
            )
        }
        return prefix
    }

    /// Reads `a=b,c=d`.
    ///
    /// - Throws: `UsageError` for what is not of this form, and for a name that Prometheus would refuse.
    static func constantLabels(_ flags: FlagValues) throws(UsageError) -> [(name: String, value: String)] {
        var labels: [(name: String, value: String)] = []
        for text in flags.list("constantLabels") {
            let parts = text.split(separator: "=", maxSplits: 1).map { DataSourcePieces.trimmed($0) }
            guard parts.count == 2, MetricNames.isLegalLabelName(parts[0]), !parts[0].hasPrefix("__") else {
                throw UsageError(
                    "\(flags.origin("constantLabels")): `\(Shown.clipped(text))` is not NAME=VALUE, as in env=prod,team=db"
                )
            }
            guard !labels.contains(where: { $0.name == parts[0] }) else {
                throw UsageError("\(flags.origin("constantLabels")): \(parts[0]) is given twice")
            }
            labels.append((parts[0], parts[1]))
        }
        return labels
    }

    /// The families as they are shown; a series that has a label of the name keeps its own.
    func families(_ families: [MetricFamily]) -> [MetricFamily] {
        guard !labels.isEmpty || prefix != "pg" else { return families }
        return families.map { MetricFamily(named($0.descriptor), labels.isEmpty ? $0.samples : labelled($0.samples)) }
    }

    private func labelled(_ samples: [Sample]) -> [Sample] {
        samples.map { sample in
            Sample(sample.value, labels.reduce(sample.labels) { $0.adding($1.name, $1.value) ?? $0 })
        }
    }

    /// postgres_exporter's newest releases put the prefix before these only, and before custom queries.
    private func named(_ metric: MetricDescriptor) -> MetricDescriptor {
        guard prefix != "pg", metric.name == "pg_static" || metric.name.hasPrefix("pg_stat_database_conflicts_") else {
            return metric
        }
        return MetricDescriptor(prefix + metric.name.dropFirst(2), metric.help, kind: metric.kind, unit: metric.unit)
    }
}

/// The scrape of a server as it is shown, asked for no longer than a given time, whatever the request allows.
struct PresentedSource: MetricSource {
    let source: any MetricSource
    let presentation: Presentation
    let limit: Duration

    var collectors: [CollectorStatus] { source.collectors }

    func families(for request: ScrapeRequest) async -> [MetricFamily] {
        let deadline = min(request.deadline, .after(limit))
        return presentation.families(
            await source.families(for: ScrapeRequest(filter: request.filter, deadline: deadline)))
    }
}

/// What is served when no server is named: `pg_up 0`.
struct NoServer: MetricSource {
    func families(for request: ScrapeRequest) async -> [MetricFamily] {
        let up = MetricDescriptor("pg_up", "Whether the server could be reached in this scrape.", kind: .gauge)
        return [MetricFamily(up, [Sample(0)])]
    }
}
