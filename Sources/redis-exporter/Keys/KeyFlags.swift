internal import ExporterCommand
internal import ExporterKit

/// The flags about keys, groups of keys, streams and scripts: those of redis_exporter, and those of the walk.
enum KeyFlags {
    private static let group = "Keys"

    static let all: [Flag] = names + details + scan

    private static let names: [Flag] = [
        .string(
            "check-keys", environment: "REDIS_EXPORTER_CHECK_KEYS", group: group,
            help: "Patterns of keys to export with size and value: [dbN=]PATTERN, separated by commas."),
        .string(
            "check-single-keys", environment: "REDIS_EXPORTER_CHECK_SINGLE_KEYS", group: group,
            help: "Keys to export with size and value: [dbN=]KEY, separated by commas."),
        .string(
            "check-key-groups", environment: "REDIS_EXPORTER_CHECK_KEY_GROUPS", group: group,
            help: "Lua patterns to group all keys by, as CSV; the captures of the first that matches are the group."),
        .int(
            "max-distinct-key-groups", default: 100, environment: "REDIS_EXPORTER_MAX_DISTINCT_KEY_GROUPS",
            group: group,
            help: "Groups per database with series of their own, largest first; the others are added up as overflow."),
        .string(
            "check-streams", environment: "REDIS_EXPORTER_CHECK_STREAMS", group: group,
            help: "Patterns of streams to export: [dbN=]PATTERN, separated by commas."),
        .string(
            "check-single-streams", environment: "REDIS_EXPORTER_CHECK_SINGLE_STREAMS", group: group,
            help: "Streams to export: [dbN=]KEY, separated by commas."),
        .string(
            "count-keys", environment: "REDIS_EXPORTER_COUNT_KEYS", group: group,
            help: "Patterns whose keys are counted: [dbN=]PATTERN, separated by commas."),
        .string(
            "script", environment: "REDIS_EXPORTER_SCRIPT", group: group,
            help: "Files of Lua scripts to run in each scrape, separated by commas; each returns names and values."),
    ]

    private static let details: [Flag] = [
        .bool(
            "streams-exclude-consumer-metrics", environment: "REDIS_EXPORTER_STREAMS_EXCLUDE_CONSUMER_METRICS",
            group: group, help: "Leave the consumers of streams out."),
        .int(
            "check-keys-batch-size", default: 1_000, in: 1...1_000_000,
            environment: "REDIS_EXPORTER_CHECK_KEYS_BATCH_SIZE", group: group,
            help: "COUNT of each SCAN; a larger one holds the server for longer at a time."),
        .bool(
            "lua-script-read-only", environment: "REDIS_EXPORTER_LUA_SCRIPT_READ_ONLY", group: group,
            help: "Run scripts with EVAL_RO, so that they cannot write."),
        .bool(
            "disable-exporting-key-values", environment: "REDIS_EXPORTER_DISABLE_EXPORTING_KEY_VALUES", group: group,
            help: "Export no values of keys, only sizes."),
        .bool(
            "skip-checkkeys-for-role-master", environment: "REDIS_EXPORTER_SKIP_CHECKKEYS_FOR_ROLE_MASTER",
            group: group, help: "Do not look for keys, counts and streams on a primary."),
        .bool(
            "skip-missing-keys", environment: "REDIS_EXPORTER_SKIP_MISSING_KEYS", group: group,
            help: "Give a single key that does not exist no series instead of a size of 0."),
        .int(
            "max-check-keys", default: 100_000, environment: "REDIS_EXPORTER_MAX_CHECK_KEYS", group: group,
            help: "Keys, and streams, that patterns may give series to; further ones are counted and left out."),
        .int(
            "max-key-value-length", default: 4_096, in: 0...(1 << 20),
            environment: "REDIS_EXPORTER_MAX_KEY_VALUE_LENGTH", group: group,
            help: "Bytes of the longest value that is exported."),
    ]

