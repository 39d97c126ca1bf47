internal import ExporterKit

/// All tables and custom queries in the format in which custom queries are written.
enum MapDump {
    /// YAML: a key per namespace, its columns with their use and meaning.
    static func text(_ collectors: [any Collector<PostgresSession>], _ queries: CustomQueries?) -> String {
        var dump = Dump()
        for collector in collectors {
            guard let tables = (collector as? TableCollector)?.tables else {
                for metric in collector.metrics {
                    dump.add(metric.name, word(metric.kind), metric.help, to: collector.descriptor.name)
                }
                continue
            }
            for table in tables {
                let prefix = table.metrics.prefix
                for label in table.metrics.labels { dump.add(label, "LABEL", nil, to: prefix) }
                for row in table.metrics.rows { dump.add(row.name, word(row.kind), row.help, to: prefix) }
            }
        }
        for query in queries?.queries ?? [] {
            for column in query.columns { dump.add(column.exposedName, column.word, column.help, to: query.namespace) }
        }
        return dump.text
    }

    private static func word(_ kind: MetricKind) -> String { kind == .counter ? "COUNTER" : "GAUGE" }

    /// Tables of one name are one entry, and a column is there once.
    private struct Dump {
        private var entries: [(key: String, lines: [String])] = []
        private var positions: [String: Int] = [:]
        private var seen: Set<[String]> = []

        mutating func add(_ name: String, _ usage: String, _ help: String?, to key: String) {
            guard seen.insert([key, name]).inserted else { return }
            let position = positions[key] ?? entries.count
            if position == entries.count {
                positions[key] = position
                entries.append((key, []))
            }
            entries[position].lines += ["    - \"\(name)\":", "        usage: \(usage)"]
            guard let help else { return }
            let text = help.flatMap { $0 == "\"" || $0 == "\\" ? ["\\", $0] : [$0] }
            entries[position].lines.append("        description: \"" + String(text) + "\"")
        }

        var text: String {
            entries.map { "\($0.key):\n  metrics:\n" + $0.lines.map { $0 + "\n" }.joined() }.joined()
        }
    }
}

extension CustomColumn {
    /// The usage as files write it.
    fileprivate var word: String {
        switch usage {
        case .discard: "DISCARD"
        case .label: "LABEL"
        case .counter: "COUNTER"
        case .gauge: "GAUGE"
        case .mapped: "MAPPEDMETRIC"
        case .duration: "DURATION"
        case .histogram, .observations: "HISTOGRAM"
        }
    }
}
