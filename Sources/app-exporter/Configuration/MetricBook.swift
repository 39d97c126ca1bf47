internal import ExporterCommand
internal import ExporterKit

/// Every metric that the file declares, so that one name means one thing.
struct MetricBook {
    private struct Entry {
        let descriptor: MetricDescriptor
        let labels: [String]
        let position: YAMLPosition
    }
    private var entries: [String: Entry] = [:]

    /// Name, help and kind of everything declared, by name.
    var descriptors: [MetricDescriptor] { entries.values.map(\.descriptor).sorted { $0.name < $1.name } }

    /// Takes a declaration.
    ///
    /// - Parameter labels: names of the labels that tell the series apart, without those on all series.
    /// - Throws: illegal or reserved names; a name declared before as something else, with both places.
    mutating func declare(
        _ descriptor: MetricDescriptor, labels: [String], at node: YAMLNode
    ) throws(ConfigurationError) {
        try check(descriptor, at: node)
        let entry = Entry(descriptor: descriptor, labels: labels.sorted(), position: node.position)
        guard let first = entries[descriptor.name] else {
            entries[descriptor.name] = entry
            return
        }
        let difference: String
        if first.descriptor.kind != descriptor.kind {
            difference = "as a \(first.descriptor.kind.rawValue)"
        } else if first.descriptor.help != descriptor.help {
            difference = "with another help"
        } else if first.labels != entry.labels {
            difference = "with the labels \(first.labels.isEmpty ? "(none)" : first.labels.joined(separator: ", "))"
        } else {
            return
        }
        throw node.error(
            "\(descriptor.name) is declared at \(first.position) \(difference); make both the same or rename one")
    }

    private func check(_ descriptor: MetricDescriptor, at node: YAMLNode) throws(ConfigurationError) {
        let name = descriptor.name
        guard MetricNames.isLegalMetricName(name), !name.contains(":") else {
            throw node.error("`\(name)` cannot be the name of a metric; use letters, digits and _, not a digit first")
        }
        if descriptor.kind == .counter, !name.hasSuffix("_total") {
            throw node.error("the name of a counter ends with _total; call it \(name)_total, or make it a gauge")
        }
        if descriptor.kind == .gauge, name.hasSuffix("_total") {
            throw node.error("only the name of a counter ends with _total; rename \(name), or make it a counter")
        }
        if descriptor.kind == .histogram,
            let part = ["_total", "_bucket", "_sum", "_count"].first(where: { name.hasSuffix($0) })
        {
            throw node.error("the name of a histogram does not end with \(part), which its series do; rename \(name)")
        }
        if Truncation.all.contains(where: { $0.name == name }) || LedgerMetrics.all.contains(where: { $0.name == name })
        {
            throw node.error("\(name) belongs to the exporter itself; choose another name")
        }
        let reserved = ["app_exporter_", "vector_", "probe_", "process_", "promhttp_"]
        if let prefix = reserved.first(where: { name.hasPrefix($0) }) {
            throw node.error("names that begin with \(prefix) belong to the exporter itself; rename \(name)")
        }
    }
}
