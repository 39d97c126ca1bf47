internal import ExporterCommand
internal import ExporterKit

extension ConfigurationReader {
    /// A SQL group: `sql:` and `metrics:`.
    mutating func sql(
        _ map: inout YAMLMapping, fixed: [(name: String, value: String)]
    ) throws(ConfigurationError) -> GroupConfiguration.Question {
        let text = try map.string("sql")
        var metrics: [SQLMetric] = []
        for node in try map.sequence("metrics") { metrics.append(try sqlMetric(node, fixed: fixed)) }
        return .sql(text, metrics)
    }

    private mutating func sqlMetric(
        _ node: YAMLNode, fixed: [(name: String, value: String)]
    ) throws(ConfigurationError) -> SQLMetric {
        var map = try node.mapping("a metric")
        let value = map.optionalNode("value")
        let buckets = map.optionalNode("buckets")
        let (sum, count) = (try map.optionalString("sum"), try map.optionalString("count"))
        var labels: [(name: String, column: String)] = []
        if let node = map.optionalNode("labels") { labels = try labelColumns(node) }
        let rule = try rule(
            &map, at: node, labels: labels.map(\.name), fixed: fixed, kinds: [.gauge, .counter, .histogram])
        try map.finish()
        guard rule.descriptor.kind == .histogram else {
            if let buckets { throw buckets.error("buckets belong to a histogram") }
            guard let value else { throw node.error("value is missing in a metric; write the name of a column") }
            if sum != nil || count != nil { throw node.error("sum and count belong to a histogram") }
            return SQLMetric(rule: rule, value: .column(try value.string()), labels: labels)
        }
        if rule.onDuplicate == .max { throw node.error("on_duplicate: max does not fit a histogram; use sum") }
        return SQLMetric(
            rule: rule, value: .histogram(try histogram(value, buckets, sum, count, at: node)), labels: labels)
    }

    /// Arrays as in the queries of postgres_exporter (`value: name`, with `name_bucket`, `name_sum` and `name_count` beside
    /// it), or one column per bucket.
    private func histogram(
        _ value: YAMLNode?, _ buckets: YAMLNode?, _ sum: String?, _ count: String?, at node: YAMLNode
    ) throws(ConfigurationError) -> SQLHistogram {
        if let value, buckets == nil {
            let name = try value.string()
            return SQLHistogram(
                buckets: .arrays(bounds: name, counts: name + "_bucket"), sum: sum ?? name + "_sum",
                count: count ?? name + "_count")
        }
        guard let buckets, value == nil else {
            throw node.error(
                "a histogram needs value: COLUMN with an array of bounds, or buckets: { BOUND: COLUMN, ... }")
        }
        guard let sum, let count else {
            throw node.error("a histogram with buckets needs sum: COLUMN and count: COLUMN")
        }
        var columns: [(bound: Double, column: String)] = []
        for entry in try buckets.entries() {
            guard let bound = Double(entry.key), bound.isFinite else {
                throw entry.error("`\(entry.key)` is no upper bound; write a number (the bucket +Inf is the count)")
            }
            columns.append((bound, try entry.value.string()))
        }
        columns.sort { $0.bound < $1.bound }
        guard !columns.isEmpty, zip(columns, columns.dropFirst()).allSatisfy({ $0.bound < $1.bound }) else {
            throw buckets.error("buckets need different upper bounds, at least one")
        }
        return SQLHistogram(buckets: .columns(columns), sum: sum, count: count)
    }

    /// `[column]` or `{ label: column }`.
    private func labelColumns(_ node: YAMLNode) throws(ConfigurationError) -> [(name: String, column: String)] {
        if case .mapping = node.content { return try readLabels(node).map { ($0.name, $0.value) } }
        var labels: [(name: String, column: String)] = []
        for item in try node.sequence() {
            let column = try item.string()
            guard MetricNames.isLegalLabelName(column) else {
                throw item.error(
                    "`\(column)` cannot be the name of a label; write { label: column } instead of [column]")
            }
            guard !labels.contains(where: { $0.name == column }) else {
                throw item.error("the label \(column) is there twice")
            }
            labels.append((column, column))
        }
        return labels
    }
}
