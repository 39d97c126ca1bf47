import ExporterKit
import Foundation
import Testing

@testable import redis_exporter

/// Every collector of the exporter, against the rules of the house and the names of redis_exporter.
@Suite struct CatalogueTests {
    /// A metric of redis_exporter: what carries over.
    struct Fact: Sendable, CustomTestStringConvertible {
        let name: String
        let kind: String
        let labels: Set<String>
        let optionalLabels: Set<String>
        var testDescription: String { name }
    }

    static let facts: [Fact] = {
        let lines = ((try? Fixture.text("metrics.tsv")) ?? "").split(separator: "\n").dropFirst()
        return lines.map { line in
            let cells = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            let parts = cells[2].split(separator: "[", maxSplits: 1, omittingEmptySubsequences: false)
            let names = { (text: Substring) in Set(text.split { ",[]".contains($0) }.map(String.init)) }
            return Fact(
                name: cells[0], kind: cells[1], labels: names(parts[0]),
                optionalLabels: parts.count > 1 ? names(parts[1]) : [])
        }
    }()

    static let listed = Collectors.all().flatMap(\.metrics) + ExporterMetrics("redis").all

    @Test func thereAreFacts() {
        #expect(Self.facts.count > 240)
    }

    @Test(arguments: facts)
    func upstreamMetricKeepsNameAndKind(fact: Fact) {
        let found = Self.listed.filter { $0.name == fact.name }
        #expect(Set(found.map(\.kind.rawValue)) == [fact.kind])
    }

    @Test func nothingElseIsAddedUnnoticed() {
        let added = Set(Self.listed.map(\.name)).subtracting(Self.facts.map(\.name))
        #expect(added.symmetricDifference(AddedMetrics.names).sorted() == [])
    }

    @Test func additionsFollowTheRulesOfTheHouse() {
        for metric in Self.listed where AddedMetrics.names.contains(metric.name) {
            #expect((metric.kind == .counter) == metric.name.hasSuffix("_total"), "\(metric.name)")
            for unit in ["_ms", "_usec", "_sec", "_kbps", "_perc", "_percentage"] {
                #expect(!metric.name.hasSuffix(unit), "\(metric.name)")
            }
        }
    }

    @Test(arguments: ["redis7", "redis7-replica", "redis8", "valkey8", "valkey9"])
    func seriesHaveTheLabelsOfUpstream(server: String) throws {
        for family in try Golden.families(server) {
            guard !AddedMetrics.names.contains(family.descriptor.name) else { continue }
            let fact = try #require(Self.facts.first { $0.name == family.descriptor.name }, "\(family.descriptor.name)")
            for sample in family.samples {
                let labels = Set(sample.labels.pairs.map(\.name))
                #expect(labels.isSuperset(of: fact.labels), "\(fact.name)")
                #expect(labels.subtracting(fact.labels).isSubset(of: fact.optionalLabels), "\(fact.name)")
            }
        }
    }

    @Test func collectorsAreUniqueAndWhatHasAPriceIsOff() {
        let collectors = Collectors.all().map(\.descriptor)
        #expect(Set(collectors.map(\.name)).count == collectors.count)
        #expect(collectors.allSatisfy { $0.summary.hasSuffix(".") })
        #expect(
            Set(collectors.filter { !$0.enabledByDefault }.map(\.name)) == [
                "client_group", "client_list", "commandlog_command", "hotkeys", "memory_stats", "modules", "rdb_file",
                "search_indexes", "sentinel_config", "slot_stats", "slowlog_command", "tile38", "unknown_info",
            ])
    }

    @Test func metricsAreLegalAndHelpful() {
        for metric in Self.listed {
            #expect(MetricNames.isLegalMetricName(metric.name))
            #expect(metric.help.hasSuffix("."), "\(metric.name)")
            #expect(metric.help.count > 10, "\(metric.name)")
        }
    }

    @Test func everyMetricFollowsTheNamespace() {
        let metrics =
            Collectors.all(CollectorOptions(namespace: "cache", includesSystem: true)).flatMap(\.metrics)
            + ExporterMetrics("cache").all
        #expect(metrics.allSatisfy { $0.name.hasPrefix("cache_") })
        #expect(metrics.count == Self.listed.count)
    }

    @Test func collectorNamesAreFileNames() {
        for name in Collectors.all().map(\.descriptor.name) {
            let file = name.split(separator: "_").map { $0.capitalized }.joined()
            let known = ["Cpu": "CPU", "Tls": "TLS", "Keydb": "KeyDB"][file] ?? file
            let source = "Sources/redis-exporter/Collectors/\(known).swift"
            #expect((try? Fixture.text("../../../\(source)")) != nil, "\(source)")
        }
    }
}
