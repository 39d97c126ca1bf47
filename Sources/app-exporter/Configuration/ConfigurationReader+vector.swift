internal import ExporterCommand
internal import ExporterKit

extension ConfigurationReader {
    /// `vector:` catalogue and latency probe.
    mutating func readVector(_ node: YAMLNode) throws(ConfigurationError) {
        var map = try node.mapping("vector")
        let sourceNode = try map.node("source")
        let source = try source(sourceNode, ["postgres"], for: "vector")
        if case .postgres(let settings) = source.kind, settings.maximumConnections < 2,
            configuration.groups.contains(where: { $0.source == source.name })
        {
            throw sourceNode.error(
                "source `\(source.name)` serves groups and vector, each with connections of its own; "
                    + "raise its max_connections to 2 or more")
        }
        var extensions = ["vector"]
        if let nodes = map.optionalNode("extensions") {
            extensions = []
            for item in try nodes.sequence() { extensions.append(try item.choice(of: ["vector"])) }
            guard !extensions.isEmpty else {
                throw nodes.error("extensions needs at least one name, for example [vector]")
            }
        }
        let only = try map.optionalStrings("only") ?? []
        var base = defaults
        base.interval = .seconds(30)
        var timing = Timing(
            interval: base.interval, timeout: min(base.timeout, base.interval),
            staleAfter: base.staleness.after(interval: base.interval), jitter: base.jitter)
        if var catalog = try map.optionalMapping("catalog") {
            timing = try readTiming(&catalog, base)
            try catalog.finish()
        }
        let probe = try map.optionalNode("probe").map { node throws(ConfigurationError) in try vectorProbe(node) }
        try map.finish()
        configuration.vector = VectorConfiguration(
            source: source.name, extensions: extensions, only: only, catalog: timing, probe: probe)
    }

    private func vectorProbe(_ node: YAMLNode) throws(ConfigurationError) -> VectorProbeSettings {
        var map = try node.mapping("vector.probe")
        let interval = try map.optionalDuration("interval", minimum: .seconds(1)) ?? .seconds(15)
        let staleAfter = max(interval, defaults.staleness.after(interval: interval))
        var (sample, refresh) = (32, Duration.seconds(600))
        if var vectors = try map.optionalMapping("vectors") {
            sample = try vectors.optionalInt("sample", in: 1...1_000) ?? sample
            refresh = try vectors.optionalDuration("refresh", minimum: .seconds(1)) ?? refresh
            try vectors.finish()
        }
        let settings = VectorProbeSettings(
            timing: Timing(interval: interval, timeout: interval, staleAfter: staleAfter, jitter: defaults.jitter),
            queries: try map.optionalInt("queries", in: 1...100) ?? 4, k: try map.optionalInt("k", in: 1...1_000) ?? 10,
            timeout: try map.optionalDuration("timeout", minimum: .milliseconds(1)) ?? .milliseconds(500),
            budget: try map.optionalNode("budget")?.ratioOrNil() ?? 0.02, sample: sample, refresh: refresh,
            buckets: try map.optionalNode("buckets")?.buckets() ?? VectorMetrics.usualBuckets,
            guardSQL: try map.optionalString("guard"))
        try map.finish()
        return settings
    }
}

extension YAMLNode {
    fileprivate func ratioOrNil() throws(ConfigurationError) -> Double? { try ratio() }

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
