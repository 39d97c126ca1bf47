import Testing

@testable import ExporterKit

@Suite struct ExpositionTests {
    static let families: [MetricFamily] = [
        MetricFamily(
            MetricDescriptor("http_requests_total", "Requests\nserved, \"all\" of \\ them.", kind: .counter),
            [Sample(3, LabelSet(["code": "200"])), Sample(1_234_567, LabelSet(["code": "500"]))]),
        MetricFamily(
            MetricDescriptor("latency_seconds", "Latency.", kind: .histogram, unit: "seconds"),
            [
                Sample(
                    .histogram(
                        HistogramSnapshot(upperBounds: [0.5, 1], counts: [2, 0, 1], sum: 4.25).unsafelyUnwrapped),
                    LabelSet(["path": "/"]))
            ]),
        MetricFamily(
            MetricDescriptor("wait_seconds", "Waiting.", kind: .summary),
            [Sample(.summary(SummarySnapshot(quantiles: [("0.5", 1), ("0.99", 2.5)], sum: 7, count: 4)))]),
        MetricFamily(MetricDescriptor("upstream_reads", "A counter without the suffix.", kind: .counter), [Sample(7)]),
        MetricFamily(MetricDescriptor("app_info", "Facts.", kind: .info), [Sample(1, LabelSet(["version": "1"]))]),
        MetricFamily(MetricDescriptor("nothing", "No samples.", kind: .gauge)),
    ]

    @Test func text004() {
        let text = String(decoding: ExpositionFormat.text004.encode(Self.families), as: UTF8.self)
        #expect(
            text == #"""
                # HELP http_requests_total Requests\nserved, "all" of \\ them.
                # TYPE http_requests_total counter
                http_requests_total{code="200"} 3
                http_requests_total{code="500"} 1.234567e+06
                # HELP latency_seconds Latency.
                # TYPE latency_seconds histogram
                latency_seconds_bucket{path="/",le="0.5"} 2
                latency_seconds_bucket{path="/",le="1"} 2
                latency_seconds_bucket{path="/",le="+Inf"} 3
                latency_seconds_sum{path="/"} 4.25
                latency_seconds_count{path="/"} 3
                # HELP wait_seconds Waiting.
                # TYPE wait_seconds summary
                wait_seconds{quantile="0.5"} 1
                wait_seconds{quantile="0.99"} 2.5
                wait_seconds_sum 7
                wait_seconds_count 4
                # HELP upstream_reads A counter without the suffix.
                # TYPE upstream_reads counter
                upstream_reads 7
                # HELP app_info Facts.
                # TYPE app_info gauge
                app_info{version="1"} 1

                """#)
    }

    @Test func openMetrics100() {
        let text = String(decoding: ExpositionFormat.openMetrics100.encode(Self.families), as: UTF8.self)
        #expect(
            text == #"""
                # TYPE http_requests counter
                # HELP http_requests Requests\nserved, \"all\" of \\ them.
                http_requests_total{code="200"} 3.0
                http_requests_total{code="500"} 1.234567e+06
                # TYPE latency_seconds histogram
                # UNIT latency_seconds seconds
                # HELP latency_seconds Latency.
                latency_seconds_bucket{path="/",le="0.5"} 2
                latency_seconds_bucket{path="/",le="1.0"} 2
                latency_seconds_bucket{path="/",le="+Inf"} 3
                latency_seconds_sum{path="/"} 4.25
                latency_seconds_count{path="/"} 3
                # TYPE wait_seconds summary
                # HELP wait_seconds Waiting.
                wait_seconds{quantile="0.5"} 1.0
                wait_seconds{quantile="0.99"} 2.5
                wait_seconds_sum 7.0
                wait_seconds_count 4
                # TYPE upstream_reads unknown
                # HELP upstream_reads A counter without the suffix.
                upstream_reads 7.0
                # TYPE app info
                # HELP app Facts.
                app_info{version="1"} 1.0
                # EOF

                """#)
    }

    @Test func anyBytesBetweenQuotesStayOneLine() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<500 {
            let value = String(decoding: (0..<40).map { _ in UInt8.random(in: 0...255, using: &random) }, as: UTF8.self)
            let family = MetricFamily(
                MetricDescriptor("m" + value, value, kind: .gauge), [Sample(1, LabelSet(["l" + value: value]))])
            for format in [ExpositionFormat.text004, .openMetrics100, ExpositionFormat(.text100, escaping: .allowUTF8)]
            {
                let lines = format.encode([family]).split(
                    separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
                #expect(lines.count == (format == .openMetrics100 ? 5 : 4))
            }
        }
    }
}
