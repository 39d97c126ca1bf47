import Foundation
import Testing

/// app-exporter's commands as a user runs them, with promtool as the judge of what they write.
@Suite struct AppCommandIntegrationTests {
    private static let slos = """
        sources: { cache: { redis: { url: { env: REDIS } } } }
        probes: { www: { http: https://shop.example.com/ } }
        slos:
          api: { availability: 99.9%, latency: { p95: 500ms } }
          week: { probe: www, availability: 99%, window: 7d }
          pay: { good: 'pay_total{result="ok"}', total: pay_total, availability: 99% }
        """

    /// Runs a command in a folder with these files.
    private func run(
        _ words: [String], files: [String: String], environment: [String: String] = [:],
        _ more: (URL, FleetProcess) async throws -> Void = { _, _ in }
    ) async throws -> (status: Int32, output: String, errors: String) {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("command-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, text) in files {
            try text.write(to: folder.appendingPathComponent(name), atomically: true, encoding: .utf8)
        }
        let process = try FleetProcess(
            "app-exporter", words.map { $0.replacingOccurrences(of: "DIR", with: folder.path) },
            environment: environment)
        let status = try #require(try await process.exitStatus(within: .seconds(30)))
        try await more(folder, process)
        return (status, process.standardOutput, process.standardError)
    }

    /// promtool's exit status and words.
    private func promtool(_ words: [String], in folder: URL) async throws -> (Int32, String) {
        let check = try FleetProcess(
            "/bin/sh",
            ["-c", "cd \"$0\" && TMPDIR=\"$0\" exec \"$@\"", folder.path, try FleetServers()("FLEET_PROMTOOL")] + words)
        return (
            try #require(try await check.exitStatus(within: .seconds(60))), check.standardOutput + check.standardError
        )
    }

    @Test func rulesFireAndResolveAtTheRightMoments() async throws {
        let environment = ["REDIS": "redis://localhost"]
        _ = try await run(["rules", "DIR/app.yaml"], files: ["app.yaml": Self.slos], environment: environment) {
            folder, process in
            #expect(process.standardError == "")
            let rules = folder.appendingPathComponent("rules.yml")
            try process.standardOutput.write(to: rules, atomically: true, encoding: .utf8)
            let checked = try await promtool(["check", "rules", "--lint-fatal", "rules.yml"], in: folder)
            #expect(checked.0 == 0, "\(checked.1)")
            try Self.ruleTest.write(to: folder.appendingPathComponent("test.yml"), atomically: true, encoding: .utf8)
            let tested = try await promtool(["test", "rules", "test.yml"], in: folder)
            #expect(tested.0 == 0, "\(tested.1)")
        }
    }

