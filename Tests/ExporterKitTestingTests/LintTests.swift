import ExporterKit
import ExporterKitTesting
import Testing

@Suite struct LintTests {
    @Test(
        arguments: [
            ("requests_total", .counter, []), ("requests", .counter, [.total]), ("requests_total", .gauge, [.total]),
            ("requests_total", .unknown, []), ("last_run_timestamp_seconds", .gauge, []),
            ("last_run_timestamp_seconds", .summary, [.timestamp]), ("queue_count", .gauge, [.reservedSuffix]),
            ("queue_sum", .gauge, [.reservedSuffix]), ("queue_bucket", .summary, [.reservedSuffix]),
            ("queue_count", .summary, []), ("queue_count", .unknown, []), ("jobs_gauge", .gauge, [.typeInName]),
            ("jobs_Counter_open", .gauge, [.typeInName]), ("counter_open", .gauge, []),
            ("wait_milliseconds", .gauge, [.baseUnit]),
            ("size_mebibytes", .gauge, [.baseUnit]), ("age_days", .gauge, [.baseUnit]), ("light_kelvin", .gauge, []),
            ("size_bytes_per_minutes", .gauge, []), ("wait_ms", .gauge, [.unitAbbreviation]),
            ("wait_sec_max", .gauge, [.unitAbbreviation]), ("ms_wait", .gauge, []), ("job:open", .gauge, [.colon]),
            ("jobsOpen", .gauge, [.camelCase]), ("JOBS", .gauge, []),
            ("jobsOpen_ms_total", .gauge, [.total, .camelCase, .unitAbbreviation]),
        ] as [(String, MetricKind, Set<LintProblem.Rule>)])
    func nameFollowsItsKind(name: String, kind: MetricKind, rules: Set<LintProblem.Rule>) async {
        let source = FixedSource([MetricFamily(MetricDescriptor(name, "Help.", kind: kind), [Sample(1)])])
        let problems = await source.lint()
        #expect(Set(problems.map(\.rule)) == rules, "\(problems)")
        #expect(problems.allSatisfy { $0.metric == name })
    }

    @Test func samplesAndHelpAreLookedAt() async {
        let source = FixedSource([
            MetricFamily(
                MetricDescriptor("open", "", kind: .gauge),
                [
                    Sample(1, LabelSet(["le": "1", "quantile": "2"])), Sample(1, LabelSet(["jobName": "a"])),
                    Sample(2, LabelSet(["jobName": "a"])),
                ])
        ])
        #expect(
            await source.lint().map(\.description) == [
                "open: the label jobName is not written in snake_case",
                "open: open{jobName=\"a\"} is there more than once",
                "open: the help text is missing",
                "open: the label le belongs to histograms",
                "open: the label quantile belongs to summaries",
            ])
    }

    @Test func bothFormatsAreJudgedAlike() throws {
        let families = FixedSource.typical + [MetricFamily(MetricDescriptor("hits", "", kind: .counter), [Sample(1)])]
        let text = Exposition(families, as: .text).lint()
        #expect(text.map(\.rule) == [.help, .total])
        let openMetrics = Exposition(families, as: .openMetrics).lint()
        // OpenMetrics cannot say that a metric without the suffix is a counter.
        #expect(openMetrics.map(\.rule) == [.help])
    }

    @Test func familiesWithoutSeriesAreJudgedToo() async {
        let source = FixedSource([MetricFamily(MetricDescriptor("jobs", "Jobs.", kind: .counter))])
        #expect(await source.lint().map(\.rule) == [.total])
    }
}
