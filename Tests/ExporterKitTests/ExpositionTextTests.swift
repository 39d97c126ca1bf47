import Testing

@testable import ExporterKit

/// Exact bytes of every kind in every text format.
@Suite struct ExpositionTextTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let family: MetricFamily
        let text004: String
        let openMetrics: String
        var testDescription: String { family.descriptor.name }

        init(_ name: String, _ kind: MetricKind, unit: String? = nil, _ samples: [Sample], _ text: String, _ om: String)
        {
            family = MetricFamily(MetricDescriptor(name, "H.", kind: kind, unit: unit), samples)
            text004 = text
            openMetrics = om
        }
    }

    static let trace = Exemplar(0.67, labels: LabelSet(["trace_id": "KOO5S4vxi0o"]), timestamp: 1_520_879_607.789)

    static var histogram: SampleValue {
        var snapshot = HistogramSnapshot(upperBounds: [0.5, 1], counts: [2, 0, 1], sum: 4.25).unsafelyUnwrapped
        snapshot.exemplars = [nil, trace, Exemplar(7, labels: LabelSet(["t": "x"]), timestamp: 100)]
        snapshot.created = 1_520_430_000.123
        return .histogram(snapshot)
    }

    static func histogram(_ bounds: [Double], _ counts: [UInt64], sum: Double) -> SampleValue {
        .histogram(HistogramSnapshot(upperBounds: bounds, counts: counts, sum: sum).unsafelyUnwrapped)
    }

    static let native = SampleValue.histogram(
        HistogramSnapshot(
            native: NativeHistogramSnapshot(
                schema: 3, zeroThreshold: 0, zeroCount: 1, positive: [.init(index: 0, count: 2)], negative: []),
            sum: 1.5))

    static func summary(_ sum: Double?, _ count: UInt64?, created: Double? = nil) -> SampleValue {
        var snapshot = SummarySnapshot(quantiles: [("0.5", 1), ("0.99", .nan)], sum: sum, count: count)
        snapshot.created = created
        return .summary(snapshot)
    }

    static let cases: [Case] = [
        Case(
            "c_seconds_total", .counter, unit: "seconds",
            [Sample(.counter(CounterSnapshot(3, exemplar: trace, created: 1_520_430_000)), LabelSet(["a": "b"]))],
            """
            # HELP c_seconds_total H.
            # TYPE c_seconds_total counter
            c_seconds_total{a="b"} 3

            """,
            """
            # TYPE c_seconds counter
            # UNIT c_seconds seconds
            # HELP c_seconds H.
            c_seconds_total{a="b"} 3.0 # {trace_id="KOO5S4vxi0o"} 0.67 1520879607.789
            c_seconds_created{a="b"} 1520430000.0

            """),
        Case(
            "c_seconds", .counter, unit: "seconds", [Sample(.counter(CounterSnapshot(3, exemplar: trace, created: 1)))],
            """
            # HELP c_seconds H.
            # TYPE c_seconds counter
            c_seconds 3

            """,
            """
            # TYPE c_seconds unknown
            # UNIT c_seconds seconds
            # HELP c_seconds H.
            c_seconds 3.0

            """),
        Case(
            "some_created_total", .counter,
            [
                Sample(.counter(CounterSnapshot(1, created: 1)), LabelSet(["a": "1"])),
                Sample(2, LabelSet(["a": "2"])),
            ],
            """
            # HELP some_created_total H.
            # TYPE some_created_total counter
            some_created_total{a="1"} 1
            some_created_total{a="2"} 2

            """,
            """
            # TYPE some_created counter
            # HELP some_created H.
            some_created_total{a="1"} 1.0
            some_created_total{a="2"} 2.0

            """),
        Case(
            "g_bytes", .gauge, unit: "seconds", [Sample(-0.0), Sample(.nan, LabelSet(["x": "1"]))],
            """
            # HELP g_bytes H.
            # TYPE g_bytes gauge
            g_bytes 0
            g_bytes{x="1"} NaN

            """,
            """
            # TYPE g_bytes gauge
            # HELP g_bytes H.
            g_bytes 0.0
            g_bytes{x="1"} NaN

            """),
        Case(
            "h", .histogram, [Sample(histogram)],
            """
            # HELP h H.
            # TYPE h histogram
            h_bucket{le="0.5"} 2
            h_bucket{le="1"} 2
            h_bucket{le="+Inf"} 3
            h_sum 4.25
            h_count 3

            """,
            """
            # TYPE h histogram
            # HELP h H.
            h_bucket{le="0.5"} 2
            h_bucket{le="1.0"} 2 # {trace_id="KOO5S4vxi0o"} 0.67 1520879607.789
            h_bucket{le="+Inf"} 3 # {t="x"} 7.0 100.0
            h_sum 4.25
            h_count 3
            h_created 1520430000.123

            """),
        Case(
            "below_zero", .histogram, [Sample(histogram([-1, 1], [1, 1, 0], sum: -2))],
            """
            # HELP below_zero H.
            # TYPE below_zero histogram
            below_zero_bucket{le="-1"} 1
            below_zero_bucket{le="1"} 2
            below_zero_bucket{le="+Inf"} 2
            below_zero_sum -2
            below_zero_count 2

            """,
            """
            # TYPE below_zero histogram
            # HELP below_zero H.
            below_zero_bucket{le="-1.0"} 1
            below_zero_bucket{le="1.0"} 2
            below_zero_bucket{le="+Inf"} 2

            """),
        Case(
            "n", .histogram, [Sample(native, LabelSet(["a": "b"]))],
            """
            # HELP n H.
            # TYPE n histogram
            n_bucket{a="b",le="+Inf"} 3
            n_sum{a="b"} 1.5
            n_count{a="b"} 3

            """,
            """
            # TYPE n histogram
            # HELP n H.
            n_bucket{a="b",le="+Inf"} 3
            n_sum{a="b"} 1.5
            n_count{a="b"} 3

            """),
        Case(
            "gh", .gaugeHistogram, [Sample(histogram([-1, 2], [1, 2_000_000, 0], sum: -4))],
            """
            # HELP gh H.
            # TYPE gh histogram
            gh_bucket{le="-1"} 1
            gh_bucket{le="2"} 2.000001e+06
            gh_bucket{le="+Inf"} 2.000001e+06
            gh_sum -4
            gh_count 2.000001e+06

            """,
            """
            # TYPE gh gaugehistogram
            # HELP gh H.
            gh_bucket{le="-1.0"} 1
            gh_bucket{le="2.0"} 2000001
            gh_bucket{le="+Inf"} 2000001
            gh_gsum -4.0
            gh_gcount 2000001

            """),
        Case(
            "s", .summary, [Sample(summary(-1, 4, created: 5.5))],
            """
            # HELP s H.
            # TYPE s summary
            s{quantile="0.5"} 1
            s{quantile="0.99"} NaN
            s_sum -1
            s_count 4

            """,
            """
            # TYPE s summary
            # HELP s H.
            s{quantile="0.5"} 1.0
            s{quantile="0.99"} NaN
            s_count 4
            s_created 5.5

            """),
        Case(
            "app_info", .info, unit: "info", [Sample(1, LabelSet(["version": "1"]))],
            """
            # HELP app_info H.
            # TYPE app_info gauge
            app_info{version="1"} 1

            """,
            """
            # TYPE app info
            # HELP app H.
            app_info{version="1"} 1.0

            """),
        Case(
            "st", .stateset, [Sample(1, LabelSet(["st": "a"])), Sample(0, LabelSet(["st": "b"]))],
            """
            # HELP st H.
            # TYPE st gauge
            st{st="a"} 1
            st{st="b"} 0

            """,
            """
            # TYPE st stateset
            # HELP st H.
            st{st="a"} 1.0
            st{st="b"} 0.0

            """),
        Case(
            "u", .unknown, [Sample(1e-7)],
            """
            # HELP u H.
            # TYPE u untyped
            u 1e-07

            """,
            """
            # TYPE u unknown
            # HELP u H.
            u 1e-07

            """),
    ]

    static func text(_ format: ExpositionFormat, _ families: MetricFamily...) -> String {
        String(decoding: format.encode(families), as: UTF8.self)
    }

    @Test(arguments: cases) func everyKindInText004(_ example: Case) {
        #expect(Self.text(.text004, example.family) == example.text004)
        #expect(Self.text(ExpositionFormat(.text100, escaping: .allowUTF8), example.family) == example.text004)
    }

    @Test(arguments: cases) func everyKindInOpenMetrics(_ example: Case) {
        #expect(Self.text(.openMetrics100, example.family) == example.openMetrics + "# EOF\n")
    }

    /// Whole numbers stay exact where a float could not hold them.
    @Test(arguments: [
        (UInt64(0), "0", "0"), (999_999, "999999", "999999"), (1_000_000, "1e+06", "1000000"),
        (1 << 53, "9007199254740992", "9007199254740992"), (.max, "18446744073709551615", "18446744073709551615"),
    ])
    func countsOfInstruments(value: UInt64, text004: String, openMetrics: String) {
        let family = MetricFamily(MetricDescriptor("c", "", kind: .gauge), live: OneCount(value: value))
        #expect(Self.text(.text004, family) == "# TYPE c gauge\nc \(text004)\n")
        #expect(Self.text(.openMetrics100, family) == "# TYPE c gauge\nc \(openMetrics)\n# EOF\n")
    }

    final class OneCount: LiveSeries {
        let value: UInt64
        init(value: UInt64) { self.value = value }
        var count: Int { 1 }
        var lines: Int { 1 }
        var labelBytes: Int { 0 }
        func write(to writer: inout some SeriesWriter) {
            writer.write(value, LabelBytes(start: nil, count: 0))
        }
    }

    /// OpenMetrics calls a counter by its name without `_total`; where that is taken, the kind is given up, not the series.
    @Test func countersWhoseShortNameIsTakenAreUnknown() {
        let counter = MetricFamily(MetricDescriptor("x_total", "", kind: .counter), [Sample(1)])
        for (taken, kind) in [("x", MetricKind.gauge), ("x_created", .gauge), ("x_info", .info)] {
            let text = Self.text(
                .openMetrics100, MetricFamily(MetricDescriptor(taken, "", kind: kind), [Sample(1)]), counter)
            #expect(text.contains("# TYPE x_total unknown\nx_total 1.0\n"))
        }
    }

    @Test(arguments: [
        ("h_count", MetricKind.histogram, true, true), ("h_bucket", .histogram, true, true),
        ("h_bucket", .summary, false, false), ("h_sum", .summary, true, true), ("h_count", .gauge, false, false),
        ("h_gsum", .gaugeHistogram, false, true), ("h_sum", .gaugeHistogram, true, false),
        ("h_created", .histogram, false, true),
    ])
    func aFamilyCalledAsAnothersSamplesIsLeftOut(
        name: String, kind: MetricKind, clashesInText: Bool, clashesInOpenMetrics: Bool
    ) {
        let value: SampleValue =
            switch kind {
            case .gauge: .number(1)
            case .summary: Self.summary(1, 1)
            default: Self.histogram
            }
        let families = [
            MetricFamily(MetricDescriptor("h", "", kind: kind), [Sample(value)]),
            MetricFamily(MetricDescriptor(name, "", kind: .gauge), [Sample(1), Sample(1, LabelSet(["a": "b"]))]),
        ]
        #expect(ExpositionFormat.text004.exposition(of: families).collisions == (clashesInText ? 2 : 0))
        #expect(ExpositionFormat.openMetrics100.exposition(of: families).collisions == (clashesInOpenMetrics ? 2 : 0))
    }
}
