import ExporterKit
import ExporterKitTesting
import Testing

@Suite struct ParsingTests {
    @Test func textGivesFamilies() throws {
        let exposition = try Exposition(
            parsing: """
                # a comment

                # HELP http_requests_total Requests \\\\ answered.\\nAll "of" them.
                # TYPE http_requests_total counter
                http_requests_total{code="200",path="/a\\"b\\\\c\\nd"} 1027 1395066363000
                http_requests_total { code = "500", path="", } +3e0
                without_type NaN

                """)
        let paths = ["code": "200", "path": "/a\"b\\c\nd"]
        #expect(
            exposition
                == Exposition([
                    Exposition.Family(
                        "http_requests_total", kind: .counter, help: "Requests \\ answered.\nAll \"of\" them.",
                        samples: [
                            Exposition.Sample("http_requests_total", paths, value: 1027, timestamp: 1_395_066_363),
                            Exposition.Sample("http_requests_total", ["code": "500", "path": ""], value: 3),
                        ]),
                    Exposition.Family("without_type", samples: [Exposition.Sample("without_type", value: .nan)]),
                ]))
    }

    @Test func openMetricsGivesUnitsAndExemplars() throws {
        let exposition = try Exposition(
            parsing: """
                # TYPE wait_seconds histogram
                # UNIT wait_seconds seconds
                # HELP wait_seconds Time \\"waiting\\".
                wait_seconds_bucket{le="0.5"} 1 # {trace_id="a b"} 0.25 1520879607.5
                wait_seconds_bucket{le="+Inf"} 3 # {} 9
                wait_seconds_sum 10.5
                wait_seconds_count 3
                wait_seconds_created 1520430000.125
                # TYPE jobs counter
                jobs_total{queue="a"} 17.0 1520879607.789 # {id="7"} 1.0
                # TYPE phase stateset
                phase{phase="on"} 1
                phase{phase="off"} 0
                # TYPE build info
                build_info{version="1"} 1
                # EOF

                """)
        #expect(exposition.syntax == .openMetrics)
        let wait = try #require(exposition.families.first)
        #expect((wait.kind, wait.unit, wait.help) == (.histogram, "seconds", "Time \"waiting\"."))
        #expect(
            wait.samples.first?.exemplar
                == Exposition.Exemplar(["trace_id": "a b"], value: 0.25, timestamp: 1520879607.5))
        #expect(wait.samples[1].exemplar == Exposition.Exemplar([:], value: 9))
        #expect(exposition.families[1].samples.first?.timestamp == 1520879607.789)
        #expect(exposition.families.map(\.name) == ["wait_seconds", "jobs", "phase", "build"])
    }

    @Test(arguments: [
        (#"{"my.metric"} 1"#, #"{"my.metric"} 1"#),
        (#"{ "my.metric" , "a.b" = "c" , d="e" } 1"#, #"{"my.metric","a.b"="c",d="e"} 1"#),
        (#"{"plain",a="b"} 1"#, #"plain{a="b"} 1"#),
        (#"x{"a\"\\\nb"="c"} -Inf"#, #"x{"a\"\\\nb"="c"} -Inf"#),
        (#"{"花火"} .5e1"#, #"{"花火"} 5"#),
    ])
    func namesInQuotesAreRead(line: String, shown: String) throws {
        let exposition = try Exposition(parsing: line + "\n")
        #expect(exposition.samples.map(\.description) == [shown])
        #expect(try Exposition(parsing: shown + "\n") == exposition)
    }

    @Test func metadataTakesNamesInQuotes() throws {
        let text = "# HELP \"my.metric\" What.\n# TYPE \"my.metric\" gauge\n{\"my.metric\"} 1\n"
        #expect(try Exposition(parsing: text).families.first?.help == "What.")
    }

    @Test(arguments: [
        ("a 1", 1, 4, "the last line does not end with a line feed"),
        ("a\n", 1, 2, "expected a space before the value, found the end of the line"),
        ("a \n", 1, 3, "the value is not a number: \"\""),
        ("a 1,5\n", 1, 3, "the value is not a number: \"1,5\""),
        ("a 0x10\n", 1, 3, "the value is not a number: \"0x10\""),
        ("a 1e999\n", 1, 3, "the value is not a number: \"1e999\""),
        ("a 1\r\n", 1, 3, "the value is not a number: \"1\\r\""),
        ("a 1 \n", 1, 4, "the line goes on after its end"),
        ("# TYPE a gauge \n", 1, 15, "the line goes on after its end"),
        ("a 1 2.5\n", 1, 5, "the timestamp is not a whole number of milliseconds: \"2.5\""),
        ("a 1 2 3\n", 1, 6, "the line goes on after its end"),
        ("a 1 # {b=\"c\"} 1\n", 1, 5, "only OpenMetrics has exemplars"),
        ("a-b 1\n", 1, 2, "expected a space before the value, found \"-\""),
        ("1a 1\n", 1, 1, "expected a metric name, found \"1\""),
        ("ä 1\n", 1, 1, "expected a metric name, found \"ä\""),
        ("\"a\" 1\n", 1, 1, "a quoted name of a series stands in braces"),
        ("{a=\"b\"} 1\n", 1, 8, "the series has no name"),
        ("{\"\"} 1\n", 1, 2, "a name is empty"),
        ("a{b=\"ü\",b=\"d\"} 1\n", 1, 9, "the label b is there twice"),
        ("a{__name__=\"b\"} 1\n", 1, 3, "label names that begin with __ belong to Prometheus: __name__"),
        ("a{b:c=\"d\"} 1\n", 1, 4, "expected = after a label name, found \":\""),
        ("a{b=c} 1\n", 1, 5, "expected \" at the beginning of a quoted text, found \"c\""),
        ("a{b=\"c} 1\n", 1, 5, "a quoted text does not end in this line"),
        ("a{b=\"\\t\"} 1\n", 1, 6, "an unknown escape: a backslash before \"t\""),
        ("a{b=\"c\" d=\"e\"} 1\n", 1, 9, "expected , or } after a label, found \"d\""),
        ("a{b=\"c\"}1\n", 1, 9, "expected a space before the value, found \"1\""),
        ("a{,} 1\n", 1, 3, "expected a label name, found \",\""),
        ("# TYPE a info\n", 1, 10, "not a type of this format: \"info\""),
        ("# TYPE a counter x\n", 1, 17, "the line goes on after its end"),
        ("# HELP a a\\\"\n", 1, 11, "an unknown escape: a backslash before \"\\\"\""),
        ("# HELP a x\n# HELP a y\n", 2, 8, "a has a second HELP"),
        ("# TYPE a gauge\n# TYPE a gauge\n", 2, 8, "a has a second TYPE"),
        ("a 1\n# TYPE a gauge\n", 2, 8, "metadata of a after its first sample"),
        ("a 1\nb 1\na{c=\"d\"} 1\n", 3, 1, "the lines of a are not in one piece"),
        ("a 1\nb 1\n# HELP a x\n", 3, 8, "the lines of a are not in one piece"),
        ("a{b=\"1\",c=\"2\"} 1\na{c=\"2\",b=\"1\"} 2\n", 2, 1, "a second value of a{b=\"1\",c=\"2\"}"),
        ("a 1\na{b=\"\"} 2\n", 2, 1, "a second value of a{b=\"\"}"),
        ("# TYPE a histogram\na 1\n", 2, 1, "a histogram has no series a, only a_bucket, a_sum, a_count"),
        ("a_sum 1\n# TYPE a histogram\n", 2, 8, "its series a_sum would be named like one of a_sum"),
        ("# TYPE a summary\n# TYPE a_sum gauge\n", 2, 8, "a_sum is the name of a series of a"),
        ("# TYPE a summary\na{x=\"1\"} 1\n", 2, 1, "a value of a summary has a number as label quantile"),
    ])
    func malformedTextIsRefused(text: String, line: Int, column: Int, problem: String) {
        #expect(throws: ExpositionError(line: line, column: column, problem)) { try Exposition(parsing: text) }
    }

    @Test(arguments: [
        (["bucket{le=\"1\"} 1", "sum 1", "count 1"], 2, "the histogram has no bucket +Inf"),
        (["bucket{le=\"x\"} 1"], 2, "a bucket has a number as label le"),
        (["bucket 1"], 2, "a bucket has a number as label le"),
        (["bucket{le=\"2\"} 1", "bucket{le=\"1\"} 1"], 3, "the bucket 1 is not in its place"),
        (["bucket{le=\"1\"} 2", "bucket{le=\"2\"} 1"], 3, "the bucket 2 is less than the one below it"),
        (["bucket{le=\"+Inf\"} 2", "sum 1", "count 3"], 2, "the count 3 is not the bucket +Inf, 2"),
        (["bucket{le=\"+Inf\"} 2", "count 2"], 2, "the histogram has no sum or no count"),
    ])
    func histogramThatDoesNotAddUpIsRefused(lines: [String], line: Int, problem: String) {
        let text = "# TYPE h histogram\n" + lines.map { "h_\($0)\n" }.joined()
        #expect(throws: ExpositionError(line: line, column: 1, problem)) { try Exposition(parsing: text) }
    }

    @Test(arguments: [
        ("a 1\n", 2, 1, "OpenMetrics ends with the line # EOF"),
        ("# EOF\na 1\n# EOF\n", 2, 1, "there is more after the line # EOF"),
        ("\n# EOF\n", 1, 1, "OpenMetrics has no empty lines"),
        ("# comment\n# EOF\n", 1, 1, "OpenMetrics has no comments"),
        ("a  1\n# EOF\n", 1, 3, "more than one space before the value"),
        ("a 1 \n# EOF\n", 1, 4, "the line goes on after its end"),
        ("a{b=\"c\",} 1\n# EOF\n", 1, 9, "expected a label name, found \"}\""),
        ("# TYPE a counter\na 1\n# EOF\n", 2, 1, "a counter has no series a, only a_total, a_created"),
        ("# TYPE a counter\na_total -1\n# EOF\n", 2, 1, "a counter is not -1"),
        ("# TYPE a counter\na_total NaN\n# EOF\n", 2, 1, "a counter is not NaN"),
        ("# TYPE a counter\n# TYPE a_total gauge\n# EOF\n", 2, 8, "a_total is the name of a series of a"),
        ("# TYPE a gauge\na 1 # {b=\"c\"} 1\n# EOF\n", 2, 1, "only counters and buckets have exemplars"),
        ("# TYPE a info\na_info{b=\"c\"} 2\n# EOF\n", 2, 1, "the value of an info is 1"),
        ("# TYPE a stateset\na{a=\"c\"} 2\n# EOF\n", 2, 1, "the value of a state is 0 or 1"),
        ("# TYPE a stateset\na{b=\"c\"} 1\n# EOF\n", 2, 1, "a state has its name as label a"),
        ("# UNIT a seconds\na 1\n# EOF\n", 1, 1, "a does not end with its unit: _seconds"),
        ("# TYPE a_b info\n# UNIT a_b b\n# EOF\n", 1, 1, "a_b is of a kind that has no unit"),
        ("# TYPE a summary\na{quantile=\"99\"} 1\n# EOF\n", 2, 1, "a quantile is in 0...1, not 99"),
        (
            "# TYPE a counter\na_total{b=\"1\"} 1\na_total{b=\"2\"} 1\na_created{b=\"1\"} 1\n# EOF\n", 4, 1,
            "the lines of one label set are not in one piece"
        ),
        (
            "# TYPE a histogram\na_bucket{le=\"-1\"} 1\na_bucket{le=\"+Inf\"} 1\na_sum 1\na_count 1\n# EOF\n", 2, 1,
            "a histogram with negative bounds has no sum"
        ),
    ])
    func malformedOpenMetricsIsRefused(text: String, line: Int, column: Int, problem: String) {
        #expect(throws: ExpositionError(line: line, column: column, problem)) {
            try Exposition(parsing: text, as: .openMetrics)
        }
    }

    @Test(arguments: [(128, true), (129, false)])
    func exemplarHasAtMost128Characters(characters: Int, isLegal: Bool) {
        let value = String(repeating: "ä", count: characters - 2)
        let text = "# TYPE a counter\na_total 1 # {id=\"\(value)\"} 1\n# EOF\n"
        let exposition = try? Exposition(parsing: text)
        #expect((exposition != nil) == isLegal)
    }

    @Test func randomBytesAreReadOrRefused() {
        var random = SplitMix(state: 42)
        let alphabet = Array("ab_{}\"\\,=# \n1e+.NTHELPYFO\u{e4}")
        var refused = 0
        for _ in 0..<20_000 {
            let text = String(
                (0..<Int.random(in: 0...40, using: &random)).compactMap { _ in alphabet.randomElement(using: &random) })
            for syntax in [Exposition.Syntax.text, .openMetrics] {
                do throws(ExpositionError) {
                    _ = try Exposition(parsing: text, as: syntax)
                } catch {
                    refused += 1
                    #expect(error.line >= 1 && error.column >= 1)
                }
            }
        }
        #expect(refused > 10_000)
    }
}

/// The same numbers in every run.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
