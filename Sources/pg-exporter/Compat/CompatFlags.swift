internal import ExporterCommand
internal import Logging

/// Flags for those who come from older releases of postgres_exporter.
enum CompatFlags {
    static let flags: [Flag] = [
        .string(
            "compat-names", environment: "PG_EXPORTER_COMPAT_NAMES",
            help: "Releases of postgres_exporter whose metric names are served too, separated by commas: 0.19,0.10."),
        .bool(
            "collector.replication_slot", isHidden: true, help: "Older name of --collector.replication_slots."),
        .bool("collector.bgwriter", isHidden: true, help: "Older name of --collector.stat_bgwriter."),
        .bool(
            "disable-settings-metrics", environment: "PG_EXPORTER_DISABLE_SETTINGS_METRICS", isHidden: true,
            help: "Older form of --no-collector.settings."),
    ]

    private static let renamed = ["replication_slot": "replication_slots", "bgwriter": "stat_bgwriter"]

    /// The collectors that run, flags counted that are no more. Each that is given is told in one line.
    static func collectors(_ flags: FlagValues, _ enabled: Set<String>, _ logger: Logger) -> Set<String> {
        var enabled = enabled
        for (old, new) in renamed.sorted(by: { $0.key < $1.key }) where flags.isSet("collector.\(old)") {
            logger.warning("--collector.\(old) is now called --collector.\(new); use the new name")
            if flags.isSet("collector.\(new)") { continue }
            if flags.bool("collector.\(old)") { enabled.insert(new) } else { enabled.remove(new) }
        }
        if flags.bool("disable-settings-metrics") {
            logger.warning("--disable-settings-metrics is now --no-collector.settings; use the new flag")
            enabled.remove("settings")
        }
        return enabled
    }
}
