internal import ExporterCommand
internal import ExporterKit

extension ConfigurationReader {
    /// `vector:` catalogue, searches and recall.
    mutating func readVector(_ node: YAMLNode) throws(ConfigurationError) {
        var map = try node.mapping("vector")
        let sourceNode = try map.node("source")
        let source = try source(sourceNode, ["postgres"], for: "vector")
        var vector = VectorConfiguration(source: source.name, catalog: vectorTiming(.seconds(30)))
        if let node = map.optionalNode("extensions") { vector.extensions = try names(node, such: "[vector]") }
        vector.only = try map.optionalStrings("only") ?? []
        if let text = try map.optionalChoice("partitions", of: PartitionView.allCases.map(\.rawValue)) {
            vector.partitions = PartitionView(rawValue: text) ?? .sum
        }
        if var catalog = try map.optionalMapping("catalog") {
            var base = defaults
            base.interval = .seconds(30)
            vector.catalog = try readTiming(&catalog, base)
            try catalog.finish()
        }
        vector.probe = try map.optionalNode("probe").map { node throws(ConfigurationError) in try vectorProbe(node) }
        vector.recall = try map.optionalNode("recall").map { node throws(ConfigurationError) in try vectorRecall(node) }
        vector.cachedBytes = try map.optionalNode("cached_bytes")?.cachedBytes(vectorTiming(.seconds(300)), self) ?? nil
        vector.statements = try map.optionalBool("statements") ?? false
        if let node = map.optionalNode("ruvector") { vector.ruvector = try ruvector(node) }
        for item in try map.optionalSequence("overrides") { vector.overrides.append(try vectorOverride(item)) }
        for item in try map.optionalSequence("compat") {
            vector.isDpgCompatible = try item.choice(of: ["dpg"]) == "dpg"
        }
        try map.finish()
        try checkConnections(of: vector, source, at: sourceNode)
        configuration.vector = vector
    }

    private func checkConnections(
        of vector: VectorConfiguration, _ source: SourceConfiguration, at node: YAMLNode
    ) throws(ConfigurationError) {
        guard case .postgres(let settings) = source.kind else { return }
        let isShared = configuration.groups.contains { $0.source == source.name }
        let needed = vector.connections + (isShared ? 1 : 0)
        guard settings.maximumConnections < needed else { return }
        let users = isShared ? "groups and vector, each with connections of its own" : "searches and recall"
        throw node.error(
            "source `\(source.name)` serves \(users); raise its max_connections to \(needed) or more")
    }

    /// Timing of one of the vector part's works, where the file says nothing else.
    private func vectorTiming(_ interval: Duration) -> Timing {
        Timing(
            interval: interval, timeout: min(defaults.timeout, interval),
            staleAfter: max(interval, defaults.staleness.after(interval: interval)), jitter: defaults.jitter)
    }

    private func names(_ node: YAMLNode, such example: String) throws(ConfigurationError) -> [String] {
        let names = try node.strings()
        guard !names.isEmpty, !names.contains("") else {
            throw node.error("\(node.label ?? "the list") needs at least one name, for example \(example)")
        }
        return names
    }

    private func vectorProbe(_ node: YAMLNode) throws(ConfigurationError) -> VectorProbeSettings {
        var map = try node.mapping("vector.probe")
        let interval = try map.optionalDuration("interval", minimum: .seconds(1)) ?? .seconds(15)
        var settings = VectorProbeSettings(timing: vectorTiming(interval))
        settings.timing.timeout = interval
        settings.queries = try map.optionalInt("queries", in: 1...100) ?? settings.queries
        settings.k = try map.optionalInt("k", in: 1...1_000) ?? settings.k
        settings.timeout = try map.optionalDuration("timeout", minimum: .milliseconds(1)) ?? settings.timeout
        if let node = map.optionalNode("budget") {
            settings.budget = try node.ratio()
            guard settings.budget > 0 else {
                throw node.error("a budget of 0% allows no search; leave probe out to have the catalogue alone")
            }
        }
        if var vectors = try map.optionalMapping("vectors") {
            settings.sample = try vectors.optionalInt("sample", in: 1...1_000) ?? settings.sample
            settings.refresh = try vectors.optionalDuration("refresh", minimum: .seconds(1)) ?? settings.refresh
            try vectors.finish()
        }
        settings.buckets = try map.optionalNode("buckets")?.buckets() ?? settings.buckets
        settings.guardSQL = try map.optionalString("guard")
        try map.finish()
        return settings
    }

