import ExporterKitTesting
import Foundation
import Testing

/// The lint of ExporterKitTesting beside the one it is modelled on.
@Suite struct PromtoolTests {
    /// Every rule but two: promtool 2.53 does not know `timestamp` yet, and a strict parser refuses duplicates. It also
    /// looks only for a metric's own type in the name; newer ones look for every type.
    private static let text = """
        # TYPE no_help gauge
        no_help 1
        # HELP hits Counter without suffix.
        # TYPE hits counter
        hits 1
        # HELP misses_total Gauge with suffix.
        # TYPE misses_total gauge
        misses_total 1
        # HELP unknown_total Fine.
        unknown_total{le="1",quantile="1"} 1
        # HELP queue_count Not a summary.
        # TYPE queue_count gauge
        queue_count 1
        # HELP queue_sum Not a summary.
        # TYPE queue_sum counter
        queue_sum 1
        # HELP queue_bucket Not a histogram.
        # TYPE queue_bucket summary
        queue_bucket_sum 1
        queue_bucket_count 1
        # HELP labels_reserved Labels of other kinds.
        # TYPE labels_reserved gauge
        labels_reserved{le="1"} 1
        labels_reserved{quantile="1"} 1
        # HELP wait_histogram_seconds Type in name.
        # TYPE wait_histogram_seconds histogram
        wait_histogram_seconds_bucket{le="+Inf"} 1
        wait_histogram_seconds_sum 1
        wait_histogram_seconds_count 1
        # HELP jobs_Gauge Type in name.
        # TYPE jobs_Gauge gauge
        jobs_Gauge 1
        # HELP gauge_jobs Fine.
        # TYPE gauge_jobs gauge
        gauge_jobs 1
        # HELP wait_milliseconds Part of a unit.
        # TYPE wait_milliseconds gauge
        wait_milliseconds 1
        # HELP far_kilometres Multiple of a unit.
        # TYPE far_kilometres gauge
        far_kilometres 1
        # HELP old_weeks Other unit.
        # TYPE old_weeks gauge
        old_weeks 1
        # HELP light_kelvin Fine.
        # TYPE light_kelvin gauge
        light_kelvin 1
        # HELP bytes_per_hours First unit counts.
        # TYPE bytes_per_hours gauge
        bytes_per_hours 1
        # HELP wait_ms Abbreviated.
        # TYPE wait_ms gauge
        wait_ms 1
        # HELP wait_SEC_max Abbreviated.
        # TYPE wait_SEC_max gauge
        wait_SEC_max 1
        # HELP ms_wait Fine.
        # TYPE ms_wait gauge
        ms_wait 1
        # HELP job:hits Colon.
        # TYPE job:hits gauge
        job:hits 1
        # HELP jobsOpen Camel.
        # TYPE jobsOpen gauge
        jobsOpen{myJob="a"} 1
        # HELP JOBS Fine.
        # TYPE JOBS gauge
        JOBS 1

        """

    @Test func lintFindsWhatPromtoolFinds() async throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("lint-\(UUID().uuidString).txt")
        try Self.text.write(to: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: file) }
        let promtool = try FleetServers()("FLEET_PROMTOOL")
        let check = try FleetProcess("/bin/sh", ["-c", "exec \"$0\" check metrics < \"$1\"", promtool, file.path])
        #expect(try await check.exitStatus() == 3)
        let lines = (check.standardOutput + check.standardError).split(separator: "\n").map(String.init)
        let theirs = PromtoolFinding.of(lines)
        let ours = PromtoolFinding.of(try Exposition(parsing: Self.text).lint())
        #expect(theirs.subtracting(ours) == [])
        #expect(ours.subtracting(theirs) == [])
        let rules = Set(LintProblem.Rule.allCases.map(\.rawValue)).subtracting(["timestamp", "duplicate"])
        #expect(Set(theirs.map(\.rule)) == rules)
    }
}

/// What promtool and the lint can be compared by: whose fault, and which rule.
struct PromtoolFinding: Hashable {
    let metric: String
    let rule: String

    /// Words of promtool's lines by rule; the first that occurs counts.
    private static let words: [(words: String, rule: LintProblem.Rule)] = [
        ("no help text", .help), ("\"_total\" suffix", .total), ("\"_timestamp_seconds\" suffix", .timestamp),
        ("suffix", .reservedSuffix), ("label", .reservedLabel), ("include type", .typeInName), ("base unit", .baseUnit),
        ("abbreviated", .unitAbbreviation), ("':'", .colon), ("not unique", .duplicate),
    ]

    static func of(_ lines: [String]) -> Set<PromtoolFinding> {
        Set(
            lines.map { line in
                let rule = line.contains("camelCase") ? .camelCase : words.first { line.contains($0.words) }?.rule
                return PromtoolFinding(metric: String(line.prefix { $0 != " " }), rule: rule?.rawValue ?? line)
            })
    }

    static func of(_ problems: [LintProblem]) -> Set<PromtoolFinding> {
        Set(problems.map { PromtoolFinding(metric: $0.metric, rule: $0.rule.rawValue) })
    }
}
