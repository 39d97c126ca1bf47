import ExporterCommand
import ExporterKit
import Logging
import Synchronization
import Testing

@testable import pg_exporter

struct NameEditionsTests {
    private func family(
        _ name: String, _ kind: MetricKind = .counter, _ samples: [(LabelSet, Double)] = [(.empty, 7)]
    ) -> MetricFamily {
        MetricFamily(MetricDescriptor(name, "Help.", kind: kind), samples.map { Sample($0.1, $0.0) })
    }

    /// Values by name and labels: `name{label="value"}`.
    private func values(_ families: [MetricFamily]) -> [String: Double] {
        families.reduce(into: [:]) { values, family in
            for sample in family.samples {
                guard case .number(let value) = sample.value else { continue }
                let labels = sample.labels.pairs.map { "\($0.name)=\"\($0.value)\"" }.joined(separator: ",")
                values[family.descriptor.name + (labels.isEmpty ? "" : "{\(labels)}")] = value
            }
        }
    }

    @Test func withoutReleasesNothingChanges() throws {
        let editions = try NameEditions([])
        #expect(editions.isEmpty)
        #expect(values(editions.families([family("pg_settings_jit", .gauge)], server: "h:1")) == ["pg_settings_jit": 7])
        #expect(try NameEditions(["0.20.1"]).isEmpty)
    }

    @Test func serverLabelComesBackInPlaceAndOnce() throws {
        let today = [
            family("pg_settings_jit", .gauge), family("pg_locks_count", .gauge),
            family("pg_stat_database_conflicts_confl_lock", .counter, [(["server": "x:1"], 1)]),
        ]
        #expect(
            values(try NameEditions(["0.19"]).families(today, server: "h:1")) == [
                #"pg_settings_jit{server="h:1"}"#: 7, "pg_locks_count": 7,
                #"pg_stat_database_conflicts_confl_lock{server="x:1"}"#: 1,
            ])
        #expect(
            values(try NameEditions(["0.12", "0.19"]).families(today, server: "h:1")) == [
                #"pg_settings_jit{server="h:1"}"#: 7, #"pg_locks_count{server="h:1"}"#: 7,
                #"pg_stat_database_conflicts_confl_lock{server="x:1"}"#: 1,
            ])
    }

    @Test func renamedSlotsAreThereUnderBothNames() throws {
        let slot: LabelSet = ["slot_name": "s", "slot_type": "logical"]
        let today = [family("pg_replication_slots_slot_is_active", .gauge, [(slot, 1)])]
        let old = try NameEditions(["0.17.1"]).families(today, server: "h:1")
        #expect(
            old.map(\.descriptor.name) == [
                "pg_replication_slots_slot_is_active", "pg_replication_slot_slot_is_active",
            ])
        #expect(old.last?.samples.map(\.labels) == [slot])
        #expect(old.last?.descriptor.kind == .gauge)
        #expect(
            try NameEditions(["0.12"]).families(today, server: "").last?.descriptor.name
                == "pg_replication_slot_is_active")
    }

    @Test(arguments: ["pg_stat_bgwriter_checkpoints_timed_total", "pg_stat_checkpointer_num_timed_total"])
    func bgwriterNamesHaveTheirValuesOnEveryVersion(today: String) throws {
        let old = values(try NameEditions(["0.19", "0.10"]).families([family(today)], server: "h:1"))
        #expect(old["pg_stat_bgwriter_checkpoints_timed_total"] == 7)
        #expect(old[#"pg_stat_bgwriter_checkpoints_timed{server="h:1"}"#] == 7)
        #expect(values(try NameEditions(["0.19"]).families([family(today)], server: "h:1")).count <= 2)
    }

    @Test func tableSizeIsTheSumWhereBothAreKnown() throws {
        let (whole, part): (LabelSet, LabelSet) = (["relname": "a"], ["relname": "b"])
        let today = [
            family("pg_stat_user_tables_table_size_bytes", .gauge, [(whole, 10), (part, 20)]),
            family("pg_stat_user_tables_index_size_bytes", .gauge, [(whole, 5)]),
        ]
        let old = values(try NameEditions(["0.15"]).families(today, server: ""))
        #expect(old[#"pg_stat_user_tables_size_bytes{relname="a"}"#] == 15)
        #expect(old[#"pg_stat_user_tables_size_bytes{relname="b"}"#] == nil)
        #expect(values(try NameEditions(["0.18"]).families(today, server: "")).count == 3)
    }

    @Test func queriesFileHasItsNames() throws {
        let pairs = [
            "pg_replication_lag": "pg_replication_lag_seconds", "pg_database_size": "pg_database_size_bytes",
            "pg_stat_statements_calls": "pg_stat_statements_calls_total",
            "pg_stat_statements_total_time_seconds": "pg_stat_statements_seconds_total",
            "pg_statio_user_tables_heap_blks_read": "pg_statio_user_tables_heap_blocks_read",
        ]
        for (old, today) in pairs {
            let names = try NameEditions(["0.10"]).families([family(today)], server: "").map(\.descriptor.name)
            #expect(names == [today, old])
        }
    }

    @Test func everyOriginIsAMetricOfOurs() {
        let ours = Set(Collectors.all().flatMap(\.metrics).map(\.name))
        var names: Set<String> = []
        for legacy in LegacyNames.all {
            let origins =
                switch legacy.origin {
                case .first(let names), .sum(let names): names
                }
            #expect(Set(origins).isSubset(of: ours), "\(legacy.name)")
            #expect(names.insert(legacy.name).inserted, "\(legacy.name) is listed twice")
        }
    }

    @Test(arguments: ["0.9", "0.21", "1.19", "19", "", "0.", "0.19.x", "0.1.9.1", "latest"])
    func unknownReleaseNamesTheKnown(release: String) {
        let error = #expect(throws: UsageError.self) { try NameEditions([release]) }
        #expect(error?.description.contains("--compat-names: `\(release)`") == true)
        #expect(error?.description.contains("0.10, 0.11") == true)
    }
}

