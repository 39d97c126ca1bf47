import ExporterKit
import PostgresClient
import Testing

@testable import ExporterCommand
@testable import pg_exporter

/// Every use of a column, and what is added to its labels.
struct QueryDecoderTests {
    private func table(_ columns: [String], types: [UInt32] = [], _ rows: [String?]...) -> ResultTable {
        ResultTable(columns: columns, types: types, rows: rows)
    }

    @Test func countersGaugesLabelsAndWhatIsDiscarded() throws {
        let query = try query(
            """
            q:
              query: SELECT 1
              metrics:
                - c: {usage: COUNTER, description: C.}
                - g: {usage: gauge, description: G.}
                - l: {usage: Label}
                - x: {usage: DISCARD}
            """)
        let answer = table(["l", "c", "g", "x"], ["a", "5", "-2.5", "9"], ["b", nil, "1e3", "9"])
        #expect(try decoded(query, answer) == ["q_c{l=a} 5", "q_g{l=a} -2.5", "q_g{l=b} 1000"])
        #expect(query.columns.flatMap { $0.descriptors(in: "q") }.map(\.kind) == [.counter, .gauge])
        #expect(query.columns[0].descriptors(in: "q")[0].help == "C.")
    }

    @Test func truthValuesAndTimesAreNumbers() throws {
        let query = try query(
            """
            q: {query: SELECT 1, metrics: [{b: {usage: GAUGE, scale: 7}}, {t: {usage: GAUGE, scale: 7}},
              {l: {usage: LABEL}}, {m: {usage: LABEL}}]}
            """)
        let answer = table(
            ["b", "t", "l", "m"], types: [16, 1184, 16, 1082], ["t", "1970-01-01 00:01:00.9+00", "f", "1970-01-02"])
        #expect(try decoded(query, answer) == ["q_b{l=false,m=86400} 1", "q_t{l=false,m=86400} 60"])
    }

    @Test func mappedMetricsAndTextsThatAreNotMapped() throws {
        let query = try query(
            "q: {query: SELECT 1, metrics: [{s: {usage: MAPPEDMETRIC, metric_mapping: {up: 1, \"off\": 0.5}}}]}")
        #expect(try decoded(query, table(["s"], ["up"], ["off"], ["UP"], [nil])) == ["q_s{} 1", "q_s{} 0.5"])
    }

