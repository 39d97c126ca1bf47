internal import ExporterCommand
internal import ExporterKit

extension ConfigurationReader {
    /// Names under which the vector part reports about itself.
    static let reservedGroups = ["vector_catalog", "vector_probe", "vector_recall", "vector_cached"]

    /// `groups:` one question each.
    mutating func readGroups(_ node: YAMLNode) throws(ConfigurationError) {
        for entry in try node.entries() {
            try entry.checkName("group")
            guard !Self.reservedGroups.contains(entry.key) else {
                throw entry.error("the name \(entry.key) is used by the vector part; choose another one")
            }
            configuration.groups.append(try group(entry))
        }
    }

    private mutating func group(_ entry: YAMLEntry) throws(ConfigurationError) -> GroupConfiguration {
        var map = try entry.value.mapping("group \(entry.key)")
        let sourceNode = try map.node("source")
        let source = try source(sourceNode, ["postgres", "redis", "http"], for: "a group")
        let timing = try readTiming(&map, defaults)
        let limit = try map.optionalInt("max_series", in: 1...100_000) ?? defaults.maximumSeries
        var labels = defaults.labels
        if let node = map.optionalNode("labels") {
            for own in try readLabels(node) {
                labels.removeAll { $0.name == own.name }
                labels.append(own)
            }
        }
        let question: GroupConfiguration.Question
        switch source.kind {
        case .postgres: question = try sql(&map, fixed: labels)
        case .redis: question = .redis(try redisQuestions(&map, fixed: labels))
        case .http: question = .json(try json(&map, fixed: labels))
        }
        try map.finish()
        return GroupConfiguration(
            name: entry.key, source: source.name, timing: timing, maximumSeries: limit, labels: labels,
            question: question)
    }

    // MARK: - Kinds

    private mutating func sql(
        _ map: inout YAMLMapping, fixed: [(name: String, value: String)]
    ) throws(ConfigurationError) -> GroupConfiguration.Question {
        let text = try map.string("sql")
        var metrics: [SQLMetric] = []
        for node in try map.sequence("metrics") {
            var map = try node.mapping("a metric")
            let value = try map.string("value")
            var labels: [(name: String, column: String)] = []
            if let node = map.optionalNode("labels") { labels = try labelColumns(node) }
            let rule = try rule(&map, at: node, labels: labels.map(\.name), fixed: fixed)
            try map.finish()
            metrics.append(SQLMetric(rule: rule, value: value, labels: labels))
        }
        return .sql(text, metrics)
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

    private mutating func json(
        _ map: inout YAMLMapping, fixed: [(name: String, value: String)]
    ) throws(ConfigurationError) -> JSONQuestion {
        let pathNode = try map.node("get")
        let path = try pathNode.string()
        guard path.hasPrefix("/") else { throw pathNode.error("get must be a path that begins with /, not `\(path)`") }
        let items: JqProgram
        if let node = map.optionalNode("items") { items = try node.jq() } else { items = try pathNode.identity() }
        var metrics: [JSONMetric] = []
        for node in try map.sequence("metrics") { metrics.append(try jsonMetric(node, fixed: fixed)) }
        return JSONQuestion(path: path, items: items, metrics: metrics)
    }

    private mutating func jsonMetric(
        _ node: YAMLNode, fixed: [(name: String, value: String)]
    ) throws(ConfigurationError) -> JSONMetric {
        var map = try node.mapping("a metric")
        let reduction = try map.optionalChoice("reduce", of: Reduction.allCases.map(\.rawValue)).flatMap(Reduction.init)
        let valueNode = map.optionalNode("value")
        if valueNode == nil, reduction != .count {
            throw node.error("value is missing in a metric; write a jq expression, or reduce: count")
        }
        if let valueNode, reduction == .count {
            throw valueNode.error("reduce: count counts items and takes no value; remove it")
        }
        var labels: [(name: String, value: JqProgram)] = []
        if let node = map.optionalNode("labels") {
            for entry in try node.entries() {
                try entry.checkLabelName()
                labels.append((entry.key, try entry.value.jq()))
            }
        }
        let rule = try rule(&map, at: node, labels: labels.map(\.name), fixed: fixed)
        try map.finish()
        return JSONMetric(rule: rule, value: try valueNode?.jq(), labels: labels, reduction: reduction)
    }

    // MARK: - Rules

    /// `gauge: NAME` or `counter: NAME`, `help`, `on_null`, `on_duplicate`.
    mutating func rule(
        _ map: inout YAMLMapping, at node: YAMLNode, labels: [String], fixed: [(name: String, value: String)]
    ) throws(ConfigurationError) -> MetricRule {
        let gauge = map.optionalNode("gauge")
        let counter = map.optionalNode("counter")
        guard let nameNode = gauge ?? counter, gauge == nil || counter == nil else {
            throw node.error("a metric needs either gauge: NAME or counter: NAME")
        }
        let helpNode = try map.node("help")
        let help = try helpNode.string()
        guard !help.isEmpty, !help.contains(where: \.isNewline) else {
            throw helpNode.error("help must be one line of text")
        }
        if let clash = labels.first(where: { label in fixed.contains { $0.name == label } }) {
            throw node.error("the label \(clash) is already on every series by defaults or the group; rename one")
        }
        let nulls = try map.optionalChoice("on_null", of: ["skip", "zero"])
        let duplicates = try map.optionalChoice("on_duplicate", of: DuplicateRule.allCases.map(\.rawValue))
        let descriptor = MetricDescriptor(try nameNode.string(), help, kind: gauge == nil ? .counter : .gauge)
        try book.declare(descriptor, labels: labels + fixed.map(\.name), at: nameNode)
        return MetricRule(
            descriptor: descriptor, nullIsZero: nulls == "zero",
            onDuplicate: duplicates.flatMap(DuplicateRule.init) ?? .error)
    }
}

extension YAMLNode {
    /// The expression that gives what it is given.
    fileprivate func identity() throws(ConfigurationError) -> JqProgram {
        do throws(JqError) { return try JqProgram(".") } catch { throw self.error("\(error)") }
    }
}
