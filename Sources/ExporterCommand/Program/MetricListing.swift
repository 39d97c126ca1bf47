internal import ExporterKit

/// Every metric of a program, for people (markdown) and for tools (JSON).
struct MetricListing {
    private let name: String
    private let collectors: [CollectorListing]
    private let selfMetrics: [MetricDescriptor]
    private let configured: [MetricDescriptor]

    /// - Parameter configured: metrics that the flags or a file add.
    init<Program: ExporterProgram>(_ program: Program.Type, configured: [MetricDescriptor] = []) {
        self.configured = configured
        name = Program.name
        collectors = Program.collectors
        selfMetrics = Program.selfMetrics
    }

    /// - Parameter format: `json`, else markdown.
    func text(as format: String) -> String { format == "json" ? json : markdown }

    private var markdown: String {
        var text = "# Metrics of \(name)\n"
        for collector in collectors {
            let flag = collector.descriptor
            text += "\n## \(flag.name)\n\n\(flag.summary) "
            text +=
                flag.enabledByDefault
                ? "On unless `--no-collector.\(flag.name)` is given.\n"
                : "Off unless `--collector.\(flag.name)` is given.\n"
            text += table(collector.metrics)
        }
        if !configured.isEmpty { text += "\n## As configured\n" + table(configured) }
        if !selfMetrics.isEmpty { text += "\n## About the exporter\n" + table(selfMetrics) }
        return text
    }

    private func table(_ metrics: [MetricDescriptor]) -> String {
        guard !metrics.isEmpty else { return "" }
        let rows = metrics.map { "| `\($0.name)` | \($0.kind.rawValue) | \(cell($0.help)) |\n" }
        return "\n| Metric | Kind | Meaning |\n|---|---|---|\n" + rows.joined()
    }

    private func cell(_ text: String) -> String {
        let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
        return line.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
    }

    private var json: String {
        let groups = collectors.map { collector in
            let flag = collector.descriptor
            return "{\"collector\":\(JSONText.string(flag.name)),\"enabled_by_default\":\(flag.enabledByDefault),"
                + "\"summary\":\(JSONText.string(flag.summary)),\"metrics\":\(list(collector.metrics))}"
        }
        return
            "{\"program\":\(JSONText.string(name)),\"version\":\(JSONText.string(FleetVersion.current)),\"collectors\":["
            + groups.joined(separator: ",") + "],\"configured\":\(list(configured)),\"self\":\(list(selfMetrics))}\n"
    }

    private func list(_ metrics: [MetricDescriptor]) -> String {
        let items = metrics.map { metric in
            let unit = metric.unit.map { ",\"unit\":\(JSONText.string($0))" } ?? ""
            return "{\"name\":\(JSONText.string(metric.name)),\"kind\":\"\(metric.kind.rawValue)\","
                + "\"help\":\(JSONText.string(metric.help))\(unit)}"
        }
        return "[" + items.joined(separator: ",") + "]"
    }
}
