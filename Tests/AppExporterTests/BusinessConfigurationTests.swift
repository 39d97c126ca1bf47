import ExporterCommand
import ExporterKit
import Testing

@testable import app_exporter

/// Mistakes in HTTP sources, pages, histograms and ledgers are told with their place.
struct BusinessConfigurationTests {
    private func refusal(_ text: String) throws -> String {
        do {
            _ = try ConfigurationReader.read(YAMLDocument(text: text, name: "app.yaml"))
        } catch {
            return "\(error)"
        }
        Issue.record("accepted: \(text)")
        return ""
    }

    @Test(arguments: [
        ("rate: 5", "rate must be requests per time such as 5/s"), ("rate: 0/s", "rate must be requests per time"),
        ("rate: 5/d", "rate must be requests per time"), ("retry: {}", "attempts is missing in retry"),
        ("retry: { attempts: 3 }", "after is missing in retry"),
        ("retry: { attempts: 11, after: [5xx] }", "attempts must be between 1 and 10, not 11"),
        ("retry: { attempts: 2, after: [] }", "after is empty"),
        ("retry: { attempts: 2, after: [200] }", "after takes network, lock_timeout, a status such as 409"),
        ("retry: { attempts: 2, after: [6xx] }", "after takes network"),
        ("retry: { attempts: 2, after: [5xx], backoff: 5s }", "backoff must be two times such as 500ms..5s"),
        ("retry: { attempts: 2, after: [5xx], backoff: 5s..1s }", "backoff must be two times"),
        ("max_connections: 0", "max_connections must be between 1 and 64, not 0"),
        ("oauth2: {}", "token_url is missing in oauth2"),
        ("oauth2: { token_url: x, client_id: a, client_secret: b }", "token_url: this is not a URL that can be asked"),
        (
            "oauth2: { token_url: \"https://t/\", client_id: a, client_secret: b, auth: header }",
            "auth must be one of basic, body"
        ),
        (
            "bearer: a, oauth2: { token_url: \"https://t/\", client_id: a, client_secret: b }",
            "give one of bearer, basic_auth and oauth2"
        ),
        ("follow_redirects: yes", "follow_redirects must be true or false"),
        ("retries: 3", "unknown key retries in an http source"),
    ])
    func mistakesInSources(text: String, message: String) throws {
        let refusal = try refusal("sources: { a: { http: { base: \"https://x/\", \(text) } } }")
        #expect(refusal.hasPrefix("app.yaml:1:") && refusal.contains(message), "\(refusal)")
    }

    private static let sources =
        "sources: { db: { postgres: { dsn: \"dbname=x\" } }, api: { http: { base: \"https://x/\" } } }\n"
    private static let metric = "metrics: [{ gauge: m, reduce: count, help: H. }]"

    @Test(arguments: [
        ("get: /x, post: /y", "an http group needs either get: PATH or post: PATH"),
        ("items: .x", "an http group needs either get: PATH or post: PATH"),
        ("get: /x, json: {}", "json is the body of post; a GET has none"),
        ("get: /x, paging: {}", "paging needs exactly one of next: JQ, link: true and page: PARAMETER"),
        ("get: /x, paging: { link: true, page: p }", "paging needs exactly one of"),
        ("get: /x, paging: { link: true, parameter: p }", "parameter belongs to next"),
        ("get: /x, paging: { link: true, first: 0 }", "first belongs to page"),
        ("get: /x, paging: { page: p, max_pages: 0 }", "max_pages must be between 1 and 10000"),
        ("get: /x, paging: { next: \".[\" }", "next is not a jq expression"),
    ])
    func mistakesInRequests(group: String, message: String) throws {
        let text = try refusal("\(Self.sources)groups: { g: { source: api, \(group), \(Self.metric) } }")
        #expect(text.hasPrefix("app.yaml:2:") && text.contains(message), "\(text)")
    }

