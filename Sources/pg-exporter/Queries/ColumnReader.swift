internal import ExporterCommand
internal import ExporterKit

/// Reads the columns of one query.
struct ColumnReader {
    private static let usages = ["COUNTER", "GAUGE", "LABEL", "DISCARD", "HISTOGRAM", "MAPPEDMETRIC", "DURATION"]

    private let name: String
    private let dialect: QueryReader.Dialect
    private var map: YAMLMapping

    /// - Parameters:
    ///   - node: a list of columns, each a key with its properties; `nil` is none.
    ///   - namespace: of the query.
    static func read(
        _ node: YAMLNode?, of dialect: QueryReader.Dialect, _ namespace: String
    ) throws(ConfigurationError) -> [CustomColumn] {
        guard let node else { return [] }
        var columns: [CustomColumn] = []
        var seen: [String: String] = [:]
        for item in try node.sequence() {
            for entry in try item.entries() {
                var reader = try ColumnReader(entry, dialect)
                let column = try reader.column(namespace)
                for name in Self.names(of: column, namespace) {
                    if let first = seen.updateValue(column.name, forKey: name) {
                        throw entry.error("the columns \(first) and \(column.name) both give \(name); rename one")
                    }
                }
                columns.append(column)
                if columns.contains(where: \.isHistogram), columns.contains(where: \.isBoundLabel) {
                    throw entry.error("the label le belongs to histograms, of which the query has one; rename it")
                }
            }
        }
        return columns
    }

    /// What must not be there twice: the column itself, and what it is exposed as.
    private static func names(of column: CustomColumn, _ namespace: String) -> [String] {
        let exposed: [String]
        switch column.usage {
        case .label: exposed = ["the label \(column.exposedName)"]
        default: exposed = column.descriptors(in: namespace).map { "the metric \($0.name)" }
        }
        return ["the column \(column.name)"] + exposed
    }

    private init(_ entry: YAMLEntry, _ dialect: QueryReader.Dialect) throws(ConfigurationError) {
        name = entry.key
        self.dialect = dialect
        map = try entry.value.mapping("the column \(entry.key)")
    }

    private mutating func column(_ namespace: String) throws(ConfigurationError) -> CustomColumn {
        let word = try usageWord()
        var (source, exposed) = (name, name)
        if let other = try map.optionalString("name") {
            // Pigsty's format renames with `rename`, and means the answer's column with `name`.
            if dialect == .pigsty { (source, exposed) = (other, other) } else { exposed = other }
        }
        if let rename = try map.optionalString("rename") { exposed = rename }
        let help = try map.optionalString("description") ?? ""
        let versions = try map.optionalNode("pg_version").map { node throws(ConfigurationError) in
            try QueryReader.versions(node)
        }
        let usage = try usage(word)
        if word == "LABEL", !MetricNames.isValidLabelName(exposed) {
            throw map.error("the label \(exposed) begins with __, which belongs to Prometheus; rename it")
        }
        try map.finish()
        return CustomColumn(
            name: source, exposedName: exposed, usage: usage,
            help: help.isEmpty ? "Column \(source) of the custom query \(namespace)." : help, versions: versions)
    }

    /// In capitals, however it is written.
    private mutating func usageWord() throws(ConfigurationError) -> String {
        let node = try map.node("usage")
        let text = try node.string()
        if let word = Self.usages.first(where: { $0 == text.uppercased() }) { return word }
        return try node.choice(of: Self.usages)
    }

    private mutating func usage(_ word: String) throws(ConfigurationError) -> CustomColumn.Usage {
        let mapping = try mapping(word)
        let bounds = try bounds(word)
        let rule = try rule(word, hasBounds: bounds != nil)
        switch word {
        case "LABEL": return .label
        case "COUNTER": return .counter(rule)
        case "GAUGE": return .gauge(rule)
        case "MAPPEDMETRIC": return .mapped(mapping)
        case "DURATION": return .duration
        case "HISTOGRAM": return bounds.map { .observations(bounds: $0, rule) } ?? .histogram
        default: return .discard
        }
    }

    private mutating func mapping(_ word: String) throws(ConfigurationError) -> [String: Double] {
        guard word == "MAPPEDMETRIC" else {
            if let node = map.optionalNode("metric_mapping") {
                throw node.error("metric_mapping is for MAPPEDMETRIC; the column \(name) is a \(word)")
            }
            return [:]
        }
        var mapping: [String: Double] = [:]
        for entry in try map.entries("metric_mapping") { mapping[entry.key] = try entry.value.double() }
        return mapping
    }

    private mutating func bounds(_ word: String) throws(ConfigurationError) -> [Double]? {
        guard let node = map.optionalNode("bucket") else { return nil }
        guard word == "HISTOGRAM" else {
            throw node.error("bucket is for HISTOGRAM; the column \(name) is a \(word)")
        }
        var bounds: [Double] = []
        for item in try node.sequence() { bounds.append(try item.double()) }
        guard !bounds.isEmpty, zip(bounds, bounds.dropFirst()).allSatisfy({ $0 < $1 }) else {
            throw node.error("bucket must be numbers that ascend, such as [0.1, 1, 10]; +Inf is added by itself")
        }
        return bounds
    }

    private mutating func rule(
        _ word: String, hasBounds: Bool
    ) throws(ConfigurationError) -> CustomColumn.NumberRule {
        let isNumber = ["COUNTER", "GAUGE"].contains(word) || hasBounds
        var rule = CustomColumn.NumberRule()
        for key in ["scale", "default"] {
            guard let node = map.optionalNode(key) else { continue }
            guard isNumber || ["LABEL", "DISCARD"].contains(word) else {
                throw node.error(
                    "\(key) is for COUNTER, GAUGE and HISTOGRAM with bucket; the column \(name) is a \(word)")
            }
            let text = try node.string()
            guard let number = Double(text), number.isFinite else {
                throw node.error("\(key) must be a number, not `\(text)`")
            }
            if key == "scale" { rule.scale = number } else { rule.whenNull = number }
        }
        return rule
    }
}
