import ExporterCommand
import ExporterKit
import Testing

@testable import app_exporter

/// Service level objectives: what is read, exported and written as rules.
struct ObjectiveTests {
    private func read(_ text: String) throws -> AppConfiguration {
        try ConfigurationReader.read(try YAMLDocument(text: text, name: "app.yaml"))
    }

    @Test func servicesProbesVectorsAndSelectors() throws {
        let objectives = try read(
            """
            sources: { db: { postgres: { dsn: host=localhost } } }
            probes: { www: { http: https://example.com/ } }
            vector: { source: db, probe: { buckets: [10ms, 50ms] } }
            slos:
              api: { availability: 99.95%, latency: { p95: 500ms, p99.9: 2s }, window: 7d }
              pay: { service: payments, errors: 'pay_total{status="no"}', total: pay_total, histogram: pay_seconds_bucket, availability: 99%, latency: { p50: 1s } }
              www: { probe: www, availability: 99.5% }
              near: { vector: public.docs_idx, latency: { p95: 50ms } }
            """
        ).objectives
        #expect(
            objectives.map { "\($0.service)/\($0.name)=\($0.objective)" } == [
                "api/availability=0.9995", "api/latency_p95=0.95", "api/latency_p99_9=0.999",
                "payments/availability=0.99",
                "payments/latency_p50=0.5", "www/availability=0.995", "near/latency_p95=0.95",
            ])
        #expect(objectives[0].window == .seconds(7 * 86400))
        #expect(objectives[3].window == .seconds(30 * 86400))
        #expect(objectives[1].events == .histogram("http_request_duration_seconds", matchers: "service=\"api\""))
        #expect(objectives[3].events == .errors("pay_total{status=\"no\"}", total: "pay_total"))
        #expect(objectives[4].events == .histogram("pay_seconds", matchers: ""))
        #expect(
            objectives[5].events
                == .errors(
                    "probe_runs_total{probe=\"www\",result!=\"ok\"}", total: "probe_runs_total{probe=\"www\"}"))
        #expect(
            objectives[6].events
                == .histogram(
                    "vector_search_probe_duration_seconds", matchers: "schema=\"public\",index=\"docs_idx\""))
    }

    @Test(arguments: [
        ("a: { availability: 100% }", "5:"), ("a: { availability: 0.99 }", "such as 99.9%"),
        ("a: {}", "promises nothing"), ("a: { latency: { 95: 1s } }", "not a percentile"),
        ("a: { availability: 99%, window: 90m }", "whole hours"),
        ("a: { probe: wwww, availability: 99% }", "did you mean www?"),
        ("a: { probe: www, latency: { p95: 300ms } }", "no bucket that ends at 300ms"),
        ("a: { good: x, availability: 99% }", "two selectors"),
        ("a: { errors: 'rate(x_total[5m])', total: x_total, availability: 99% }", "without functions"),
        ("a: { errors: 'x_total{a=b}', total: x_total, availability: 99% }", "a value in quotes"),
        ("a: { errors: x_total, total: y_total, latency: { p95: 1s } }", "needs a histogram"),
        ("a: { vector: all, latency: { p95: 1s } }", "no latency probes"),
        ("a: { availability: 99%, latensy: { p95: 1s } }", "did you mean latency?"),
    ])
    func refusals(_ slo: String, _ expected: String) {
        let text = "probes:\n  www:\n    http: https://example.com/\nslos:\n  \(slo)\n"
        #expect { try read(text) } throws: { error in
            let text = "\(error)"
            return text.hasPrefix("app.yaml:5:") && (expected == "5:" || text.contains(expected))
        }
    }

    @Test func metrics() async throws {
        let objectives = try read("slos: { api: { availability: 99.9%, latency: { p95: 500ms } } }").objectives
        let families = await ObjectiveMetrics { objectives }.families(for: ScrapeRequest(deadline: .after(.seconds(1))))
        let values = families.flatMap { family in
            family.samples.map { sample -> String in
                let labels = sample.labels.pairs.map { "\($0.name)=\($0.value)" }.joined(separator: ",")
                guard case .number(let value) = sample.value else { return "" }
                return "\(family.descriptor.name){\(labels)} \(value)"
            }
        }
        #expect(
            Set(values) == [
                "slo_objective_ratio{service=api,slo=availability} 0.999",
                "slo_objective_ratio{service=api,slo=latency_p95} 0.95",
                "slo_window_seconds{service=api,slo=availability} 2592000.0",
                "slo_window_seconds{service=api,slo=latency_p95} 2592000.0",
                "slo_latency_threshold_seconds{percentile=0.95,service=api,slo=latency_p95} 0.5",
            ])
        #expect(ObjectiveMetrics.planned(objectives).map(\.most) == [2, 2, 1])
    }

    @Test func factorsAreOfTheWindow() throws {
        let configuration = try read(
            """
            slos:
              month: { availability: 99.9% }
              quarter: { availability: 99.9%, window: 90d }
              week: { availability: 99.9%, window: 7d }
              median: { latency: { p50: 1s } }
            """)
        let factors = configuration.objectives.map { objective in
            BurnAlert.all.map { RuleWriter.number($0.factor(for: objective)) }
        }
        #expect(factors == [["14.4", "6", "1"], ["43.2", "18", "3"], ["3.36", "1.4", "1"], ["1.8", "1.8", "1"]])
    }

    @Test func everyExpressionOfTheRulesIsPromQL() throws {
        let configuration = try read(
            """
            slos:
              it's: { service: "a\\"b", availability: 99.9%, latency: { p95: 2s } }
              own: { good: "x_total{a='b'}", total: x_total, availability: 50% }
            """.replacing("it's", with: "its"))
        let text = RuleWriter.text(configuration.objectives, origin: "app.yaml")
        let file = try RuleFile(LintFile(name: "rules.yml", text: text))
        #expect(file.rules.count == 11 + 3 * 8)
        for rule in file.rules { _ = try PromParser.expression(rule.text) }
        #expect(text.contains("le=~\"2([.]0)?\""))
    }
}
