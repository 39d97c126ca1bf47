import ExporterKit
import ExporterKitTesting
import Testing

@Suite struct DifferenceTests {
    private let source = FixedSource([
        MetricFamily(
            MetricDescriptor("hits_total", "Hits.", kind: .counter),
            [Sample(2, LabelSet(["a": "1", "b": "2"])), Sample(3, LabelSet(["a": "2"]))]),
        MetricFamily(
            MetricDescriptor("wait_seconds", "Waits.", kind: .histogram, unit: "seconds"),
            [HistogramSnapshot(upperBounds: [1], counts: [1, 1], sum: 5)].compactMap {
                $0.map { Sample(.histogram($0)) }
            }),
        MetricFamily(MetricDescriptor("ratio", "Ratio.", kind: .gauge), [Sample(.nan)]),
    ])

    @Test(arguments: [
        """
        ratio NaN
        # HELP hits_total Hits.
        hits_total{a="2"} 3
        hits_total{b="2",a="1"} 2.0
        # TYPE wait_seconds histogram
        wait_seconds_sum 5
        wait_seconds_count 2
        wait_seconds_bucket{le="1.0"} 1
        wait_seconds_bucket{le="+Inf"} 2
        """,
        """
        # TYPE hits counter
        hits_total{a="2"} 3
        hits_total{b="2",a="1"} 2.0
        # UNIT wait_seconds seconds
        # TYPE wait_seconds histogram
        wait_seconds_sum 5
        wait_seconds_count 2
        wait_seconds_bucket{le="1.0"} 1
        wait_seconds_bucket{le="+Inf"} 2
        # HELP ratio Ratio.
        ratio NaN
        # EOF
        """,
    ])
    func orderAndMissingMetadataDoNotMatter(expected: String) async throws {
        try await source.requireExposition(expected)
    }

    @Test func differenceShowsBothSides() async throws {
        let difference = await #expect(throws: ExpositionDifference.self) {
            try await source.requireExposition(
                """
                # HELP hits_total Misses.
                # TYPE hits_total gauge
                hits_total{a="2"} 4
                hits_total{a="3"} 0
                ratio 1
                """, only: ["hits_total", "ratio", "rotio", "wait_seconds_count"])
        }
        #expect(
            difference?.description == """
                not the expected metrics (- expected, + there):
                - # TYPE hits_total gauge
                + # TYPE hits_total counter
                - # HELP hits_total Misses.
                + # HELP hits_total Hits.
                - hits_total{a="2"} 4
                + hits_total{a="2"} 3
                - hits_total{a="3"} 0
                - ratio 1
                + ratio NaN
                + hits_total{a="1",b="2"} 2
                + wait_seconds_count 2
                - a metric named rotio
                """)
    }

    @Test(
        arguments: [
            ("hits_total{a=\"1\",b=\"2\"} 2\nhits_total{a=\"2\"} 3", ["hits_total"]),
            ("wait_seconds_count 2", ["wait_seconds_count"]),
            ("ratio NaN\nwait_seconds_count 2", ["ratio", "wait_seconds_count"]),
            ("hits_total{a=\"1\",b=\"2\"} 2\nhits_total{a=\"2\"} 3\n# EOF", ["hits_total"]),
            ("# TYPE hits counter\nhits_total{a=\"1\",b=\"2\"} 2\nhits_total{a=\"2\"} 3\n# EOF", ["hits"]),
        ] as [(String, Set<String>)])
    func onlyNamedMetricsAreCompared(expected: String, names: Set<String>) async throws {
        try await source.requireExposition(expected, only: names)
    }

    @Test func seriesThatIsThereTwiceIsADifference() async throws {
        let twice = FixedSource([MetricFamily(MetricDescriptor("a", "A.", kind: .gauge), [Sample(1), Sample(1)])])
        let difference = await #expect(throws: ExpositionDifference.self) { try await twice.requireExposition("a 1") }
        #expect(difference?.lines == [ExpositionDifference.Line(expected: "a 1", actual: "a 1\n+ a 1")])
    }

    @Test func timesAndExemplarsCountWhereExpected() throws {
        let text = "# TYPE a counter\na_total 1 5 # {id=\"7\"} 1 4\n# EOF\n"
        let actual = try Exposition(parsing: text)
        try actual.require("# TYPE a counter\na_total 1\n# EOF")
        try actual.require(text)
        for other in ["a_total 1 6", "a_total 1 # {id=\"8\"} 1 4"] {
            #expect(throws: ExpositionDifference.self) { try actual.require("# TYPE a counter\n\(other)\n# EOF") }
        }
    }

    @Test func malformedExpectationIsToldAsSuch() async {
        await #expect(throws: ExpositionError(line: 1, column: 7, "the value is not a number: \"x\"")) {
            try await source.requireExposition("ratio x")
        }
    }
}
