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

    /// What the fleet adds to redis_exporter's metrics.
    static let added: Set<String> = [
        "redis_scrape_collector_duration_seconds", "redis_scrape_collector_success", "redis_key_scan_age_seconds",
        "redis_key_scan_duration_seconds", "redis_key_scan_keys", "redis_key_scan_commands", "redis_key_scan_cut",
        "redis_key_scan_walks_total", "redis_key_scan_omitted_keys_total",
    ]

    @Test func thereAreFacts() {
        #expect(Self.facts.count > 240)
    }

    @Test(arguments: facts)
    func upstreamMetricKeepsNameAndKind(fact: Fact) {
        let found = Self.listed.filter { $0.name == fact.name }
        #expect(Set(found.map(\.kind.rawValue)) == [fact.kind])
    }

    @Test func nothingElseIsAddedUnnoticed() {
        let upstream = Set(Self.facts.map(\.name))
        #expect(Set(Self.listed.map(\.name)).subtracting(upstream) == Self.added)
    }

    @Test(arguments: ["redis7", "redis7-replica", "redis8", "valkey8"])
    func seriesHaveTheLabelsOfUpstream(server: String) throws {
        for family in try Golden.families(server) {
            let fact = try #require(Self.facts.first { $0.name == family.descriptor.name }, "\(family.descriptor.name)")
            for sample in family.samples {
                let labels = Set(sample.labels.pairs.map(\.name))
                #expect(labels.isSuperset(of: fact.labels), "\(fact.name)")
                #expect(labels.subtracting(fact.labels).isSubset(of: fact.optionalLabels), "\(fact.name)")
            }
        }
    }

    @Test func collectorsAreUniqueAndOn() {
        let collectors = Collectors.all().map(\.descriptor)
        #expect(Set(collectors.map(\.name)).count == collectors.count)
        #expect(collectors.allSatisfy { $0.enabledByDefault && $0.summary.hasSuffix(".") })
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
            Collectors.all(CollectorOptions(namespace: "cache")).flatMap(\.metrics) + ExporterMetrics("cache").all
        #expect(metrics.allSatisfy { $0.name.hasPrefix("cache_") })
        #expect(metrics.count == Self.listed.count)
    }

    @Test func collectorNamesAreFileNames() {
        for name in Collectors.all().map(\.descriptor.name) {
            let file = name.split(separator: "_").map { $0.capitalized }.joined()
            let known = ["Cpu": "CPU", "Tls": "TLS"][file] ?? file
            let source = "Sources/redis-exporter/Collectors/\(known).swift"
            #expect((try? Fixture.text("../../../\(source)")) != nil, "\(source)")
        }
    }
}