    @Test func durationsAreMilliseconds() throws {
        let query = try query("q: {query: SELECT 1, metrics: [{d: {usage: DURATION}}]}")
        #expect(
            try decoded(query, table(["d"], ["1m30s"], ["00:00:02"], ["-1"], ["never"]))
                == ["q_d_milliseconds{} 90000", "q_d_milliseconds{} 2000"])
    }

    @Test func histogramsOfTheServer() throws {
        let query = try query("q: {query: SELECT 1, metrics: [{h: {usage: HISTOGRAM}}]}")
        let columns = ["h", "h_bucket", "h_sum", "h_count"]
        #expect(
            try decoded(query, table(columns, ["{4,1,2}", "{6,1,3}", "12.5", "7"]))
                == ["q_h{} [1.0, 2.0, 4.0] [1, 2, 3, 1] 12.5 7"])
        #expect(
            try decoded(query, table(columns, ["{1,Infinity}", "{1,7}", "2", "7"])) == ["q_h{} [1.0] [1, 6] 2.0 7"])
        #expect(try decoded(query, table(columns, [nil, nil, nil, nil])).isEmpty)
        for row in [
            ["{1,2}", "{3,1}", "1", "9"], ["{1}", "{1,2}", "1", "9"], ["{1}", "{9}", "1", "3"],
            ["{1,1}", "{1,2}", "1", "3"], ["{1}", "{1}", nil, "3"], ["{1}", "{1}", "1", "1.5"], ["x", "{1}", "1", "1"],
        ] {
            #expect(throws: CollectorError.self, "\(row)") { try decoded(query, table(columns, row)) }
        }
        #expect(throws: CollectorError.self) {
            try decoded(query, table(["h", "h_sum", "h_count"], ["{1}", "1", "1"]))
        }
    }

    @Test func observationsOfRowsAreBuckets() throws {
        let query = try query(
            """
            q:
              query: SELECT 1
              metrics:
                - l: {usage: LABEL}
                - age: {usage: HISTOGRAM, bucket: [1, 10, 1000000], scale: 0.1, default: 5, description: Age}
            """)
        let answer = table(["l", "age"], ["a", "10"], ["a", "11"], ["b", "1e9"], ["a", nil], ["a", "x"])
        #expect(
            try decoded(query, answer)
                == [
                    "q_age_bucket{l=a,le=1} 2", "q_age_bucket{l=a,le=10} 3", "q_age_bucket{l=a,le=1e+06} 3",
                    "q_age_bucket{l=a,le=+Inf} 3", "q_age_bucket{l=b,le=1} 0", "q_age_bucket{l=b,le=10} 0",
                    "q_age_bucket{l=b,le=1e+06} 0", "q_age_bucket{l=b,le=+Inf} 1", "q_age_count{l=a} 3",
                    "q_age_count{l=b} 1", "q_age_sum{l=a} 2.6", "q_age_sum{l=b} 1e+08",
                ].map { $0.replacing("l=a,le", with: "l=a,le") })
        #expect(query.columns[1].descriptors(in: "q").map(\.kind) == [.gauge, .gauge, .gauge])
    }

    @Test func renameNameScaleAndDefault() throws {
        let query = try query(
            """
            q:
              query: SELECT 1
              metrics:
                - l: {usage: LABEL, rename: place}
                - ms: {usage: COUNTER, rename: seconds, scale: "1e-3"}
                - v: {usage: GAUGE, name: w, default: 4, scale: 2}
            """)
        #expect(
            try decoded(query, table(["l", "ms", "v"], ["x", "1500", nil]))
                == ["q_seconds{place=x} 1.5", "q_w{place=x} 8"])
    }

    @Test func nameIsTheAnswersColumnInPigstysFormat() throws {
        let query = try query("q: {query: SELECT 1, ttl: 1, metrics: [{v: {name: real, usage: GAUGE, rename: shown}}]}")
        #expect(try decoded(query, table(["real", "v"], ["1", "2"])) == ["q_shown{} 1"])
    }

    @Test func columnOfOtherVersionsIsDiscarded() throws {
        let query = try query(
            """
            q: {query: SELECT 1, metrics: [{old: {usage: GAUGE, pg_version: "<16"}}, {new: {usage: GAUGE, pg_version: ">=16"}}]}
            """)
        #expect(try decoded(query, table(["old"], ["1"]), on: facts(150_001)) == ["q_old{} 1"])
        #expect(try decoded(query, table(["old", "new"], ["1", "2"]), on: facts(160_001)) == ["q_new{} 2"])
    }

    @Test func unlistedColumnsAreUnknownNumbersButNotInPigstysFormat() throws {
        let answer = table(["v", "extra", "text"], ["1", "2", "x"])
        #expect(try decoded(try entry(), answer) == ["q_v{} 1", "q_extra{} 2"])
        var sink = MetricSink()
        try QueryDecoder(try entry(), on: facts(), discovering: false)
            .decode(Answer(answer), into: &sink)
        #expect(sink.families[1].descriptor.kind == .unknown)
        #expect(try decoded(try entry("ttl: 1"), answer) == ["q_v{} 1"])
    }

    @Test func missingColumnsAreErrorsAndCostOnlyThemselves() throws {
        let query = try query(
            """
            q: {query: SELECT 1, metrics: [{v: {usage: GAUGE}}, {gone: {usage: GAUGE}}]}
            """)
        var sink = MetricSink()
        let decoder = QueryDecoder(query, on: facts(), discovering: false)
        do throws(CollectorError) {
            try decoder.decode(Answer(table(["v"], ["1"])), into: &sink)
            Issue.record("a column that is missing was not told")
        } catch {
            #expect(error.reason == .decode && error.message.contains("gone"))
        }
        #expect(series(sink) == ["q_v{server=h:5432} 1"])
        let labelled = try self.labelled()
        #expect(throws: CollectorError.self) { try decoded(labelled, table(["v"], ["1"])) }
    }

    private func labelled() throws -> CustomQuery {
        try query("q: {query: SELECT 1, metrics: [{l: {usage: LABEL}}, {v: {usage: GAUGE}}]}")
    }

    @Test func serverIsAddedToTheQuerysOwnLabels() throws {
        var sink = MetricSink()
        try QueryDecoder(try labelled(), on: facts(), discovering: false)
            .decode(Answer(table(["l", "v"], ["own", "1"])), into: &sink)
        #expect(series(sink) == ["q_v{l=own,server=h:5432} 1"])
    }

    @Test func prefixTakesThePlaceOfPgAtTheBeginningOfANamespace() throws {
        let text = "pg_a: {query: SELECT 1 AS v}\nmy_pg: {query: SELECT 1 AS v}"
        let all = try CustomQueries([QueryFiles.Content(path: "q.yaml", bytes: Array(text.utf8))])
        #expect(all.prefixed("db").queries.map(\.namespace) == ["db_a", "my_pg"])
        #expect(all.prefixed("pg").queries.map(\.namespace) == ["pg_a", "my_pg"])
    }

    @Test func severalDatabasesAreToldApart() throws {
        let answer = Answer([table(["l", "v"], ["x", "1"]), table(["l", "v"], ["x", "2"])], from: ["d", "e"])
        func all(_ query: CustomQuery, discovering: Bool) throws -> [String] {
            var sink = MetricSink()
            try QueryDecoder(query, on: facts(), discovering: discovering)
                .decode(answer, into: &sink)
            return series(sink)
        }
        #expect(
            try all(try labelled(), discovering: true)
                == ["q_v{datname=d,l=x,server=h:5432} 1", "q_v{datname=e,l=x,server=h:5432} 2"])
        let own = try query(
            "q: {query: SELECT 1, metrics: [{l: {usage: LABEL, name: datname}}, {v: {usage: GAUGE}}]}")
        #expect(try all(own, discovering: true).first == "q_v{datname=x,server=h:5432} 1")
        #expect(
            try decoded(try labelled(), table(["l", "v"], ["x", "1"])) == ["q_v{l=x} 1"], "one database needs none")
    }
}
