import ExporterCommand
import ExporterKit
import RedisClient
import Testing

@testable import app_exporter

/// Good files are read, every kind of mistake is told with its place.
struct ConfigurationTests {
    private func read(_ text: String) throws -> AppConfiguration {
        try ConfigurationReader.read(YAMLDocument(text: text, name: "app.yaml"))
    }

    private func refusal(_ text: String) throws -> String {
        do {
            _ = try read(text)
        } catch {
            return "\(error)"
        }
        Issue.record("accepted")
        return ""
    }

    private static let sources = """
        sources:
          db: { postgres: { dsn: "dbname=x" } }
          cache: { redis: { url: "redis://localhost" } }
          api: { http: { base: "https://example.com/v1" } }

        """

    @Test func theExampleIsAccepted() throws {
        let path = #filePath.replacing(
            "Tests/AppExporterTests/ConfigurationTests.swift", with: "docs/examples/app-exporter.yaml")
        let configuration = try ConfigurationReader.read(YAMLDocument(file: path))
        #expect(configuration.groups.map(\.name) == ["sessions", "market", "freshness", "nps"])
        #expect(configuration.checks.map(\.name) == ["api-gateway", "www"])
        #expect(configuration.vector?.probe?.buckets == VectorMetrics.usualBuckets)
        #expect(configuration.declared.map(\.name).contains("business_nps_responses"))
    }

    @Test func defaultsReachGroups() throws {
        let configuration = try read(
            """
            defaults: { interval: 20s, timeout: 3s, stale_after: 5 intervals, jitter: 50%, max_series: 7, labels: { env: a, b: c } }
            \(Self.sources)
            groups:
              one: { source: db, sql: SELECT 1, metrics: [{ gauge: x, value: y, help: H. }] }
              two:
                source: db
                interval: 2s
                stale_after: 90s
                labels: { env: own }
                sql: SELECT 1
                metrics: [{ gauge: x2, value: y, help: H. }]
            """)
        let (one, two) = (configuration.groups[0], configuration.groups[1])
        #expect(
            one.timing == Timing(interval: .seconds(20), timeout: .seconds(3), staleAfter: .seconds(100), jitter: 0.5))
        #expect(
            two.timing == Timing(interval: .seconds(2), timeout: .seconds(2), staleAfter: .seconds(90), jitter: 0.5))
        #expect(one.maximumSeries == 7)
        #expect(Set(two.labels.map { "\($0.name)=\($0.value)" }) == ["env=own", "b=c"])
    }

    @Test func forExpandsToEveryCombination() throws {
        let configuration = try read(
            """
            \(Self.sources)
            groups:
              g:
                source: cache
                commands:
                  - run: [ZCOUNT, "{a}:{b}", now-300, "+inf"]
                    for: { a: [x, y], b: ["1", "2"] }
                    gauge: m
                    help: H.
            """)
        guard case .redis(let questions) = configuration.groups[0].question else {
            Issue.record("no redis question")
            return
        }
        let calls = questions[0].commands
        #expect(calls.count == 4)
        #expect(calls[1].words == [.text("ZCOUNT"), .text("x:2"), .now(offset: -300), .text("+inf")])
        #expect(calls[1].labels == [LabelPair(name: "a", value: "x"), LabelPair(name: "b", value: "2")])
        #expect(calls[1].command(at: 1_000) == ["ZCOUNT", "x:2", "700", "+inf"])
    }

    @Test func secretsAreNotPrinted() throws {
        let configuration = try read("sources: { db: { postgres: { dsn: \"dbname=x\", password: hunter2 } } }")
        #expect(!"\(configuration)".contains("hunter2"))
        var dumped = ""
        dump(configuration, to: &dumped)
        #expect(!dumped.contains("hunter2"))
    }

    @Test(arguments: [
        ("group: {}", "app.yaml:1:1: unknown key group in the configuration (did you mean groups?)"),
        ("sloz: {}", "app.yaml:1:1: unknown key sloz in the configuration"),
        ("flaws: {}", "app.yaml:1:1: unknown key flaws in the configuration"),
        ("web: {}", "app.yaml:1:1: unknown key web in the configuration"),
        ("defaults: { interval: 5 }", "app.yaml:1:23: interval must be a time such as 250ms, 15s or 1m30s, not `5`"),
        ("defaults: { interval: 10ms }", "app.yaml:1:23: interval must be at least 1s, not `10ms`"),
        ("defaults: { jitter: 200% }", "app.yaml:1:21: jitter must be a percentage between 0% and 100%, not `200%`"),
        ("defaults: { stale_after: soon }", "app.yaml:1:26: stale_after must be a time such as 5m"),
        ("defaults: { labels: { le: x } }", "app.yaml:1:23: `le` cannot be the name of a label"),
        ("sources: { a b: { redis: { url: x } } }", "app.yaml:1:12: `a b` cannot be the name of a source"),
        ("sources: { a: {} }", "app.yaml:1:12: source a needs exactly one of postgres, redis, http"),
        (
            "sources: { a: { http: { base: \"ftp://x/\" } } }",
            "app.yaml:1:31: base: only http:// and https:// can be asked"
        ),
        (
            "sources: { a: { http: { base: \"https://u:p@x/\" } } }",
            "app.yaml:1:31: base: the URL has user or password in it; use basic_auth instead"
        ),
        (
            "sources: { a: { http: { base: \"https://x/\", max_body: 5 } } }",
            "app.yaml:1:55: max_body must be a size such as 512KiB or 1MiB"
        ),
        (
            "sources: { a: { http: { base: \"https://x/\", bearer: { env: NO_SUCH_VARIABLE_XYZ } } } }",
            "app.yaml:1:53: bearer: the environment variable NO_SUCH_VARIABLE_XYZ is not set"
        ),
        ("sources: { a: { redis: { url: \"gopher://x\" } } }", "app.yaml:1:31: "),
        ("vector: { source: nowhere }", "app.yaml:1:19: there is no source `nowhere`; define it under sources"),
    ])
    func mistakesHaveTheirPlace(text: String, message: String) throws {
        #expect(try refusal(text).hasPrefix(message))
    }

    @Test(arguments: [
        ("source: no", "app.yaml:6:24: there is no source `no`; known are api, cache, db"),
        ("source: db, metrics: []", "app.yaml:6:14: sql is missing in group g"),
        (
            "source: db, stripe_ledger: {}, sql: SELECT 1, metrics: []",
            "app.yaml:6:28: unknown key stripe_ledger in group g"
        ),
        ("source: api, get: x, metrics: []", "app.yaml:6:34: get must be a path that begins with /, not `x`"),
        (
            "source: api, get: /x, items: \".[\", metrics: []",
            "app.yaml:6:45: items is not a jq expression: syntax error"
        ),
        (
            "source: api, get: /x, items: nofunc, metrics: []",
            "app.yaml:6:45: items is not a jq expression: nofunc/0 is not defined"
        ),
        (
            "source: db, interval: 2s, timeout: 9s, sql: SELECT 1, metrics: []",
            "app.yaml:6:14: timeout 9s is longer than interval 2s; a run must end before the next one is due"
        ),
        (
            "source: db, sql: SELECT 1, metrics: [{ gauge: a-b, value: x, help: H. }]",
            "app.yaml:6:62: `a-b` cannot be the name of a metric"
        ),
        (
            "source: db, sql: SELECT 1, metrics: [{ counter: sales, value: x, help: H. }]",
            "app.yaml:6:64: the name of a counter ends with _total; call it sales_total, or make it a gauge"
        ),
        (
            "source: db, sql: SELECT 1, metrics: [{ gauge: vector_x, value: x, help: H. }]",
            "app.yaml:6:62: names that begin with vector_ belong to the exporter itself; rename vector_x"
        ),
        (
            "source: db, sql: SELECT 1, metrics: [{ gauge: a, counter: b, value: x, help: H. }]",
            "app.yaml:6:53: a metric needs either gauge: NAME or counter: NAME"
        ),
        (
            "source: db, sql: SELECT 1, metrics: [{ gauge: a, value: x }]",
            "app.yaml:6:53: help is missing in a metric"
        ),
        (
            "source: db, sql: SELECT 1, metrics: [{ gauge: a, value: x, help: H., on_null: one }]",
            "app.yaml:6:94: on_null must be one of skip, zero, not `one`"
        ),
        (
            "source: db, sql: SELECT 1, metrics: [{ gauge: a, value: x, help: H. }, { gauge: a, value: x, help: Other. }]",
            "app.yaml:6:96: a is declared at app.yaml:6:62 with another help; make both the same or rename one"
        ),
        (
            "source: db, sql: SELECT 1, metrics: [{ gauge: a, value: x, help: H. }, { gauge: a, value: x, labels: [l], help: H. }]",
            "app.yaml:6:96: a is declared at app.yaml:6:62 with the labels (none); make both the same or rename one"
        ),
        (
            "source: db, labels: { l: x }, sql: SELECT 1, metrics: [{ gauge: a, value: x, labels: [l], help: H. }]",
            "app.yaml:6:71: the label l is already on every series"
        ),
        (
            "source: cache, commands: [{ run: [FLUSHALL], gauge: a, help: H. }]",
            "app.yaml:6:50: FLUSHALL is not one of the commands that only read"
        ),
        (
            "source: cache, commands: [{ run: [MEMORY, PURGE], gauge: a, help: H. }]",
            "app.yaml:6:50: of MEMORY only MEMORY USAGE reads"
        ),
        (
            "source: cache, commands: [{ run: [GET, k], for: { v: [a] }, gauge: a, help: H. }]",
            "app.yaml:6:49: for names v, but the command does not use {v}"
        ),
        (
            "source: cache, commands: [{ run: [ZCOUNT, k, now-soon, \"+inf\"], gauge: a, help: H. }]",
            "app.yaml:6:61: `now-soon` must be now+SECONDS or now-SECONDS"
        ),
        (
            "source: api, get: /x, metrics: [{ gauge: a, help: H. }]",
            "app.yaml:6:48: value is missing in a metric; write a jq expression, or reduce: count"
        ),
        (
            "source: api, get: /x, metrics: [{ gauge: a, reduce: count, value: \".\", help: H. }]",
            "app.yaml:6:82: reduce: count counts items and takes no value; remove it"
        ),
    ])
    func mistakesInGroupsHaveTheirPlace(group: String, message: String) throws {
        let text = try refusal("defaults: {}\n\(Self.sources)groups: { g: { \(group) } }")
        #expect(text.hasPrefix(message), "\(text)")
    }

    @Test func theExampleOfChecksIsAccepted() throws {
        let path = #filePath.replacing(
            "Tests/AppExporterTests/ConfigurationTests.swift", with: "docs/examples/checks.yaml")
        let configuration = try ConfigurationReader.read(YAMLDocument(file: path))
        #expect(configuration.checks.count == 13)
        let kinds = Set(configuration.checks.map { "\($0.kind)".prefix { $0 != "(" } })
        #expect(kinds == ["http", "tls", "tcp", "dns", "postgres", "redis"])
    }

    @Test(arguments: [
        ("x: { tsl: \"host:465\" }", "unknown key tsl in probe x (did you mean tls"),
        ("x: { tcp: {} }", "to is missing in tcp"),
        ("x: { tcp: nonsense }", "tcp must be host:port, not `nonsense`"),
        ("x: { tcp: \"h:70000\" }", "tcp must be host:port"),
        ("x: { tcp: { to: \"h:25\", expect: \"(?=a)\" } }", "`(?=a)` is not a regular expression that works here"),
        ("x: { tcp: { to: \"h:25\", dialogue: [{}] } }", "a step of a dialogue needs expect, send or starttls"),
        ("x: { tls: { to: \"h:25\", starttls: smtps } }", "starttls must be"),
        ("x: { dns: { name: example.com } }", "server is missing in dns"),
        ("x: { dns: { name: \"a..b\", server: ns } }", "name must be a name in DNS"),
        ("x: { dns: { name: a, server: ns, type: AA } }", "type must be"),
        ("x: { dns: { name: a, server: ns, rcode: NXDOMAIM } }", "rcode must be"),
        ("x: { postgres: nowhere }", "there is no source `nowhere`"),
        ("x: { http: \"https://h/\", tcp: \"h:1\" }", "probe x has http and tcp"),
        ("x: { http: \"https://h/\", expect: { status: 99 } }", "status must be like 200, 2xx or 200-204"),
        ("x: { http: \"https://h/\", expect: { json: \".a ==\" } }", "json is not a jq expression: syntax error"),
        ("x: { http: \"https://h/\", expect: { body: { matches: \"[\" } } }", "`[` is not a regular expression"),
        ("x: { http: \"https://h/\", body: x }", "a GET has no body; write method: POST"),
        ("x: { http: \"https://h/\", certificat: true }", "unknown key certificat in probe x (did you mean"),
        ("x: { http: nonsense }", "http: this is not a URL that can be asked"),
    ])
    func mistakesInProbesAreTold(probe: String, message: String) throws {
        let text = try refusal("probes:\n  \(probe)\n")
        #expect(text.hasPrefix("app.yaml:2:"))
        #expect(text.contains(message), "\(text)")
    }

    @Test(arguments: [
        ("recal: {}", "unknown key recal in vector (did you mean recall?)"),
        ("extensions: []", "extensions needs at least one name, for example [vector]"),
        ("partitions: all", "partitions must be one of sum, each, not `all`"),
        ("compat: [v1]", "must be one of dpg, not `v1`"),
        ("probe: { budget: 0% }", "a budget of 0% allows no search"),
        ("ruvector: { min_version: '2' }", "min_version must be three numbers such as 2.0.3, not `2`"),
        ("ruvector: { types: [] }", "types needs at least one name, for example [ruvector]"),
        ("overrides: [{ index: docs_hnsw }]", "write the schema too, for example public.docs_hnsw"),
        ("overrides: [{ index: a.b, settings: { statement_timeout: 0 } }]", "is the exporter's own business"),
        ("cached_bytes: { interval: 1ms }", "interval"),
        ("probe: { buckets: [5ms, 1ms] }", "buckets must ascend from above 0"),
        ("probe: { k: 0 }", "k must be between 1 and 1000, not 0"),
        ("probe: { budget: lots }", "budget must be a percentage"),
    ])
    func mistakesInVectorAreTold(vector: String, message: String) throws {
        let text = try refusal("\(Self.sources)vector: { source: db, \(vector) }")
        #expect(text.hasPrefix("app.yaml:6:") || text.hasPrefix("app.yaml:5:"), "\(text)")
        #expect(text.contains(message), "\(text)")
    }

    @Test func vectorBesideGroupsNeedsTwoConnections() throws {
        let text = try refusal(
            """
            sources: { db: { postgres: { dsn: "dbname=x", max_connections: 1 } } }
            groups: { g: { source: db, sql: SELECT 1, metrics: [{ gauge: a, value: x, help: H. }] } }
            vector: { source: db }
            """)
        #expect(text.hasPrefix("app.yaml:3:19: source `db` serves groups and vector"))
    }

    @Test(arguments: [
        ("host=a dbname=b", "it's \\ me", "host=a dbname=b password='it\\'s \\\\ me'"),
        ("shop", "x", "dbname='shop' password='x'"),
        ("postgresql://u@h/db", "a&b", "postgresql://u@h/db?password=%61%26%62"),
        ("postgres://u@h/db?sslmode=require", "é", "postgres://u@h/db?sslmode=require&password=%C3%A9"),
    ])
    func passwordIsAddedToTheConnectionString(dsn: String, password: String, expected: String) {
        #expect(PostgresSettings.adding(password: password, to: dsn) == expected)
    }

    @Test func fixedMetricsFollowTheRules() {
        let metrics = AppExporter.selfMetrics
        #expect(Set(metrics.map(\.name)).count == metrics.count)
        for metric in metrics {
            #expect(MetricNames.isLegalMetricName(metric.name))
            #expect(metric.help.hasSuffix("."), "\(metric.name)")
            #expect(metric.name.hasSuffix("_total") == (metric.kind == .counter), "\(metric.name)")
        }
    }
}