    private func vectorRecall(_ node: YAMLNode) throws(ConfigurationError) -> VectorRecallSettings {
        var map = try node.mapping("vector.recall")
        let interval = try map.optionalDuration("interval", minimum: .seconds(1)) ?? .seconds(6 * 3600)
        var settings = VectorRecallSettings(timing: vectorTiming(interval))
        settings.timing.timeout = interval
        settings.queries = try map.optionalInt("queries", in: 1...1_000) ?? settings.queries
        settings.k = try map.optionalInt("k", in: 1...1_000) ?? settings.k
        settings.timeout = try map.optionalDuration("timeout", minimum: .milliseconds(1)) ?? settings.timeout
        settings.maximumRows = try map.optionalInt("max_rows", in: 1...Int(Int32.max)) ?? settings.maximumRows
        try map.finish()
        return settings
    }

    private func ruvector(_ node: YAMLNode) throws(ConfigurationError) -> RuVectorSettings {
        var map = try node.mapping("vector.ruvector")
        var settings = RuVectorSettings()
        settings.probe = try map.optionalBool("probe") ?? settings.probe
        settings.force = try map.optionalBool("force") ?? settings.force
        if let node = map.optionalNode("types") { settings.types = try names(node, such: "[ruvector]") }
        if let node = map.optionalNode("min_version") {
            guard let version = RuVectorVersion(try node.string()) else {
                throw node.error("min_version must be three numbers such as 2.0.3, not `\(try node.string())`")
            }
            settings.minimum = version
        }
        try map.finish()
        return settings
    }

    private func vectorOverride(_ node: YAMLNode) throws(ConfigurationError) -> VectorOverride {
        var map = try node.mapping("an item of vector.overrides")
        let indexNode = try map.node("index")
        var override = VectorOverride(index: try indexNode.string())
        guard override.index.contains(".") else {
            throw indexNode.error("write the schema too, for example public.\(override.index)")
        }
        override.condition = try map.optionalString("where")
        override.distance = try map.optionalString("operator")
        for entry in try map.optionalEntries("settings") {
            guard !Self.ownSettings.contains(entry.key.lowercased()) else {
                throw entry.error("\(entry.key) is the exporter's own business: searches are read-only and short")
            }
            override.settings[entry.key] = try entry.value.string()
        }
        try map.finish()
        return override
    }

    /// What an override cannot change.
    private static let ownSettings: Set<String> = [
        "transaction_read_only", "default_transaction_read_only", "statement_timeout", "lock_timeout", "role",
        "session_authorization", "search_path",
    ]
}

extension YAMLNode {
    /// `true`, `false` or `{ interval: 10m }`.
    fileprivate func cachedBytes(_ usual: Timing, _ reader: ConfigurationReader) throws(ConfigurationError) -> Timing? {
        guard case .mapping = content else { return try bool() ? usual : nil }
        var map = try mapping("vector.cached_bytes")
        var base = reader.defaults
        base.interval = usual.interval
        let timing = try reader.readTiming(&map, base)
        try map.finish()
        return timing
    }

    /// `[1ms, 10ms]` in seconds.
    fileprivate func buckets() throws(ConfigurationError) -> [Double]? {
        var bounds: [Double] = []
        for item in try sequence() {
            let bound = try item.duration().seconds
            guard bound > bounds.last ?? 0 else { throw item.error("buckets must ascend from above 0") }
            bounds.append(bound)
        }
        guard (1...50).contains(bounds.count) else { throw error("buckets needs between 1 and 50 bounds") }
        return bounds
    }
}
