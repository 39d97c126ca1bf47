import ExporterKit
import ExporterKitTesting
import Foundation
import PostgresClient
import Testing

@testable import ExporterCommand
@testable import pg_exporter

/// Custom queries in all three formats on real servers.
struct CustomQueryTests {
    private static let upstream = """
        shop_orders:
          query: |
            -- every use of a column; a comment with a semicolon
            SELECT region, state AS state_text, sum(amount)::int AS total, max(amount) AS largest,
                   bool_or(amount > 5) AS has_large, 'x' AS ignored, 'active' AS mood, '1m30s' AS waited,
                   timestamptz '2026-01-01 00:00:00+00' AS since, 42 AS surprise, 'text' AS no_number
            FROM orders GROUP BY region, state;
          master: true
          metrics:
            - region: {usage: "LABEL", description: "Where"}
            - state_text: {usage: "LABEL"}
            - total: {usage: "COUNTER", description: "Sum of amounts"}
            - largest: {usage: "GAUGE", description: "Largest amount"}
            - has_large: {usage: "GAUGE"}
            - ignored: {usage: "DISCARD"}
            - mood: {usage: "MAPPEDMETRIC", metric_mapping: {idle: 0, active: 1}}
            - waited: {usage: "DURATION"}
            - since: {usage: "GAUGE"}
        shop_sizes:
          query: |
            SELECT array_agg(le ORDER BY le DESC) AS size, array_agg(n ORDER BY le DESC) AS size_bucket,
                   (SELECT sum(amount) FROM orders) AS size_sum, (SELECT count(*) FROM orders) AS size_count
            FROM (SELECT le, (SELECT count(*) FROM orders WHERE amount <= le) AS n
                  FROM unnest(ARRAY[1, 5, 10]) AS le) AS buckets
          metrics: [{size: {usage: HISTOGRAM, description: "Sizes of orders"}}]
        only_15: {query: SELECT 1 AS v, runonserver: ">=15.0.0 <16.0.0", metrics: [{v: {usage: GAUGE}}]}
        only_17: {query: SELECT 1 AS v, runonserver: ">=16.1.0 <99 || 3", metrics: [{v: {usage: GAUGE}}]}
        columns:
          query: SELECT 1 AS old, 2 AS new
          metrics: [{old: {usage: GAUGE, pg_version: "<16"}}, {new: {usage: GAUGE, pg_version: ">=16"}}]
        """

    private static let shop = [
        "CREATE TABLE orders (region text, state text, amount int)",
        "INSERT INTO orders VALUES ('north', 'open', 1), ('north', 'open', 7), ('south', 'done', 12)",
        "GRANT SELECT ON orders TO monitor",
    ]

    @Test(arguments: PostgresUnderTest.all)
    func everyKeyOfPostgresExporterWorks(server: PostgresUnderTest) async throws {
        try await server.withDatabase(Self.shop) { name in
            let url = try PostgresUnderTest.url(server.monitor(), database: name)
            let queries = try CustomQueriesUnderTest(url, [Self.upstream])
            let scrape = await queries.scrape()
            #expect(scrape.failed == [])
            let north = ["region": "north", "state_text": "open"]
            #expect(scrape.value("shop_orders_total", north) == 8)
            #expect(scrape.value("shop_orders_largest", ["region": "south"]) == 12)
            #expect(scrape.value("shop_orders_has_large", north) == 1)
            #expect(scrape.value("shop_orders_mood", north) == 1)
            #expect(scrape.value("shop_orders_waited_milliseconds", north) == 90_000)
            #expect(scrape.value("shop_orders_since", north) == 1_767_225_600)
            #expect(scrape.value("shop_orders_surprise", north) == 42)
            #expect(scrape.family("shop_orders_surprise")?.descriptor.kind == .unknown)
            #expect(scrape.family("shop_orders_total")?.descriptor.kind == .counter)
            for absent in ["ignored", "region", "no_number"] { #expect(scrape.family("shop_orders_\(absent)") == nil) }
            let host = try #require(URLComponents(string: url))
            let address = "\(host.host ?? ""):\(host.port ?? 0)"
            #expect(
                scrape.labels("shop_orders_total") == [
                    "region=north,server=\(address),state_text=open", "region=south,server=\(address),state_text=done",
                ])
            guard case .histogram(let sizes)? = scrape.family("shop_sizes_size")?.samples.first?.value else {
                throw CancellationError()
            }
            #expect(sizes.upperBounds == [1, 5, 10] && sizes.counts == [1, 0, 1, 1])
            #expect(sizes.sum == 20 && sizes.count == 3)
            for family in ["size_bucket", "size_sum", "size_count"] {
                #expect(scrape.family("shop_sizes_\(family)") == nil)
            }
            #expect((scrape.family("only_15_v") != nil) == (server.major == 15))
            #expect((scrape.family("only_17_v") != nil) == (server.major == 17))
            #expect((scrape.family("columns_old") != nil) == (server.major == 15))
            #expect((scrape.family("columns_new") != nil) == (server.major == 17))
            #expect(scrape.success("shop_orders") == 1)
            #expect(try #require(scrape.value("pg_exporter_query_duration_seconds", ["query": "shop_orders"])) > 0)
            await queries.close()
        }
    }