    /// A service with 10 requests per second: 7 quiet hours, 30 minutes in which 5% fail, and quiet again. 99.9% are promised,
    /// so 5% is 50 times too fast. Long windows are ratios of sums of 5-minute rates, evaluated every 30 seconds.
    private static let ruleTest = #"""
        rule_files: [rules.yml]
        evaluation_interval: 30s
        tests:
          - interval: 30s
            input_series:
              - series: 'http_requests_total{service="api",status="200"}'
                values: '0+300x839 251985+285x59 269100+300x200'
              - series: 'http_requests_total{service="api",status="500"}'
                values: '0x839 15+15x59 900+0x200'
              - series: 'http_request_duration_seconds_count{service="api"}'
                values: '0+300x1100'
              - series: 'http_request_duration_seconds_bucket{service="api",le="0.5"}'
                values: '0+291x1100'
              - series: 'probe_runs_total{probe="www",result="ok"}'
                values: '0+1x1100'
              - series: 'probe_runs_total{probe="www",result="timeout"}'
                values: '0x1100'
            promql_expr_test:
              - expr: slo:error_ratio:rate5m{slo="availability",service="api"}
                eval_time: 7h20m
                exp_samples: [{ labels: 'slo:error_ratio:rate5m{service="api",slo="availability"}', value: 0.05 }]
              - expr: round(slo:error_ratio:rate5m{slo="latency_p95"}, 0.001)
                eval_time: 7h20m
                exp_samples: [{ labels: '{service="api",slo="latency_p95"}', value: 0.03 }]
              - expr: round(slo:burn_rate:rate5m{slo="availability",service="api"}, 0.001)
                eval_time: 7h20m
                exp_samples: [{ labels: '{service="api",slo="availability"}', value: 50 }]
              - expr: slo:error_ratio:rate1h{service="week"}
                eval_time: 5h
                exp_samples: [{ labels: 'slo:error_ratio:rate1h{service="week",slo="availability"}', value: 0 }]
              - expr: slo:error_budget_remaining:ratio{service="week"}
                eval_time: 5h
                exp_samples: [{ labels: 'slo:error_budget_remaining:ratio{service="week",slo="availability"}', value: 1 }]
              # 900 of 273,000 requests were bad: 0.33% where 0.1% may be.
              - expr: round(slo:error_budget_remaining:ratio{service="api",slo="availability"}, 0.1)
                eval_time: 7h35m
                exp_samples: [{ labels: '{service="api",slo="availability"}', value: -2.3 }]
              # Groups of rules may be evaluated in any order, so a value in a text may be one evaluation behind: here it is
              # asked which alerts fire and not what they say.
              - expr: sum by (alertname, window) (ALERTS{alertstate="firing",service="api",slo="availability"})
                eval_time: 7h15m
                exp_samples: []
              - expr: sum by (alertname, window) (ALERTS{alertstate="firing",service="api",slo="availability",window="1h"})
                eval_time: 7h24m
                exp_samples: [{ labels: '{alertname="SLOErrorBudgetFastBurn",window="1h"}', value: 1 }]
              - expr: sum by (alertname) (ALERTS{alertstate="firing",service="api",alertname="SLOErrorBudgetExhausted"})
                eval_time: 8h
                exp_samples: [{ labels: '{alertname="SLOErrorBudgetExhausted"}', value: 1 }]
            alert_rule_test:
              # 14.4 times: 1.44% of the last hour, which is more than 17 of 60 minutes at 5%.
              - { eval_time: 7h15m, alertname: SLOErrorBudgetFastBurn, exp_alerts: [] }
              # The short window has seen the end of it.
              - { eval_time: 7h37m, alertname: SLOErrorBudgetFastBurn, exp_alerts: [] }
              # 6 times: 0.6% of the last six hours: never reached for 15 minutes together with the last 30 minutes.
              - { eval_time: 7h30m, alertname: SLOErrorBudgetBurnElevated, exp_alerts: [] }
              - { eval_time: 9h, alertname: SLOErrorBudgetBurnElevated, exp_alerts: [] }
              # Nobody measures payments.
              - eval_time: 20m
                alertname: SLOIndicatorMissing
                exp_alerts:
                  - exp_labels: { service: pay, slo: availability, severity: warning }
                    exp_annotations:
                      summary: "pay availability: nothing is measured"
                      description: "No events are counted, so no alert of this objective can fire. Is the service scraped, does its metric have the labels and buckets that the rules ask for?"
        """#

    @Test func checkReportsEverySourceGroupAndProbe() async throws {
        let servers = FleetServers()
        let environment = [
            "REDIS": try servers("FLEET_REDIS8_URL"), "PG": try PostgresUnderTest(major: 17).superuser(),
        ]
        let good = """
            sources: { cache: { redis: { url: { env: REDIS } } }, db: { postgres: { dsn: { env: PG } } } }
            groups:
              keys: { source: cache, commands: [{ run: [DBSIZE], gauge: keys, help: Keys. }] }
              one: { source: db, sql: SELECT 1 AS n, metrics: [{ gauge: one, value: n, help: One. }] }