    private static let scan: [Flag] = [
        .choice(
            "scan", of: ["background", "inline"], default: "background", environment: "REDIS_EXPORTER_SCAN",
            group: group,
            help: "Walk over the keys beside the scrapes, or inside of each as redis_exporter does."),
        .duration(
            "scan-interval", default: .seconds(60), minimum: .milliseconds(100),
            environment: "REDIS_EXPORTER_SCAN_INTERVAL", group: group,
            help: "Time from the beginning of a walk over the keys to the next."),
        .string(
            "scan-budget", default: "25%", environment: "REDIS_EXPORTER_SCAN_BUDGET", group: group,
            help: "What a walk may take: a share of the time such as 25%, or commands in a second such as 2000/s."),
        .duration(
            "scan-limit", default: .zero, environment: "REDIS_EXPORTER_SCAN_LIMIT", group: group,
            help: "Longest time of a walk; a longer one is given up and changes no metric. 0 is no limit."),
        .bool(
            "scan-prefer-replica", environment: "REDIS_EXPORTER_SCAN_PREFER_REPLICA", group: group,
            help: "Walk over a replica where the server tells of one, with the same credentials."),
    ]

    /// - Throws: `UsageError` that names the flag and the mistake; `ConfigurationError` for a script.
    static func options(_ flags: FlagValues) throws -> KeyOptions {
        func names(_ flag: String) throws(UsageError) -> [KeyName] {
            do throws(KeyName.Malformed) { return try KeyName.list(flags.string(flag), from: flags.origin(flag)) } catch
            {
                throw UsageError(error.description)
            }
        }
        return KeyOptions(
            patterns: try names("check-keys"), keys: try names("check-single-keys"),
            streamPatterns: try names("check-streams"), streams: try names("check-single-streams"),
            counts: try names("count-keys"), groups: try groups(flags),
            maxGroups: flags.int("max-distinct-key-groups"), batch: flags.int("check-keys-batch-size"),
            excludesConsumers: flags.bool("streams-exclude-consumer-metrics"),
            hidesValues: flags.bool("disable-exporting-key-values"), skipsMissing: flags.bool("skip-missing-keys"),
            skipsPrimaries: flags.bool("skip-checkkeys-for-role-master"), isCluster: flags.bool("is-cluster"),
            maxKeys: flags.int("max-check-keys"), maxValue: flags.int("max-key-value-length"),
            scan: try scan(flags), scripts: try scripts(flags.string("script")),
            runsScriptsReadOnly: flags.bool("lua-script-read-only"))
    }

    private static func scan(_ flags: FlagValues) throws(UsageError) -> ScanOptions {
        guard let budget = ScanBudget(flags.string("scan-budget")) else {
            throw UsageError(
                "\(flags.origin("scan-budget")): `\(Shown.clipped(flags.string("scan-budget")))` is neither a share of"
                    + " the time such as 25% nor commands in a second such as 2000/s")
        }
        return ScanOptions(
            isInline: flags.string("scan") == "inline", interval: flags.duration("scan-interval"),
            limit: flags.duration("scan-limit"), budget: budget, prefersReplica: flags.bool("scan-prefer-replica"))
    }

    private static func groups(_ flags: FlagValues) throws(UsageError) -> [LuaPattern] {
        let origin = flags.origin("check-key-groups")
        guard let fields = CSVLine.fields(flags.string("check-key-groups")) else {
            throw UsageError("\(origin): a quoted pattern is not closed, or a quote stands inside of one; double it")
        }
        var patterns: [LuaPattern] = []
        for field in fields where !field.isEmpty {
            do throws(LuaPattern.Malformed) { patterns.append(try LuaPattern(field)) } catch {
                throw UsageError("\(origin): `\(Shown.clipped(field))` \(error.description)")
            }
        }
        return patterns
    }

    private static func scripts(_ list: String) throws(ConfigurationError) -> [KeyScript] {
        var scripts: [KeyScript] = []
        for file in list.split(separator: ",").map(String.init) where !scripts.contains(where: { $0.file == file }) {
            scripts.append(KeyScript(file: file, source: try TextFile.contents(file, limit: 1 << 20)))
        }
        return scripts
    }
}
