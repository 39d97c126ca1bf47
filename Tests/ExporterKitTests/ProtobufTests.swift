import Testing

@testable import ExporterKit

@Suite struct ProtobufTests {
    private typealias Bucket = NativeHistogramSnapshot.Bucket

    private static func text(_ family: MetricFamily, _ escaping: NameEscaping = .underscores) -> String? {
        ProtobufReader.text(ofDelimited: ExpositionFormat(.protobuf, escaping: escaping).encode([family]))?
            .joined(separator: "\n")
    }

    private static func family(_ kind: MetricKind, _ value: SampleValue, name: String = "m") -> MetricFamily {
        MetricFamily(MetricDescriptor(name, "", kind: kind), [Sample(value)])
    }

    private static func native(
        zeroThreshold: Double = 0, zeroCount: UInt64 = 0, _ positive: [Bucket] = [], _ negative: [Bucket] = [],
        exemplars: [Exemplar] = []
    ) -> SampleValue {
        .histogram(
            HistogramSnapshot(
                native: NativeHistogramSnapshot(
                    schema: -1, zeroThreshold: zeroThreshold, zeroCount: zeroCount, positive: positive,
                    negative: negative, exemplars: exemplars),
                sum: 1))
    }

    @Test(arguments: [
        (family(.counter, .number(3), name: "m_total"), "1: \"m_total\" 3: 0 4 { 3 { 1: 3.0 } }"),
        (family(.gauge, .number(0)), "1: \"m\" 3: 1 4 { 2 { 1: 0.0 } }"),
        (family(.info, .number(1)), "1: \"m\" 3: 1 4 { 2 { 1: 1.0 } }"),
        (family(.stateset, .number(1)), "1: \"m\" 3: 1 4 { 2 { 1: 1.0 } }"),
        (family(.unknown, .number(-1)), "1: \"m\" 3: 3 4 { 5 { 1: -1.0 } }"),
        (
            family(
                .counter,
                .counter(CounterSnapshot(3, exemplar: ExpositionTextTests.trace, created: 1_520_430_000.123))),
            "1: \"m\" 3: 0 4 { 3 { 1: 3.0 2 { 1 { 1: \"trace_id\" 2: \"KOO5S4vxi0o\" } 2: 0.67"
                + " 3 { 1: 1520879607 2: 789000000 } } 3 { 1: 1520430000 2: 123000000 } } }"
        ),
        (
            family(.summary, ExpositionTextTests.summary(2.5, 4, created: 5)),
            "1: \"m\" 3: 2 4 { 4 { 1: 4 2: 2.5 3 { 1: 0.5 2: 1.0 } 3 { 1: 0.99 2: nan } 4 { 1: 5 2: 0 } } }"
        ),
        (
            family(.summary, ExpositionTextTests.summary(nil, nil)),
            "1: \"m\" 3: 2 4 { 4 { 3 { 1: 0.5 2: 1.0 } 3 { 1: 0.99 2: nan } } }"
        ),
        (
            family(.histogram, ExpositionTextTests.histogram([0.5, 1], [2, 0, 1], sum: 4.25)),
            "1: \"m\" 3: 4 4 { 7 { 1: 3 2: 4.25 3 { 1: 2 2: 0.5 } 3 { 1: 2 2: 1.0 } } }"
        ),
        (
            family(.gaugeHistogram, ExpositionTextTests.histogram([-1], [2, 1], sum: -4.25)),
            "1: \"m\" 3: 5 4 { 7 { 1: 3 2: -4.25 3 { 1: 2 2: -1.0 } } }"
        ),
        (
            family(.histogram, ExpositionTextTests.histogram),
            "1: \"m\" 3: 4 4 { 7 { 1: 3 2: 4.25 3 { 1: 2 2: 0.5 } 3 { 1: 2 2: 1.0 3 {"
                + " 1 { 1: \"trace_id\" 2: \"KOO5S4vxi0o\" } 2: 0.67 3 { 1: 1520879607 2: 789000000 } } }"
                + " 3 { 1: 3 2: inf 3 { 1 { 1: \"t\" 2: \"x\" } 2: 7.0 3 { 1: 100 2: 0 } } }"
                + " 15 { 1: 1520430000 2: 123000000 } } }"
        ),
    ])
    func everyKind(family: MetricFamily, expected: String) {
        #expect(Self.text(family) == expected)
    }

    @Test(arguments: [
        (native(), "1: 0 2: 1.0 5: -1 6: 0.0 7: 0 12 { 1: 0 2: 0 }"),
        (native(zeroThreshold: 0.5), "1: 0 2: 1.0 5: -1 6: 0.5 7: 0"),
        (native(zeroCount: 3), "1: 3 2: 1.0 5: -1 6: 0.0 7: 3"),
        (
            native([Bucket(index: -2, count: 5), Bucket(index: 0, count: 1), Bucket(index: 9, count: 300)]),
            "1: 306 2: 1.0 5: -1 6: 0.0 7: 0 12 { 1: -2 2: 3 } 12 { 1: 8 2: 1 } 13: [5, -5, 1, 299]"
        ),
        (
            native([], [Bucket(index: 3, count: 1)]),
            "1: 1 2: 1.0 5: -1 6: 0.0 7: 0 9 { 1: 3 2: 1 } 10: [1]"
        ),
        (
            native(zeroCount: 1, exemplars: [ExpositionTextTests.trace].compactMap(\.self)),
            "1: 1 2: 1.0 5: -1 6: 0.0 7: 1 16 { 1 { 1: \"trace_id\" 2: \"KOO5S4vxi0o\" } 2: 0.67"
                + " 3 { 1: 1520879607 2: 789000000 } }"
        ),
    ])
    func nativeHistograms(value: SampleValue, expected: String) {
        #expect(Self.text(Self.family(.histogram, value)) == "1: \"m\" 3: 4 4 { 7 { \(expected) } }")
    }

