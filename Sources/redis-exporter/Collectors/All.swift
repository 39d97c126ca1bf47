internal import ExporterKit

/// What the collectors can be told.
struct CollectorOptions: Sendable {
    /// First word of every metric.
    var namespace = "redis"
    /// Name of the command CONFIG on the server; `nil` to never send it.
    var configCommand: String? = "CONFIG"
    /// Give every parameter of the configuration as a series.
    var includesConfig = false
    /// Leave out parameters that hold a password.
    var redactsConfig = true
    /// Give databases without keys a zero.
    var includesEmptyDatabases = true
    /// Ask for LATENCY HISTOGRAM and LATENCY LATEST.
    var includesLatency = true
    /// Keys, streams, groups of keys and scripts to look at.
    var keys = KeyOptions()
}

/// Every collector of the exporter.
enum Collectors {
    /// In the order of `--help` and of the output.
    static func all(_ options: CollectorOptions = CollectorOptions()) -> [any Collector<RedisSession>] {
        let namespace = options.namespace
        let config = ConfigQuestion(command: options.configCommand, wantsAll: options.includesConfig)
        let latency: [any Collector<RedisSession>] = [
            LatencyCollector(namespace), LatencyHistogramCollector(namespace),
        ]
        return [
            ServerCollector(namespace),
            Clients.collector(namespace),
            Memory.collector(namespace),
            Persistence.collector(namespace),
            Stats.collector(namespace),
            ReplicationCollector(namespace),
            CPUCollector(namespace),
            CommandstatsCollector(namespace),
            ErrorstatsCollector(namespace),
            LatencystatsCollector(namespace),
            ClusterCollector(namespace),
            KeyspaceCollector(namespace, config: config, fillsUp: options.includesEmptyDatabases),
            SentinelCollector(namespace),
            TLSCollector(namespace),
            ScriptingEnginesCollector(namespace),
            ConfigCollector(namespace, question: config, redacts: options.redactsConfig),
            SlowlogCollector(namespace),
            CommandlogCollector(namespace, config: config),
        ] + (options.includesLatency ? latency : []) + keys(options)
    }

    /// What is about keys: those that walk first, then how the walk went.
    private static func keys(_ options: CollectorOptions) -> [any Collector<RedisSession>] {
        let namespace = options.namespace
        return [
            KeysCollector(namespace),
            StreamsCollector(namespace),
            KeyGroupsCollector(namespace),
            KeyScanCollector(namespace),
            ScriptsCollector(namespace, options.keys.scripts, isReadOnly: options.keys.runsScriptsReadOnly),
        ]
    }
}
