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

    /// The headers that Prometheus 2.40 to 3.14 sends, and what other clients send.
    @Test(arguments: [
        (nil, ExpositionFormat.text004),
        ("", .text004),
        ("*/*", .text004),
        ("text/html", .text004),
        ("application/json", .text004),
        (
            "application/openmetrics-text;version=1.0.0;q=0.75,application/openmetrics-text;q=0.6,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
            .openMetrics100
        ),
        (
            "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=2",
            .openMetrics100
        ),
        (
            "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
            .openMetrics100
        ),
        (
            "text/plain;version=1.0.0;escaping=allow-utf-8;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
            .text004
        ),
        ("text/plain; version=0.0.4, application/openmetrics-text; version=1.0.0; q=0.5", .text004),
        ("Application/OpenMetrics-Text ; Version=1.0.0", .openMetrics100),
        ("application/openmetrics-text;version=2.0.0", .text004),
        ("application/openmetrics-text;version=1.0.0;q=0, text/plain", .text004),
        (";;;,=,q=1;,", .text004),
    ])
    func negotiates(accept: String?, expected: ExpositionFormat) {
        #expect(ExpositionFormat.negotiated(accept: accept) == expected)
    }

    @Test func negativeBucketsHaveNoSumInOpenMetrics() throws {
        let snapshot = try #require(HistogramSnapshot(upperBounds: [-1, 1], counts: [1, 1, 0], sum: -2))
        let family = MetricFamily(MetricDescriptor("t", "T.", kind: .histogram), [Sample(.histogram(snapshot))])
        let text = String(decoding: ExpositionFormat.openMetrics100.encode([family]), as: UTF8.self)
        #expect(!text.contains("t_sum") && !text.contains("t_count") && text.contains(#"t_bucket{le="-1.0"} 1"#))
    }

    @Test func anyBytesBetweenQuotesStayOneLine() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<500 {
            let value = String(decoding: (0..<40).map { _ in UInt8.random(in: 0...255, using: &random) }, as: UTF8.self)
            let family = MetricFamily(
                MetricDescriptor("m", value, kind: .gauge), [Sample(1, LabelSet(["l": value]))])
            for format in [ExpositionFormat.text004, .openMetrics100] {
                let lines = format.encode([family]).split(
                    separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
                #expect(lines.count == (format == .text004 ? 4 : 5))
            }
        }
    }
}
