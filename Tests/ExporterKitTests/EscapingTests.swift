import Testing

@testable import ExporterKit

/// Names that the classic data model does not know, in every scheme.
@Suite struct EscapingTests {
    /// The vectors of Prometheus' Go library, and some of our own.
    @Test(arguments: [
        (
            "mysystem.prod.west.cpu.load_total", "mysystem_prod_west_cpu_load_total",
            "mysystem_dot_prod_dot_west_dot_cpu_dot_load__total",
            "U__mysystem_2e_prod_2e_west_2e_cpu_2e_load__total"
        ),
        ("label with 😱", "label_with__", "label__with____", "U__label_20_with_20__1f631_"),
        ("花火", "__", "____", "U___82b1__706b_"),
        ("no:escaping_required", "no:escaping_required", "no:escaping__required", "no:escaping_required"),
        ("1a", "_a", "__a", "U___31_a"),
        ("é", "_", "__", "U___e9_"),
        ("e\u{301}", "e_", "e__", "U__e_301_"),
    ])
    func namesOfMetrics(name: String, underscores: String, dots: String, values: String) {
        #expect(NameEscaping.allowUTF8.escaped(metric: name) == name)
        #expect(NameEscaping.underscores.escaped(metric: name) == underscores)
        #expect(NameEscaping.dots.escaped(metric: name) == dots)
        #expect(NameEscaping.values.escaped(metric: name) == values)
    }

    @Test func aColonIsLegalInNamesOfMetricsOnly() {
        #expect(NameEscaping.underscores.escaped(label: "a:b") == "a_b")
        #expect(NameEscaping.values.escaped(label: "a:b") == "U__a_3a_b")
        #expect(LabelSet(["a:b": "1"]).hasQuotedName)
    }

    private static let family = MetricFamily(
        MetricDescriptor("http.time_seconds", "H.", kind: .histogram, unit: "seconds"),
        [
            Sample(
                .histogram(HistogramSnapshot(upperBounds: [1], counts: [1, 0], sum: 0.5).unsafelyUnwrapped),
                LabelSet(["b": "2", "http.route": "/\"x\"", "a\"\\\n": "1"]))
        ])