    @Test(arguments: [
        ("histogram: h", "a histogram needs value: COLUMN with an array of bounds, or buckets"),
        ("histogram: h, value: x, buckets: { 1: a }", "a histogram needs value: COLUMN"),
        ("histogram: h, buckets: { 1: a }", "a histogram with buckets needs sum: COLUMN and count: COLUMN"),
        ("histogram: h, buckets: { x: a }, sum: s, count: c", "`x` is no upper bound"),
        ("histogram: h, buckets: { inf: a }, sum: s, count: c", "`inf` is no upper bound"),
        ("histogram: h, buckets: {}, sum: s, count: c", "buckets need different upper bounds, at least one"),
        ("histogram: h, buckets: { 1: a, 1.0: b }, sum: s, count: c", "buckets need different upper bounds"),
        ("histogram: h_count, value: x", "the name of a histogram does not end with _count"),
        ("histogram: h, value: x, on_duplicate: max", "on_duplicate: max does not fit a histogram"),
        ("gauge: g, value: x, buckets: { 1: a }", "buckets belong to a histogram"),
        ("gauge: g, value: x, sum: s", "sum and count belong to a histogram"),
        ("gauge: g", "value is missing in a metric; write the name of a column"),
        ("gauge: business_source_truncated, value: x", "belongs to the exporter itself"),
    ])
    func mistakesInColumns(metric: String, message: String) throws {
        let text = try refusal(
            "\(Self.sources)groups: { g: { source: db, sql: SELECT 1, metrics: [{ \(metric), help: H. }] } }")
        #expect(text.hasPrefix("app.yaml:2:") && text.contains(message), "\(text)")
    }

    @Test(arguments: [
        ("month_in: Mars/Base", "month_in: there is no time zone `Mars/Base` in /usr/share/zoneinfo"),
        ("components: { gross: [] }", "gross needs reporting categories such as [charge]"),
        ("components: { net: [charge] }", "the component net comes with fees: true"),
        ("components: { a: [charge], b: [charge] }", "charge is in a too; one category counts in one component"),
        ("exponents: { dollar: 2 }", "`dollar` is no currency"),
        ("exponents: { usd: 9 }", "usd must be between 0 and 4, not 9"),
        ("rescan: 1s", "rescan must be at least 10m"), ("max_pages: 0", "max_pages must be between 1 and 10000"),
        ("month: x", "unknown key month in stripe_ledger"),
    ])
    func mistakesInLedgers(ledger: String, message: String) throws {
        let text = try refusal(
            "\(Self.sources)groups: { g: { source: api, stripe_ledger: { \(ledger) }, metrics: [{ gauge: m, help: H. }] } }"
        )
        #expect(text.hasPrefix("app.yaml:2:") && text.contains(message), "\(text)")
    }

    @Test(arguments: [
        ("interval: 30s, stripe_ledger: {}, metrics: []", "a ledger group needs an interval of at least 1m"),
        (
            "stripe_ledger: {}, metrics: [{ gauge: m, value: total, help: H. }]",
            "value must be one of amount, entries, window_start, balance"
        ),
        ("stripe_ledger: {}, metrics: [{ counter: m_total, help: H. }]", "a metric needs either gauge: NAME"),
        ("stripe_ledger: {}, get: /x, metrics: []", "unknown key get in group g"),
    ])
    func mistakesBesideLedgers(group: String, message: String) throws {
        let text = try refusal("\(Self.sources)groups: { g: { source: api, \(group) } }")
        #expect(text.hasPrefix("app.yaml:2:") && text.contains(message), "\(text)")
    }

    @Test func theExampleIsAccepted() throws {
        let path = #filePath.replacing(
            "Tests/AppExporterTests/BusinessConfigurationTests.swift", with: "docs/examples/business.yaml")
        let configuration = try ConfigurationReader.read(YAMLDocument(file: path))
        let names = ["sessions", "people", "market", "orders", "freshness", "nps", "revenue"]
        #expect(configuration.groups.map(\.name) == names)
    }
}
