internal import ExporterCommand
internal import Logging

extension MetricFlags {
    /// What some kinds of servers have.
    static let serverKinds: [Flag] = [
        .bool(
            "is-tile38", environment: "REDIS_EXPORTER_IS_TILE38",
            help: "The server is Tile38: ask it with SERVER."),
        .bool(
            "include-modules-metrics", environment: "REDIS_EXPORTER_INCL_MODULES_METRICS",
            help: "Export modules and what search, JSON and Bloom filters say of themselves."),
        .bool(
            "include-search-indexes-metrics", environment: "REDIS_EXPORTER_INCL_SEARCH_INDEXES_METRICS",
            help: "Export size and state of search indexes."),
        .string(
            "check-search-indexes", default: ".*", environment: "REDIS_EXPORTER_CHECK_SEARCH_INDEXES",
            help: "Regular expression (RE2) for the names of the search indexes to export."),
        .bool(
            "include-sentinel-peer-info", environment: "REDIS_EXPORTER_INCL_SENTINEL_PEER_INFO",
            help: "Export the other Sentinels with their addresses."),
    ]

    /// What is off because it costs series, or is told elsewhere.
    static let details: [Flag] = [
        .bool(
            "export-client-list", environment: "REDIS_EXPORTER_EXPORT_CLIENT_LIST",
            help: "Export every connection. --collector.client_group does the same with a bounded number of series."),
        .bool(
            "export-client-port", environment: "REDIS_EXPORTER_EXPORT_CLIENT_PORT",
            help: "Add the port of the client to its series as the label port."),
        .bool(
            "include-system-metrics", environment: "REDIS_EXPORTER_INCL_SYSTEM_METRICS",
            help: "Export the memory of the server's machine."),
        .bool(
            "include-rdb-file-size-metric", environment: "REDIS_EXPORTER_INCL_RDB_FILE_SIZE_METRIC",
            help: "Export the size of the snapshot file; needs a view of the server's files."),
        .bool(
            "include-go-runtime-metrics", environment: "REDIS_EXPORTER_INCLUDE_GO_RUNTIME_METRICS",
            help: "Does nothing: there is no Go runtime. Accepted because redis_exporter has it."),
    ]

    /// What redis_exporter does not have.
    static let additions: [Flag] = [
        .bool(
            "include-unknown-info", environment: "REDIS_EXPORTER_INCLUDE_UNKNOWN_INFO",
            help: "Export numeric fields of INFO that the exporter does not know, as NAMESPACE_info_SECTION_FIELD."),
        .bool(
            "strict-types", environment: "REDIS_EXPORTER_STRICT_TYPES",
            help: "Give every metric the type it should have, where redis_exporter gives it another."),
        .string(
            "latency-histogram-commands", environment: "REDIS_EXPORTER_LATENCY_HISTOGRAM_COMMANDS",
            help: "Commands that get histograms and percentiles, such as get,set,config|*; empty for all."),
        .string(
            "latency-histogram-exclude-commands", environment: "REDIS_EXPORTER_LATENCY_HISTOGRAM_EXCLUDE_COMMANDS",
            help: "Commands that get no histograms and percentiles, such as config|*."),
        .int(
            "max-groups", default: 20, in: 1...10_000, environment: "REDIS_EXPORTER_MAX_GROUPS",
            help: "Most client groups, commands of a log, hot keys and slots that get series of their own."),
        .choice(
            "slot-stats-order", of: SlotStatsCollector.orders, default: "key-count",
            environment: "REDIS_EXPORTER_SLOT_STATS_ORDER",
            help: "What --collector.slot_stats chooses the largest slots by; all but keys need the server to count it."),
    ]

    /// Says what a flag of redis_exporter cannot do here.
    static func note(_ flags: FlagValues, _ logger: Logger) {
        guard flags.bool("include-go-runtime-metrics") else { return }
        logger.notice("--include-go-runtime-metrics gives nothing: this exporter has no Go runtime")
    }

    /// Collectors that flags other than their own turn on.
    static func asked(_ flags: FlagValues) -> Set<String> {
        let collectors = [
            "export-client-list": "client_list", "include-modules-metrics": "modules",
            "include-search-indexes-metrics": "search_indexes", "include-rdb-file-size-metric": "rdb_file",
            "include-config-metrics": "sentinel_config", "is-tile38": "tile38", "include-unknown-info": "unknown_info",
        ]
        return Set(collectors.filter { flags.bool($0.key) }.values)
    }

    /// - Throws: for a text that is no regular expression.
    static func searchIndexes(_ flags: FlagValues) throws(UsageError) -> LinearPattern {
        do throws(PatternError) { return try LinearPattern(flags.string("check-search-indexes")) } catch {
            throw UsageError("\(flags.origin("check-search-indexes")): is no regular expression: \(error.message)")
        }
    }
}