struct CompatFlagTests {
    private final class Lines: Sendable {
        let kept = Mutex<[String]>([])
    }

    private struct Recorder: LogHandler {
        let lines: Lines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.info
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }
        func log(event: LogEvent) { lines.kept.withLock { $0.append("\(event.message)") } }
    }

    private func run(
        _ arguments: [String], environment: [String: String] = [:]
    ) throws -> (enabled: Set<String>, lines: [String]) {
        let lines = Lines()
        let logger = Logger(label: "test") { _ in Recorder(lines: lines) }
        let flags = try PgExporter.parse(arguments, environment: environment)
        let enabled = CompatFlags.collectors(flags, PgExporter.enabledCollectors(flags), logger)
        return (enabled, lines.kept.withLock { $0 })
    }

    @Test func oldNamesOfCollectorsStillCount() throws {
        let standard = try run([])
        #expect(standard.enabled.contains("replication_slots"))
        #expect(standard.lines == [])
        let off = try run(["--no-collector.replication_slot", "--collector.bgwriter"])
        #expect(standard.enabled.subtracting(off.enabled) == ["replication_slots"])
        #expect(off.lines.count == 2)
        #expect(off.lines.allSatisfy { $0.contains("is now called --collector.") })
        let only = try run(["--collector.disable-defaults", "--collector.replication_slot"])
        #expect(only.enabled == ["replication_slots"])
    }

    @Test func newNameWinsOverTheOld() throws {
        #expect(
            try run(["--no-collector.replication_slot", "--collector.replication_slots"]).enabled
                .contains("replication_slots"))
    }

    @Test(arguments: [
        (["--disable-settings-metrics"], [:]), ([], ["PG_EXPORTER_DISABLE_SETTINGS_METRICS": "true"]),
    ])
    func settingsCanBeTurnedOffTheOldWay(arguments: [String], environment: [String: String]) throws {
        let run = try run(arguments, environment: environment)
        #expect(!run.enabled.contains("settings"))
        #expect(run.lines.count == 1)
    }

    @Test func removedFlagsAreAcceptedWithoutEffect() throws {
        #expect(try run(["--no-disable-settings-metrics"]).enabled == run([]).enabled)
        #expect(
            try PgExporter.parse([], environment: ["PG_EXPORTER_COMPAT_NAMES": "0.19, 0.10"]).list("compat-names")
                == ["0.19", "0.10"])
    }
}
