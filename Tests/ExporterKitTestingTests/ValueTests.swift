import ExporterKit
import ExporterKitTesting
import Testing

@Suite struct ValueTests {
    private let source = FixedSource(FixedSource.typical)

    @Test(
        arguments: [
            ("http_requests_total", ["method": "get", "code": "200"], 3),
            ("http_requests_total", ["method": "a\"b\\c\nd, e}", "code": "500"], 1),
            ("http_requests_total", ["code": "200"], nil),
            ("temperature_celsius", [:], .infinity),
            ("temperature_celsius", ["sensor": "Äpfel 😱"], -12.75),
            ("latency_seconds", ["path": "/"], nil),
            ("latency_seconds_bucket", ["path": "/", "le": "1"], 3),
            ("latency_seconds_bucket", ["path": "/", "le": "1.0"], 3),
            ("latency_seconds_bucket", ["path": "/", "le": "1e+06"], 3),
            ("latency_seconds_bucket", ["path": "/", "le": "+Inf"], 7),
            ("latency_seconds_count", ["path": "/"], 7),
            ("latency_seconds_sum", ["path": "/"], 6_000_000.25),
            ("pause_seconds", ["quantile": "0.5"], 0.25),
            ("pause_seconds_count", [:], 2_000_000),
        ] as [(String, [String: String], Double?)])
    func seriesHasItsValue(name: String, labels: [String: String], expected: Double?) async throws {
        #expect(await source.value(name, labels) == expected)
        for format in [ExpositionFormat.text004, .openMetrics100] {
            let text = String(decoding: format.encode(FixedSource.typical), as: UTF8.self)
            #expect(try Exposition(parsing: text).value(name, labels) == expected, "\(text)")
        }
    }

    @Test func absentSeriesNamesTheNearest() async throws {
        let error = await #expect(throws: SeriesNotFound.self) {
            try await source.requireValue("http_request_total", ["code": "500"])
        }
        #expect(
            error?.description.hasPrefix(
                """
                no series http_request_total{code="500"}; there are:
                  http_requests_total{code="500",method="a\\"b\\\\c\\nd, e}"} 1
                  http_requests_total{code="200",method="get"} 3
                """ + "\n  ") == true, "\(String(describing: error))")
        #expect(error?.present.count == 15)
    }

    @Test func longListsOfSeriesEnd() async throws {
        let samples = (0..<25).map { Sample(Double($0), LabelSet(["n": "\($0)"])) }
        let source = FixedSource([MetricFamily(MetricDescriptor("a", "A.", kind: .gauge), samples)])
        let error = await #expect(throws: SeriesNotFound.self) { try await source.requireValue("b") }
        #expect(
            error?.description.hasSuffix("\n  a{n=\"19\"} 19\n  and 5 more") == true, "\(String(describing: error))")
        let none = await #expect(throws: SeriesNotFound.self) { try await FixedSource([]).requireValue("b") }
        #expect(none?.description == "no series b, nor any other")
    }

    @Test func increaseIsWhatOneCallAdds() async throws {
        let jobs = MetricDescriptor("jobs_total", "Jobs.", kind: .counter)
        let source = FixedSource([])
        let fromNothing = try await source.increase(of: "jobs_total") { source.set([MetricFamily(jobs, [Sample(2)])]) }
        #expect(fromNothing == 2)
        let more = try await source.increase(of: "jobs_total") { source.set([MetricFamily(jobs, [Sample(7)])]) }
        #expect(more == 5)
        #expect(try await source.increase(of: "jobs_total") {} == 0)
        await #expect(throws: SeriesNotFound.self) { try await source.increase(of: "job_total") {} }
    }

    @Test func histogramComesWhole() async throws {
        let histogram = try #require(await source.histogram("latency_seconds", ["path": "/"]))
        #expect(histogram.counts == [1, 2, 0, 4])
        #expect(await source.histogram("latency_seconds") == nil)
        #expect(await source.histogram("temperature_celsius") == nil)
    }

    @Test(arguments: [(ExpositionFormat.text004, Exposition.Syntax.text), (.openMetrics100, .openMetrics)])
    func encodedAndParsedIsTheSame(format: ExpositionFormat, syntax: Exposition.Syntax) throws {
        let text = String(decoding: format.encode(FixedSource.typical), as: UTF8.self)
        let parsed = try Exposition(parsing: text)
        let direct = Exposition(FixedSource.typical, as: syntax)
        #expect(parsed.syntax == syntax)
        #expect(parsed.difference(from: direct) == nil)
        #expect(direct.difference(from: parsed) == nil)
        #expect(parsed.families.map(\.name) == direct.families.map(\.name))
    }
}
