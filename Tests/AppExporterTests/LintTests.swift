import ExporterCommand
import Testing

@testable import app_exporter

/// Rules and dashboards against what is emitted.
struct LintTests {
    private func knowledge() throws -> MetricKnowledge {
        var knowledge = MetricKnowledge(external: ["cluster"])
        let configuration = try ConfigurationReader.read(
            try YAMLDocument(
                text: """
                    defaults: { labels: { env: test } }
                    sources: { cache: { redis: { url: redis://localhost } } }
                    groups:
                      q:
                        source: cache
                        commands:
                          - { run: [LLEN, "q:{queue}"], for: { queue: [a] }, gauge: job_queue_depth, help: Jobs. }
                          - { run: [GET, done], counter: jobs_done_total, help: Jobs. }
                    """, name: "app.yaml"))
        knowledge.add(configuration)
        try knowledge.add(
            LintFile(
                name: "known.prom",
                text: """
                    # TYPE http_request_duration_seconds histogram
                    http_request_duration_seconds_bucket{service="a,b",route="/\\"}",le="1"} 1
                    http_request_duration_seconds_count{service="a"} 1
                    # TYPE pg_up gauge
                    pg_up 1
                    """))
        try knowledge.add(
            LintFile(
                name: "list.json",
                text:
                    #"{"program":"x","collectors":[{"collector":"info","metrics":[{"name":"redis_up","kind":"gauge","help":"h"}]}]}"#
            ))
        return knowledge
    }

    private func lint(_ expression: String) throws -> [String] {
        ExpressionLint.problems(of: expression, try knowledge()).map {
            "\($0.offset):\($0.isError ? "" : "warning:")\($0.text)"
        }
    }

    @Test(
        arguments: [
            "job_queue_depth", "job_queue_depth{queue=\"a\",env=~\"t.*\",job!=\"x\",cluster=\"c\"} > 5",
            "redis_up{any=\"x\"} == 0",
            "histogram_quantile(0.95, sum by (le, service) (rate(http_request_duration_seconds_bucket[5m])))",
            "sum(rate(http_request_duration_seconds_count{service=~\"$service\"}[$__rate_interval])) by (service) / 2",
            "max_over_time(job_queue_depth[1h:5m] offset 1d) - -2 ^ 3 + pg_up @ end()", "time() - 3 > bool 1e3",
            "pg_up * on (instance) group_left (queue) job_queue_depth", "rate(jobs_done_total[5m]) or vector(0)",
            "label_replace(pg_up, \"host\", \"$1\", \"instance\", \"(.*):.*\") and on (host) label_replace(pg_up, \"host\", \"$1\", \"instance\", \"x\")",
            "increase(jobs_done_total[5m]) > 10", "$metric{job=\"x\"}", "rate($metric[5m])",
            "{__name__=~\"pg_.*\",x=\"y\"}",
            "topk(5, sum without (instance) (job_queue_depth))", "app_exporter_group_success{group=\"q\"} == 0",
            "up == 0",
            "count_values(\"v\", pg_up) # comment",
            "sum(job_queue_depth) by (queue) > on (queue) group_left sum(pg_up) by (job)",
        ].dropLast())
    func fine(_ expression: String) throws {
        #expect(try lint(expression) == [])
    }

