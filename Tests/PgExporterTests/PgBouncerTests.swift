import ExporterKit
import PostgresClient
import Testing

@testable import pg_exporter

/// What is made of the console's answers, whatever its version leaves out.
struct PgBouncerTests {
    private func samples(
        of collector: any QueryCollector<ConsoleSession>, _ answer: ResultTable
    ) throws -> [String: [(labels: LabelSet, value: Double)]] {
        var sink = MetricSink()
        try collector.decode([Reply(.success(answer), took: .zero)], from: .init(version: "1.18.0"), into: &sink)
        var found: [String: [(LabelSet, Double)]] = [:]
        for family in sink.families where !family.samples.isEmpty {
            found[family.descriptor.name] = family.samples.map { sample in
                guard case .number(let value) = sample.value else { return (sample.labels, .nan) }
                return (sample.labels, value)
            }
        }
        return found
    }

    @Test func absentColumnsAndNullsGiveNothing() throws {
        let answer = ResultTable(
            columns: ["database", "user", "cl_active", "sv_idle"],
            rows: [["app", "web", "3", nil], ["app", "job", "x", "1"]])
        let found = try samples(of: PgBouncerCollectors.pools, answer)
        #expect(
            found.keys.sorted() == [
                "pgbouncer_pools_client_active_connections", "pgbouncer_pools_server_idle_connections",
            ])
        #expect(found["pgbouncer_pools_client_active_connections"]?.map(\.value) == [3])
        #expect(found["pgbouncer_pools_server_idle_connections"]?.map(\.value) == [1])
        #expect(
            found["pgbouncer_pools_client_active_connections"]?.first?.labels
                == LabelSet(["database": "app", "user": "web"]))
    }

    @Test func waitingTimeHasItsMicroseconds() throws {
        let exact = ResultTable(
            columns: ["database", "user", "maxwait", "maxwait_us"], rows: [["a", "b", "2", "500000"]])
        #expect(
            try samples(of: PgBouncerCollectors.pools, exact)["pgbouncer_pools_client_maxwait_seconds"]?[0].value == 2.5
        )
        let whole = ResultTable(columns: ["database", "user", "maxwait"], rows: [["a", "b", "2"]])
        #expect(
            try samples(of: PgBouncerCollectors.pools, whole)["pgbouncer_pools_client_maxwait_seconds"]?[0].value == 2)
    }

    @Test(arguments: ["reserve_pool", "reserve_pool_size"])
    func renamedColumnKeepsItsMetric(column: String) throws {
        let answer = ResultTable(columns: ["name", "force_user", column], rows: [["app", nil, "4"]])
        let found = try samples(of: PgBouncerCollectors.databases, answer)
        #expect(found.keys.sorted() == ["pgbouncer_databases_reserve_pool"])
        let names = found["pgbouncer_databases_reserve_pool"]?[0].labels.pairs.map(\.name)
        #expect(names == ["database", "force_user", "host", "name", "pool_mode", "port"])
    }

    @Test func microsecondsAreSeconds() throws {
        let answer = ResultTable(columns: ["database", "query_time"], rows: [["app", "1500000"]])
        let name = "pgbouncer_stats_totals_queries_duration_seconds_total"
        #expect(try samples(of: PgBouncerCollectors.stats(oldNames: false), answer)[name]?[0].value == 1.5)
        let both = try samples(of: PgBouncerCollectors.stats(oldNames: true), answer)
        #expect(both.keys.sorted() == ["pgbouncer_stats_queries_duration_seconds_total", name])
    }

    @Test func unknownListsAreLeftOut() throws {
        let answer = ResultTable(
            columns: ["list", "items"], rows: [["dns_names", "7"], ["new_things", "1"], ["users", nil]])
        let found = try samples(of: PgBouncerCollectors.lists, answer)
        #expect(found.keys.sorted() == ["pgbouncer_cached_dns_names"])
    }

    @Test func clientsBeyondTheBoundAreOther() throws {
        let metric = MetricDescriptor("connections", "Connections.", kind: .gauge)
        let collector = ConsoleConnections(
            "test", "Test.", asking: "SHOW CLIENTS", metric: metric, by: ["database", "user", "state"], mostSeries: 2)
        let rows =
            [["app", "web", "active"], ["app", "web", "active"], ["app", "web", "idle"], ["app", "web", "idle"]]
            + (0..<5).map { ["app", "user\($0)", "idle"] } + [["app", "late", "waiting"]]
        let answer = ResultTable(columns: ["type", "database", "user", "state"], rows: rows.map { ["C"] + $0 })
        let found = try #require(try samples(of: collector, answer)["connections"])
        let values = Dictionary(uniqueKeysWithValues: found.map { ($0.labels, $0.value) })
        #expect(
            values == [
                LabelSet(["database": "app", "user": "web", "state": "active"]): 2,
                LabelSet(["database": "app", "user": "web", "state": "idle"]): 2,
                LabelSet(["database": "other", "user": "other", "state": "idle"]): 5,
                LabelSet(["database": "other", "user": "other", "state": "waiting"]): 1,
            ])
    }

    @Test func refusedCommandSaysWhich() {
        var sink = MetricSink()
        let refusal = CollectorError(.query, "unsupported")
        #expect(throws: CollectorError(.query, "SHOW POOLS: unsupported")) {
            try PgBouncerCollectors.pools.decode(
                [Reply(.failure(refusal), took: .zero)], from: .init(version: "1"), into: &sink)
        }
    }

    @Test func metricsAreUniqueLegalAndHelpful() {
        let collectors = PgBouncerCollectors.all(oldStatsNames: true)
        let metrics = collectors.flatMap(\.metrics) + PgBouncerScrape.selfMetrics
        #expect(Set(metrics.map(\.name)).count == metrics.count)
        for metric in metrics {
            #expect(MetricNames.isLegalMetricName(metric.name) && metric.help.hasSuffix("."), "\(metric.name)")
            #expect(metric.name.hasSuffix("_total") == (metric.kind == .counter), "\(metric.name)")
        }
        #expect(collectors.allSatisfy { $0.descriptor.name.hasPrefix("pgbouncer_") && $0.descriptor.enabledByDefault })
    }
}
