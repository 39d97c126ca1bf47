import ExporterKit
import Testing

@testable import pg_exporter

/// Every collector of the exporter, against the rules of the house and the names of upstream.
struct CatalogueTests {
    static let collectors = Collectors.all()
    static let listed: [(collector: String, metric: MetricDescriptor)] = collectors.flatMap { collector in
        collector.metrics.map { (collector.descriptor.name, $0) }
    }

    /// Collectors that run only when asked for: upstream's without `stat_checkpointer`, and of the added ones what is dear
    /// or of use only to those who look for it.
    static let off: Set<String> = [
        "buffercache_summary", "database_wraparound", "index_bloat", "long_running_transactions", "postmaster",
        "process_idle", "stat_activity_autovacuum", "stat_statements", "stat_user_functions", "stat_user_indexes",
        "stat_wal_receiver",
        "statio_user_indexes", "table_bloat", "xlog_location",
    ]

    @Test(arguments: UpstreamMetrics.facts)
    func upstreamMetricKeepsNameKindAndCollector(fact: UpstreamMetrics.Fact) {
        let found = Self.listed.filter { $0.metric.name == fact.name }
        #expect(found.count == 1)
        #expect(found.first?.collector == fact.collector)
        #expect(found.first?.metric.kind.rawValue == fact.kind)
    }

    /// A histogram is no row of a table.
    @Test(arguments: UpstreamMetrics.facts.filter { $0.kind != "histogram" })
    func upstreamMetricKeepsLabelsAndVersions(fact: UpstreamMetrics.Fact) throws {
        for major in 13...18 {
            let tables = Self.tables.filter { table in
                table.rows.contains { row in
                    table.descriptor(of: row).name == fact.name && row.applies(to: ServerVersion(major))
                }
            }
            #expect(tables.count == (fact.exists(in: major) ? 1 : 0), "version \(major)")
            for table in tables { #expect(table.labels == fact.labels) }
        }
    }

    @Test func nothingElseIsAddedUnnoticed() {
        let upstream = Set(UpstreamMetrics.facts.map(\.name))
        let names = Self.listed.map(\.metric.name).filter { !$0.hasPrefix("pg_settings_<") }
        #expect(Set(names).subtracting(upstream) == AddedMetrics.names)
    }

    @Test func collectorsAreUniqueAndOnUnlessDear() {
        let names = Self.collectors.map(\.descriptor.name)
        #expect(Set(names).count == names.count)
        #expect(Set(Self.collectors.filter { !$0.descriptor.enabledByDefault }.map(\.descriptor.name)) == Self.off)
        #expect(Self.collectors.allSatisfy { $0.descriptor.summary.hasSuffix(".") })
    }

    @Test func metricsAreUniqueLegalAndHelpful() {
        #expect(Set(Self.listed.map(\.metric.name)).count == Self.listed.count)
        for (_, metric) in Self.listed + ExporterMetrics.all.map({ ("", $0) }) {
            #expect(metric.help.hasSuffix("."), "\(metric.name)")
            guard !metric.name.contains("<") else { continue }
            #expect(MetricNames.isLegalMetricName(metric.name))
        }
    }

    @Test func versionsOfARowAreInOrder() {
        for row in Self.tables.flatMap(\.rows) {
            guard let since = row.since, let until = row.until else { continue }
            #expect(since < until, "\(row.name)")
        }
    }

    static let tables = collectors.compactMap { $0 as? any TabledCollector }.flatMap(\.metricTables)
}