    @Test(arguments: [
        ("job_queue_dept > 1", "0:nobody emits the metric job_queue_dept (did you mean job_queue_depth?)"),
        (
            "sum(rate(http_request_duration_second_bucket[5m]))",
            "9:nobody emits the metric http_request_duration_second_bucket (did you mean http_request_duration_seconds_bucket?)"
        ),
        ("job_queue_depth{queu=\"a\"}", "16:job_queue_depth has no label queu (did you mean queue?)"),
        ("job_queue_depth{le=\"1\"}", "16:job_queue_depth has no label le; there are env, queue"),
        (
            "sum by (sevice) (rate(http_request_duration_seconds_count[5m]))",
            "8:by: there is no label sevice here (did you mean service?)"
        ),
        ("pg_up * on (queue) pg_up", "12:on: there is no label queue here; it has none"),
        (
            "pg_up * on (instance) group_left (qeue) job_queue_depth",
            "34:group_left: there is no label qeue here (did you mean queue?)"
        ),
        (
            "rate(job_queue_depth[5m])",
            "5:warning:rate() of job_queue_depth, which is a gauge: every fall counts as a restart; use delta()"
        ),
        (
            "delta(jobs_done_total[5m])",
            "6:warning:delta() of jobs_done_total, which is a counter: a restart gives a wrong fall; use increase()"
        ),
        (
            "sum(jobs_done_total) > 10",
            "4:warning:jobs_done_total is a counter: compared with a number it stays true until the process restarts; write increase(jobs_done_total[5m])"
        ),
        ("ratte(pg_up[5m])", "0:there is no function ratte (did you mean rate?)"),
        ("sum(pg_up", "9:the expression ends where `)` should be"),
        ("pg_up{a=1}", "8:there is `1` where a value in quotes should be"),
        ("pg_up[5q]", "6:`5q` is neither a number nor a time"),
        ("pg_up pg_up", "6:there is `pg_up` where an operator should be"),
        ("\"x", "0:the string has no end"),
        ("", "0:the expression ends where a metric, a function or a number should be"),
    ])
    func wrong(_ expression: String, _ expected: String) throws {
        #expect(try lint(expression) == [expected])
    }

    @Test func nestingHasABound() throws {
        let text = String(repeating: "(", count: 5_000) + "1" + String(repeating: ")", count: 5_000)
        #expect(try lint(text).first?.contains("nested too deeply") == true)
    }

    @Test func rulesAndDashboardsWithTheirPlaces() throws {
        let rules = LintFile(
            name: "rules.yml",
            text: """
                groups:
                  - name: a
                    rules:
                      - record: queue:depth:sum
                        expr: sum by (queue) (job_queue_depth)
                      - alert: Deep
                        expr: |
                          queue:depth:sum > 5
                            and on (queue)
                          job_queue_depht{queue="x\\d"} > 1
                        labels: { severity: page }
                        annotations:
                          summary: "{{ $labels.queue }} {{ $labels.sevrity }}"
                      - alert: Folded
                        expr: >-
                          queue:depth:sum{queue="a"}
                          > queue:depth:max
                      - { alert: Quoted, expr: "sum by (env) (\\njob_queue_depth{envv=\\"x\\"})" }
                """)
        let dashboard = LintFile(
            name: "board.json",
            text: #"""
                { "panels": [
                  { "type": "row", "panels": [ { "datasource": { "type": "prometheus", "uid": "x" },
                    "targets": [ { "expr": "sum by (queue) (queue:depth:sum{queue=~\"$queue\"}) +\nsum(job_queue_depth{qeue=\"a\"})" } ] } ] },
                  { "datasource": { "type": "loki" }, "targets": [ { "expr": "{app=\"x\"} |= `y`" } ] }
                ],
                "templating": { "list": [
                  { "type": "query", "query": { "query": "label_values(job_queue_depth{env=\"$env\"}, queu)", "refId": "A" } },
                  { "type": "query", "query": "label_values(missing_metric, job)" },
                  { "type": "custom", "query": "a,b" } ] } }
                """#)
        let findings = try LintCommand.findings([dashboard, rules], knowledge())
        #expect(
            findings.map(\.line) == [
                "rules.yml:10:11: error: nobody emits the metric job_queue_depht (did you mean job_queue_depth?)",
                "rules.yml:13:52: error: the result has no label sevrity (did you mean severity?)",
                "rules.yml:17:13: error: nobody emits the metric queue:depth:max (did you mean queue:depth:sum?)",
                "rules.yml:18:65: error: job_queue_depth has no label envv (did you mean env?)",
                "board.json:3:104: error: job_queue_depth has no label qeue (did you mean queue?)",
                "board.json:7:87: error: label_values: there is no label queu here (did you mean queue?)",
                "board.json:8:45: error: nobody emits the metric missing_metric",
            ])
    }

    @Test func filesThatCannotBeRead() throws {
        for (text, expected) in [
            ("{ \"panels\": [1,] }", "a.json:1:16: this is not JSON"), ("{ \"a\": 1 }", "no dashboard"),
            ("groups: 5", "a.json:1:9"), ("groups: [{ rules: [{ expr: x }] }]", "alert is missing"),
        ] {
            #expect { try LintCommand.findings([LintFile(name: "a.json", text: text)], knowledge()) } throws: {
                "\($0)".contains(expected)
            }
        }
    }
}