    @Test func namesHelpUnitAndLabelsAreNotEscapedForText() {
        let family = MetricFamily(
            MetricDescriptor("http.time_seconds", "a\"\\\n", kind: .gauge, unit: "seconds"),
            [Sample(1, LabelSet(["b": "\"\\\n", "日本": "x", "c": ""]))])
        #expect(
            Self.text(family, .allowUTF8)
                == "1: \"http.time_seconds\" 2: \"a\"\\\n\" 3: 1 5: \"seconds\" 4 { 1 { 1: \"日本\" 2: \"x\" }"
                + " 1 { 1: \"b\" 2: \"\"\\\n\" } 1 { 1: \"c\" 2: \"\" } 2 { 1: 1.0 } }")
        #expect(
            Self.text(family)
                == "1: \"http_time_seconds\" 2: \"a\"\\\n\" 3: 1 5: \"seconds\" 4 { 1 { 1: \"__\" 2: \"x\" }"
                + " 1 { 1: \"b\" 2: \"\"\\\n\" } 1 { 1: \"c\" 2: \"\" } 2 { 1: 1.0 } }")
    }

    @Test func aUnitThatTheNameDoesNotEndWithIsLeftOut() {
        for (name, kind, isTold) in [
            ("a_seconds_total", MetricKind.counter, true), ("a_seconds", .counter, true), ("a_total", .counter, false),
            ("seconds", .gauge, false), ("a.seconds", .gauge, false), ("a_seconds", .info, false),
        ] {
            let family = MetricFamily(MetricDescriptor(name, "", kind: kind, unit: "seconds"), [Sample(1)])
            #expect(Self.text(family, .allowUTF8)?.contains("5: \"seconds\"") == isTold, "\(name)")
        }
    }

    /// Lengths of one, two and three bytes, where the guess of the family's length was too low, right and too high.
    @Test(arguments: [1, 2, 120, 127, 128, 129, 1000, 16_000, 16_384, 20_000])
    func lengthsOfAnySize(size: Int) {
        let value = String(repeating: "x", count: size)
        let one = MetricFamily(
            MetricDescriptor("m", value, kind: .gauge), [Sample(1, LabelSet(["a": value])), Sample(2)])
        #expect(
            Self.text(one)
                == "1: \"m\" 2: \"\(value)\" 3: 1 4 { 1 { 1: \"a\" 2: \"\(value)\" } 2 { 1: 1.0 } } 4 { 2 { 1: 2.0 } }")
        let many = MetricFamily(MetricDescriptor("m", "", kind: .gauge), (0..<size).map { _ in Sample(1) })
        let metrics = Self.text(many)?.components(separatedBy: " 4 { 2 { 1: 1.0 } }") ?? []
        #expect(metrics.count == size + 1)
    }

    @Test func familiesFollowOneAnother() {
        let families = ["a", "b"].map { MetricFamily(MetricDescriptor($0, "", kind: .gauge), [Sample(1)]) }
        #expect(
            ProtobufReader.text(ofDelimited: ExpositionFormat(.protobuf).encode(families)) == [
                "1: \"a\" 3: 1 4 { 2 { 1: 1.0 } }", "1: \"b\" 3: 1 4 { 2 { 1: 1.0 } }",
            ])
    }

    @Test func escapingAndCollisionsAreThoseOfText() {
        let family = MetricFamily(
            MetricDescriptor("m", "", kind: .gauge),
            [Sample(1, LabelSet(["a_b": "1"])), Sample(2, LabelSet(["a.b": "1"])), Sample(3, LabelSet(["a.b": "2"]))])
        let (bytes, collisions) = ExpositionFormat(.protobuf).exposition(of: [family])
        #expect(collisions == 1)
        #expect(
            ProtobufReader.text(ofDelimited: bytes) == [
                "1: \"m\" 3: 1 4 { 1 { 1: \"a_b\" 2: \"1\" } 2 { 1: 1.0 } } 4 { 1 { 1: \"a_b\" 2: \"2\" } 2 { 1: 3.0 } }"
            ])
    }

    /// Times before 1970 and beyond any calendar neither crash nor round to a second that has a billion nanoseconds.
    @Test(arguments: [
        (-0.25, "1: 18446744073709551615 2: 750000000"), (1.999_999_9, "1: 1 2: 999999000"), (0, "1: 0 2: 0"),
    ])
    func times(seconds: Double, expected: String) {
        let family = Self.family(.counter, .counter(CounterSnapshot(1, created: seconds)))
        #expect(Self.text(family) == "1: \"m\" 3: 0 4 { 3 { 1: 1.0 3 { \(expected) } } }")
        let never = Self.family(.counter, .counter(CounterSnapshot(1, created: 1e300)))
        #expect(Self.text(never) == "1: \"m\" 3: 0 4 { 3 { 1: 1.0 } }")
    }
}

extension String {
    fileprivate func components(separatedBy separator: String) -> [Substring] {
        split(separator: separator, omittingEmptySubsequences: false)
    }
}
