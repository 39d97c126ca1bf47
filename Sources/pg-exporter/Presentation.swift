internal import ExporterCommand
internal import ExporterKit

/// Labels that every series of a server is given: those of `--constantLabels`, and `server` where several servers are
/// scraped.
struct Presentation: Sendable {
    let labels: [(name: String, value: String)]

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

    /// The families with the labels; a series that has a label of the name keeps its own.
    func families(_ families: [MetricFamily]) -> [MetricFamily] {
        guard !labels.isEmpty else { return families }
        return families.map { family in
            MetricFamily(
                family.descriptor,
                family.samples.map { sample in
                    let set = labels.reduce(sample.labels) { $0.adding($1.name, $1.value) ?? $0 }
                    return Sample(sample.value, set)
                })
        }
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
