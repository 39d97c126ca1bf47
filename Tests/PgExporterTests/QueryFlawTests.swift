import Foundation
import Testing

@testable import ExporterCommand
@testable import pg_exporter

/// What is wrong is told with its place and with what was probably meant.
struct QueryFlawTests {
    @Test(arguments: [
        ("q:\n  qery: SELECT 1", "q.yaml:2:3: query is missing in the query q (is it qery here?)"),
        (
            "q:\n  query: SELECT 1\n  cache_second: 5",
            "q.yaml:3:3: unknown key cache_second in the query q (did you mean cache_seconds?)"
        ),
        (
            "q:\n  query: SELECT 1\n  metrics:\n    - v:\n        usage: GUAGE",
            "q.yaml:5:16: usage must be one of COUNTER, GAUGE, LABEL, DISCARD, HISTOGRAM, MAPPEDMETRIC, DURATION, "
                + "not `GUAGE` (did you mean GAUGE?)"
        ),
        (
            "q:\n  query: SELECT 1\n  metrics:\n    - v: {usage: GAUGE, descripton: x}",
            "q.yaml:4:25: unknown key descripton in the column v (did you mean description?)"
        ),
        ("q:\n  query: SELECT 1\n  metrics: [v: {}]", "q.yaml:3:16: usage is missing in the column v"),
        ("q: {query: SELECT 1, runonserver: newest}", "q.yaml:1:35: runonserver must be a range of versions"),
        ("q: {query: SELECT 1, tags: [\"extention:x\"]}", "unknown tag extention:… (did you mean extension?)"),
        ("q: {query: SELECT 1, tags: [primary, replica]}", "q.yaml:1:38: the tags ask for a primary and for a standby"),
        ("q: {query: SELECT 1, tags: [\"dbname:\"]}", "has nothing behind the colon"),
        ("q: {query: SELECT 1, min_version: 15}", "q.yaml:1:35: min_version must be as server_version_num has it"),
        ("q: {query: SELECT 1, min_version: 150000, max_version: 140000}", "min_version is above max_version"),
        ("q: {query: SELECT 1, ttl: soon}", "ttl must be seconds such as 0.1, or a time such as 100ms"),
        ("q: {query: SELECT 1, ttl: -1}", "ttl must not be negative"),
        ("q: {query: SELECT 1, ttl: 1, cache_seconds: 1}", "they mean the same, keep one"),
        ("q: {query: SELECT 1, target_databases: [\"a[\"]}", "q.yaml:1:41: it must be the name of a database or a"),
        ("q: {query: SELECT 1, predicate_queries: [{predicate: x}]}", "predicate_query is missing"),
        ("q: {query: SELECT 1; SELECT 2}", "query has several statements"),
        ("q: {query: \"-- nothing\"}", "query is empty"),
        ("q: {query: DELETE FROM t}", "query begins with DELETE; it must be a query: SELECT, WITH"),
        ("q: {query: \"SELECT 'x\"}", "query has a ' that does not end"),
        ("q: {query: SELECT 1, predicate_query: DROP TABLE t}", "predicate_query begins with DROP"),
        ("a: {query: SELECT 1}\na: {query: SELECT 2}", "q.yaml:2:1: the key a is given twice"),
        ("- a", "the document must be keys with values"),
    ])
    func flawIsToldWithItsPlace(text: String, expected: String) {
        #expect(flaw(text).contains(expected), "\(flaw(text))")
        #expect(flaw(text).hasPrefix("q.yaml:"))
    }

    @Test(arguments: [
        ("usage: GAUGE, metric_mapping: {a: 1}", "metric_mapping is for MAPPEDMETRIC"),
        ("usage: MAPPEDMETRIC", "metric_mapping is missing"),
        ("usage: MAPPEDMETRIC, metric_mapping: {a: x}", "a must be a number"),
        ("usage: GAUGE, bucket: [1]", "bucket is for HISTOGRAM"),
        ("usage: HISTOGRAM, bucket: [2, 1]", "bucket must be numbers that ascend"),
        ("usage: HISTOGRAM, bucket: []", "bucket must be numbers that ascend"),
        ("usage: GAUGE, scale: much", "scale must be a number, not `much`"),
        ("usage: DURATION, scale: 2", "scale is for COUNTER, GAUGE and HISTOGRAM with bucket"),
        ("usage: GAUGE, pg_version: x1", "pg_version must be a range"),
        ("usage: LABEL, rename: __name__", "begins with __"),
    ])
    func flawOfAColumn(properties: String, expected: String) {
        let text = "q: {query: SELECT 1, metrics: [{v: {\(properties)}}]}"
        #expect(flaw(text).contains(expected), "\(flaw(text))")
    }

    @Test(arguments: [
        ("{v: {usage: GAUGE}}, {v: {usage: LABEL}}", "both give the column v"),
        ("{v: {usage: GAUGE}}, {w: {usage: GAUGE, rename: v}}", "both give the metric q_v"),
        ("{v: {usage: LABEL}}, {w: {usage: LABEL, name: v}}", "both give the label v"),
        ("{v: {usage: HISTOGRAM}}, {w: {usage: LABEL, name: le}}", "the label le belongs to histograms"),
        ("{w: {usage: LABEL, name: le}}, {v: {usage: HISTOGRAM, bucket: [1]}}", "the label le belongs to histograms"),
    ])
    func columnsThatCollideAreRefused(columns: String, expected: String) {
        #expect(flaw("q: {query: SELECT 1, metrics: [\(columns)]}").contains(expected))
    }

    @Test func oneKeyInTwoFilesIsRefusedWithBothPlaces() throws {
        let one = QueryFiles.Content(path: "a.yaml", bytes: Array("x: {query: SELECT 1}".utf8))
        let other = QueryFiles.Content(path: "b.yaml", bytes: Array("\n\nx: {query: SELECT 2}".utf8))
        do throws(ConfigurationError) {
            _ = try CustomQueries([one, other])
            Issue.record("two queries of one name were taken")
        } catch {
            #expect(
                error.description == "b.yaml:3:1: the query x is there already, at a.yaml:1:1; rename or remove one")
        }
    }

    @Test func foldersAreReadInTheOrderOfNames() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("queries-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, key) in [("20.yml", "b"), ("10.yaml", "a"), ("30.txt", "c"), (".40.yml", "d")] {
            try Data("\(key): {query: SELECT 1}".utf8).write(to: folder.appendingPathComponent(name))
        }
        #expect(try CustomQueries.load([folder.path]).queries.map(\.key) == ["a", "b"])
        let file = folder.appendingPathComponent("30.txt").path
        #expect(try CustomQueries.load([file, folder.path]).queries.map(\.key) == ["c", "a", "b"])
        let empty = folder.appendingPathComponent("empty")
        try FileManager.default.createDirectory(at: empty, withIntermediateDirectories: true)
        #expect(throws: ConfigurationError.self) { try CustomQueries.load([empty.path]) }
        #expect(throws: ConfigurationError.self) { try CustomQueries.load(["/nowhere/at/all.yml"]) }
    }
}
