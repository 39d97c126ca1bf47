internal import ExporterKit

/// Every collector of the exporter.
enum Collectors {
    /// In the order of `--help` and of the output; without options with every metric there can be.
    ///
    /// - Parameter tellsUnknown: the collector of unknown fields will run; only then it is told which are known.
    static func all(
        _ options: CollectorOptions = CollectorOptions(includesSystem: true), tellsUnknown: Bool = true
    ) -> [any Collector<RedisSession>] {
        let namespace = options.namespace
        let config = ConfigQuestion(
            command: options.configCommand, wantsAll: options.includesConfig,
            wantsFile: options.asked.contains("rdb_file"))
        var collectors = info(options) + sentinel(options) + modules(options)
        collectors += [
            ClusterCollector(namespace),
            KeyspaceCollector(namespace, config: config, fillsUp: options.includesEmptyDatabases),
            ConfigCollector(namespace, question: config, redacts: options.redactsConfig),
            RdbFileCollector(namespace, config: config),
            SlowlogCollector(namespace),
            SlowlogCommandCollector(namespace, limit: options.limit),
            CommandlogCollector(namespace, config: config),
            CommandlogCommandCollector(namespace, limit: options.limit),
            ClientListCollector(namespace, includesPort: options.includesClientPort),
            ClientGroupCollector(namespace, limit: options.limit),
            MemoryStatsCollector(namespace),
            HotkeysCollector(namespace, limit: options.limit),
            SlotStatsCollector(namespace, order: options.slotOrder, limit: options.limit),
            Tile38Collector(namespace),
        ]
        if options.includesLatency {
            collectors += [
                LatencyCollector(namespace), LatencyHistogramCollector(namespace, filter: options.commands),
            ]
        }
        collectors += keys(options)
        collectors.append(UnknownInfoCollector(namespace, besides: tellsUnknown ? collectors : []))
        return collectors.map { strict($0, options) } + [CommandsCollector(namespace)]
    }

    /// Those that run: what the flags of collectors say, and what is asked for by flags of redis_exporter.
    static func running(_ options: CollectorOptions, enabled: Set<String>) -> [any Collector<RedisSession>] {
        let names = enabled.union(options.asked)
        return all(options, tellsUnknown: names.contains(UnknownInfoCollector.name)).filter {
            names.contains($0.descriptor.name)
        }
    }

    /// What reads `INFO` alone.
    private static func info(_ options: CollectorOptions) -> [any Collector<RedisSession>] {
        let namespace = options.namespace
        return [
            ServerCollector(namespace),
            Clients.collector(namespace),
            Memory.collector(namespace, includesSystem: options.includesSystem),
            Persistence.collector(namespace),
            Stats.collector(namespace),
            ReplicationCollector(namespace),
            CPUCollector(namespace),
            ThreadsCollector(namespace),
            CommandstatsCollector(namespace),
            ErrorstatsCollector(namespace),
            LatencystatsCollector(namespace, filter: options.commands),
            KeysizesCollector(namespace),
            TLSCollector(namespace),
            ScriptingEnginesCollector(namespace),
            KeyDBCollector(namespace),
            DragonflyCollector(namespace),
        ]
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

    private static func sentinel(_ options: CollectorOptions) -> [any Collector<RedisSession>] {
        [
            SentinelCollector(options.namespace),
            SentinelMastersCollector(options.namespace, includesPeers: options.includesSentinelPeers),
            SentinelConfigCollector(options.namespace, redacts: options.redactsConfig),
        ]
    }

    private static func modules(_ options: CollectorOptions) -> [any Collector<RedisSession>] {
        [
            ModulesCollector(options.namespace),
            SearchIndexesCollector(options.namespace, wanted: options.searchIndexes, isStrict: options.hasStrictTypes),
        ]
    }

    private static func strict(
        _ collector: any Collector<RedisSession>, _ options: CollectorOptions
    ) -> any Collector<RedisSession> {
        guard options.hasStrictTypes, let base = collector.pure else { return collector }
        return strict(base, options.namespace)
    }

    private static func strict<Base: QueryCollector<RedisSession>>(
        _ base: Base, _ namespace: String
    ) -> any Collector<RedisSession> {
        StrictTypes(base, namespace: namespace)
    }
}
