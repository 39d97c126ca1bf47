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
        case .http:
            if let node = map.optionalNode("stripe_ledger") {
                question = .ledger(try ledger(node, &map, timing, fixed: labels))
            } else {
                question = .json(try json(&map, fixed: labels))
            }
        }
        try map.finish()
        return GroupConfiguration(
            name: entry.key, source: source.name, timing: timing, maximumSeries: limit, labels: labels,
            question: question)
    }

    // MARK: - Kinds

    // MARK: - Rules

    /// `gauge: NAME` or another kind, `help`, `on_null`, `on_duplicate`.
    ///
    /// - Parameter kinds: those that the group can give.
    mutating func rule(
        _ map: inout YAMLMapping, at node: YAMLNode, labels: [String], fixed: [(name: String, value: String)],
        kinds: [MetricKind] = [.gauge, .counter]
    ) throws(ConfigurationError) -> MetricRule {
        let named = kinds.compactMap { kind in map.optionalNode(kind.rawValue).map { (kind, $0) } }
        guard let (kind, nameNode) = named.first, named.count == 1 else {
            throw node.error(
                "a metric needs either \(kinds.map { "\($0.rawValue): NAME" }.joined(separator: " or "))")
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
        let descriptor = MetricDescriptor(try nameNode.string(), help, kind: kind)
        try book.declare(descriptor, labels: labels + fixed.map(\.name), at: nameNode)
        return MetricRule(
            descriptor: descriptor, nullIsZero: nulls == "zero",
            onDuplicate: duplicates.flatMap(DuplicateRule.init) ?? .error)
    }
}