    private static let cloudNativePG = """
        everywhere:
          query: SELECT count(*) AS tables FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
          target_databases: ["*_shop", template1, "no_such_*"]
          metrics: [{tables: {usage: GAUGE}}]
        own_label:
          query: SELECT current_database() AS datname, 1 AS here
          target_databases: ["*_shop"]
          metrics: [{datname: {usage: LABEL}}, {here: {usage: GAUGE}}]
        renamed:
          name: other
          query: SELECT 5 AS v
          primary: true
          metrics: [{v: {usage: GAUGE, name: value}}]
        guarded_yes: {query: SELECT 1 AS v, predicate_query: SELECT true, metrics: [{v: {usage: GAUGE}}]}
        guarded_no: {query: SELECT 1 AS v FROM nowhere, predicate_query: SELECT false, metrics: [{v: {usage: GAUGE}}]}
        guarded_never: {query: SELECT 1 AS v FROM nowhere, predicate_query: SELECT true WHERE false}
        guarded_wrong: {query: SELECT 1 AS v, predicate_query: SELECT 1, metrics: [{v: {usage: GAUGE}}]}
        guarded_by_table:
          query: SELECT count(*) AS v FROM orders
          predicate_query: SELECT to_regclass('orders') IS NOT NULL
          target_databases: ["*_shop"]
          metrics: [{v: {usage: GAUGE}}]
        """