    @Test func quotedNamesInText100() {
        let text = ExpositionTextTests.text(ExpositionFormat(.text100, escaping: .allowUTF8), Self.family)
        #expect(
            text == #"""
                # HELP "http.time_seconds" H.
                # TYPE "http.time_seconds" histogram
                {"http.time_seconds_bucket","a\"\\\n"="1","http.route"="/\"x\"",b="2",le="1"} 1
                {"http.time_seconds_bucket","a\"\\\n"="1","http.route"="/\"x\"",b="2",le="+Inf"} 1
                {"http.time_seconds_sum","a\"\\\n"="1","http.route"="/\"x\"",b="2"} 0.5
                {"http.time_seconds_count","a\"\\\n"="1","http.route"="/\"x\"",b="2"} 1

                """#)
    }

    @Test func quotedNamesInOpenMetrics() {
        let counter = MetricFamily(
            MetricDescriptor("日本\"_total", "", kind: .counter),
            [
                Sample(
                    .counter(CounterSnapshot(1, exemplar: Exemplar(1, labels: LabelSet(["t.id": "x"]), timestamp: 2))))
            ])
        let legal = MetricFamily(
            MetricDescriptor("legal", "", kind: .gauge), [Sample(1, LabelSet(["a.b": "1", "c": "2"]))])
        #expect(
            ExpositionTextTests.text(ExpositionFormat(.openMetrics100, escaping: .allowUTF8), legal, counter) == #"""
                # TYPE legal gauge
                legal{"a.b"="1",c="2"} 1.0
                # TYPE "日本\"" counter
                {"日本\"_total"} 1.0 # {"t.id"="x"} 1.0 2.0
                # EOF

                """#)
        #expect(
            ExpositionTextTests.text(.openMetrics100, legal, counter) == #"""
                # TYPE ___ counter
                ____total 1.0 # {t_id="x"} 1.0 2.0
                # TYPE legal gauge
                legal{a_b="1",c="2"} 1.0
                # EOF

                """#)
    }

    @Test(arguments: [
        (NameEscaping.underscores, "http_time_seconds", #"a___="1",b="2",http_route"#),
        (.dots, "http_dot_time__seconds", #"a______="1",b="2",http_dot_route"#),
        (.values, "U__http_2e_time__seconds", #"U__a_22__5c__a_="1",U__http_2e_route="/\"x\"",b"#),
    ])
    func escapedNamesAreLegal(escaping: NameEscaping, name: String, labels: String) {
        let text = ExpositionTextTests.text(ExpositionFormat(.text004, escaping: escaping), Self.family)
        #expect(text.contains("# TYPE \(name) histogram\n\(name)_bucket{\(labels)="))
        #expect(!text.contains("# TYPE \""))
    }

    /// A name that is printed as it is wins; of two that were changed the first.
    @Test func ofFamiliesThatBecomeOneTheLaterIsLeftOut() {
        let families = ["a b", "a.b", "a_b", "c d", "c.d"].enumerated().map { index, name in
            MetricFamily(MetricDescriptor(name, "", kind: .gauge), [Sample(Double(index))])
        }
        let (bytes, collisions) = ExpositionFormat.text004.exposition(of: families)
        #expect(String(decoding: bytes, as: UTF8.self) == "# TYPE a_b gauge\na_b 2\n# TYPE c_d gauge\nc_d 3\n")
        #expect(collisions == 3)
        #expect(ExpositionFormat(.text100, escaping: .allowUTF8).exposition(of: families).collisions == 0)
        #expect(ExpositionFormat(.text004, escaping: .values).exposition(of: families).collisions == 0)
    }

    @Test func ofSeriesThatBecomeOneTheLaterIsLeftOut() {
        let family = MetricFamily(
            MetricDescriptor("m", "", kind: .gauge),
            [
                Sample(1, LabelSet(["a_b": "1"])), Sample(2, LabelSet(["a.b": "1"])),
                Sample(3, LabelSet(["a.b": "2"])), Sample(4, LabelSet(["a.b": "3", "a_b": "3"])),
                Sample(5, LabelSet(["..name..": "x"])),
            ])
        let (bytes, collisions) = ExpositionFormat.text004.exposition(of: [family])
        #expect(String(decoding: bytes, as: UTF8.self) == "# TYPE m gauge\nm{a_b=\"1\"} 1\nm{a_b=\"2\"} 3\n")
        #expect(collisions == 3)
        #expect(ExpositionFormat(.text100, escaping: .allowUTF8).exposition(of: [family]).collisions == 0)
    }

    @Test func aFamilyWithoutALegalSeriesIsNotMentioned() {
        let family = MetricFamily(
            MetricDescriptor("m", "", kind: .gauge), [Sample(1, LabelSet(["a.b": "3", "a_b": "3"]))])
        #expect(ExpositionTextTests.text(.text004, family).isEmpty)
    }

    private struct Clashing: MetricSource {
        func families(for request: ScrapeRequest) async -> [MetricFamily] {
            ["a.b", "a_b"].map { MetricFamily(MetricDescriptor($0, "", kind: .gauge), [Sample(1)]) }
        }
    }

    /// The scrape that leaves something out cannot tell so any more; the next one does, and it leaves out one more.
    @Test func whatTheFormatLeavesOutIsCountedAndAnyOtherFormatTellsIt() async {
        let route = MetricsRoute(sources: [Clashing()])
        let ask = { (accept: String) in
            let request = HTTPRequest(target: "/metrics", headers: [("Accept", accept)])
            return String(decoding: await route.respond(to: request).body, as: UTF8.self)
        }
        #expect(await ask("text/plain").contains("\na_b 1\n"))
        let all = await ask("text/plain;version=1.0.0;escaping=allow-utf-8")
        #expect(all.contains("\n{\"a.b\"} 1\n") && all.contains("\na_b 1\n"))
        #expect(all.contains("exporter_dropped_series_total{reason=\"name_collision\"} 1\n"))
    }
}