            """
        let fine = try await run(["check", "DIR/app.yaml"], files: ["app.yaml": good], environment: environment)
        #expect(fine.status == 0, "\(fine.output)\(fine.errors)")
        #expect(fine.output.contains("OK        cache") && fine.output.contains("1 series"))
        #expect(!fine.output.contains("\u{1b}"))

        let partial =
            good + "  bad: { source: db, sql: \"SELECT 'x' AS n\", metrics: [{ gauge: bad, value: n, help: Bad. }] }\n"
        let warning = try await run(["check", "DIR/app.yaml"], files: ["app.yaml": partial], environment: environment)
        #expect(warning.status == 1, "\(warning.output)")
        #expect(warning.output.contains("values not exposed: 1 wrong_type"))

        let broken = good + "probes: { gone: { http: \"http://127.0.0.1:1/\", timeout: 2s } }\n"
        let critical = try await run(
            ["check", "--json", "DIR/app.yaml"], files: ["app.yaml": broken], environment: environment)
        #expect(critical.status == 2)
        let json = try #require(
            try JSONSerialization.jsonObject(with: Data(critical.output.utf8)) as? [String: Any], "\(critical.output)")
        #expect(json["status"] as? String == "CRITICAL")
        let items = try #require(json["items"] as? [[String: Any]])
        #expect(
            items.map { "\($0["kind"] ?? "") \($0["name"] ?? "") \($0["status"] ?? "")" } == [
                "source cache OK", "source db OK", "group keys OK", "group one OK", "probe gone CRITICAL",
            ])

        let unknown = try await run(
            ["check", "DIR/app.yaml"], files: ["app.yaml": "grups: {}"], environment: environment)
        #expect(unknown.status == 3)
        #expect(unknown.errors.contains("app.yaml:1:1: unknown key grups in the configuration (did you mean groups?)"))
    }

    @Test func lintFindsWhatNobodyEmits() async throws {
        let rules = "groups: [{ name: a, rules: [{ alert: A, expr: 'redis_upp == 0 or up == 0' }] }]\n"
        let list = try FleetProcess("redis-exporter", ["--list-metrics=json"])
        #expect(try await list.exitStatus() == 0)
        let files = ["rules.yml": rules, "redis.json": list.standardOutput]
        let wrong = try await run(["lint", "DIR/rules.yml", "--known=DIR/redis.json"], files: files)
        #expect(wrong.status == 2)
        #expect(
            wrong.output.contains("rules.yml:1:48: error: nobody emits the metric redis_upp (did you mean redis_up?)"))
        let right = try await run(
            ["lint", "--known", "DIR/redis.json", "DIR/rules.yml"],
            files: files.merging(["rules.yml": rules.replacingOccurrences(of: "upp", with: "up")]) { $1 })
        #expect(right.status == 0, "\(right.output)\(right.errors)")
        let missing = try await run(["lint", "DIR/none.yml"], files: [:])
        #expect(missing.status == 3)
    }

    @Test func planIsTheUpperBoundOfWhatIsServed() async throws {
        let text = """
            defaults: { labels: { env: test } }
            sources: { cache: { redis: { url: { env: REDIS } } } }
            groups:
              g:
                source: cache
                commands: [{ run: [EXISTS, "plan:{x}"], for: { x: [a, b, c] }, gauge: plan_there, help: There. }]
            slos: { g: { availability: 99% } }
            """
        let environment = ["REDIS": try FleetServers()("FLEET_REDIS8_URL")]
        let plan = try await run(
            ["plan", "--json", "DIR/app.yaml"], files: ["app.yaml": text], environment: environment)
        #expect(plan.status == 0)
        let json = try #require(try JSONSerialization.jsonObject(with: Data(plan.output.utf8)) as? [String: Any])
        var planned: [String: (labels: Set<String>, most: Int)] = [:]
        for metric in try #require(json["metrics"] as? [[String: Any]]) {
            let name = try #require(metric["name"] as? String)
            planned[name] = (Set(metric["labels"] as? [String] ?? []), metric["most"] as? Int ?? 0)
        }
        #expect(planned["plan_there"]?.labels == ["env", "x"])
        #expect(planned["plan_there"]?.most == 3)
        let app = try AppExporterUnderTest(text, environment: environment)
        let values = try await app.scrape { $0["app_exporter_group_success{group=\"g\"}"] == 1 }
        for (name, plan) in planned where !name.hasPrefix("process_") {
            let served = values.keys.filter { $0 == name || $0.hasPrefix("\(name){") }
            #expect(served.count <= plan.most, "\(name)")
        }
        #expect(values.keys.filter { $0.hasPrefix("plan_there{") }.count == 3)
        #expect(values["slo_objective_ratio{service=\"g\",slo=\"availability\"}"] == 0.99)
    }
}