    @Test(arguments: PostgresUnderTest.all)
    func everyKeyOfCloudNativePGWorks(server: PostgresUnderTest) async throws {
        try await server.withDatabase { base in
            let shops = ["a_\(base)_shop", "b_\(base)_shop"]
            let superuser = try server.superuser()
            try await PostgresUnderTest.execute(shops.map { "CREATE DATABASE \($0)" }, at: superuser)
            try await PostgresUnderTest.execute(
                Self.shop, at: try PostgresUnderTest.url(superuser, database: shops[0]))
            let text = Self.cloudNativePG.replacing("*_shop", with: "*_\(base)_shop")
            let queries = try CustomQueriesUnderTest(try server.monitor(), [text])
            for round in 0..<3 {
                let scrape = await queries.scrape()
                #expect(scrape.value("everywhere_tables", ["datname": shops[0]]) == 1)
                #expect(scrape.value("everywhere_tables", ["datname": shops[1]]) == 0)
                #expect(scrape.value("everywhere_tables", ["datname": "template1"]) == 0)
                #expect(scrape.labels("everywhere_tables").count == 3)
                #expect(scrape.value("own_label_here", ["datname": shops[1]]) == 1)
                #expect(scrape.labels("own_label_here").count == 2)
                #expect(scrape.value("other_value") == 5)
                #expect(scrape.value("guarded_yes_v") == 1, "round \(round)")
                for name in ["guarded_no", "guarded_never"] { #expect(scrape.success(name) == 1, "\(name)") }
                #expect(scrape.family("guarded_no_v") == nil)
                #expect(scrape.success("guarded_wrong") == 0)
                #expect(scrape.value("guarded_by_table_v", ["datname": shops[0]]) == 3)
                #expect(scrape.labels("guarded_by_table_v").count == 1)
                #expect(scrape.success("guarded_by_table") == 1)
            }
            await queries.close()
            try await PostgresUnderTest.execute(
                shops.map { "DROP DATABASE \($0) WITH (FORCE)" }, at: superuser)
        }
    }

    private static let pigsty = """
        snapshot_new:
          name: snapshot
          desc: what is there
          query: SELECT 'x' AS kind, g AS age, NULL::int AS gone, 2500 AS took FROM generate_series(1, 20) AS g
          ttl: 0.1
          min_version: 100000
          max_version: 990000
          tags: [cluster, primary, "username:monitor", "extension:pg_stat_statements", "schema:public", "not:light"]
          metrics:
            - kind: {usage: label, rename: sort}
            - age: {usage: Histogram, bucket: [5, 10], description: Age}
        converted:
          query: SELECT NULL::int AS gone, 2500 AS took, 7 AS extra
          fatal: false
          metrics:
            - gone: {usage: GAUGE, default: 3}
            - took: {usage: COUNTER, scale: 1e-3, rename: took_seconds}
          priority: 10
        slow: {query: SELECT 1 AS v FROM pg_sleep(30), timeout: 0.2, metrics: [{v: {usage: GAUGE}}]}
        replica: {query: SELECT 1 AS v, tags: [replica], metrics: [{v: {usage: GAUGE}}]}
        extension: {query: SELECT 1 AS v, tags: ["extension:none"], metrics: [{v: {usage: GAUGE}}]}
        schema: {query: SELECT 1 AS v, tags: ["schema:none"], metrics: [{v: {usage: GAUGE}}]}
        tagged: {query: SELECT 1 AS v, tags: [heavy], metrics: [{v: {usage: GAUGE}}]}
        older: {query: SELECT 1 AS v, max_version: 100000, metrics: [{v: {usage: GAUGE}}]}
        skipped: {query: SELECT 1 AS v, skip: true, metrics: [{v: {usage: GAUGE}}]}
        other_database: {query: SELECT 1 AS v, tags: ["dbname:postgres"], metrics: [{v: {usage: GAUGE}}]}
        predicated:
          query: SELECT 1 AS v
          predicate_queries:
            - {name: first, predicate_query: SELECT true, ttl: 60}
            - {predicate_query: SELECT 1 = 2}
          metrics: [{v: {usage: GAUGE}}]
        """

    @Test(arguments: PostgresUnderTest.all)
    func everyKeyOfPigstyWorks(server: PostgresUnderTest) async throws {
        let queries = try CustomQueriesUnderTest(
            try server.monitor(), [Self.pigsty], ["--extend.query-tag=heavy"])
        for _ in 0..<2 {
            let scrape = await queries.scrape()
            #expect(scrape.duration < .seconds(3))
            #expect(scrape.value("snapshot_age_bucket", ["le": "5", "sort": "x"]) == 5)
            #expect(scrape.value("snapshot_age_bucket", ["le": "10"]) == 10)
            #expect(scrape.value("snapshot_age_bucket", ["le": "+Inf"]) == 20)
            #expect(scrape.value("snapshot_age_count") == 20)
            #expect(scrape.value("snapshot_age_sum") == 210)
            #expect(scrape.value("converted_gone") == 3)
            #expect(scrape.value("converted_took_seconds") == 2.5)
            #expect(scrape.family("converted_extra") == nil)
            #expect(scrape.success("slow") == 0)
            #expect(scrape.success("replica") == nil)
            for absent in ["slow", "replica", "extension", "schema", "older", "skipped", "predicated"] {
                #expect(scrape.family("\(absent)_v") == nil, "\(absent)")
            }
            #expect(scrape.value("tagged_v") == 1)
            #expect(scrape.labels("other_database_v").count == 1)
            #expect(scrape.value("other_database_v", ["datname": "postgres"]) == 1)
            #expect(scrape.failed == ["custom_queries"])
        }
        let slow = queries.exporter.log.lines.filter { $0.contains("query: slow") || $0.contains("\"query\": slow") }
        #expect(slow.count == 1, "one line per change of state: \(queries.exporter.log.lines)")
        await queries.close()
    }
}
