import ExporterCommand
import ExporterKit
import PostgresClient
import RedisClient
import Testing

@testable import app_exporter

/// From answers to samples: NULL, duplicates, limits, reductions.
struct GroupTests {
    private func rule(
        _ name: String = "m", nullIsZero: Bool = false, _ duplicates: DuplicateRule = .error
    ) -> MetricRule {
        MetricRule(
            descriptor: MetricDescriptor(name, "Help.", kind: .gauge), nullIsZero: nullIsZero, onDuplicate: duplicates)
    }

    private func series(_ findings: Findings) -> [String] {
        findings.families.sorted { $0.key < $1.key }.flatMap(\.value).flatMap { family in
            family.samples.map { sample in
                let labels = sample.labels.pairs.map { "\($0.name)=\($0.value)" }.joined(separator: ",")
                guard case .number(let number) = sample.value else { return "?" }
                return "\(family.descriptor.name){\(labels)} \(number)"
            }
        }
    }

    // MARK: - SQL

    private let table = ResultTable(
        columns: ["city", "n", "word", "yes"],
        rows: [
            ["Rome", "1", "x", "t"], ["Oslo", nil, "y", "f"], ["Rome", "4", "z", "t"], ["Bern", "NaN", "w", nil],
        ])

    private func sql(_ metric: SQLMetric, limit: Int = 10) -> Findings {
        SQLAsker.read(table, [metric], labels: [("env", "t")], limit: limit)
    }

    @Test func nullColumnGivesNoSample() {
        let findings = sql(SQLMetric(rule: rule("m", .last), value: .column("n"), labels: [("city", "city")]))
        #expect(series(findings) == ["m{city=Rome,env=t} 4.0"])
        #expect(findings.dropped == [.null: 1, .notANumber: 1])
        #expect(findings.error == nil)
    }

    @Test func nullCanBeZero() {
        let findings = sql(
            SQLMetric(rule: rule("m", nullIsZero: true, .first), value: .column("n"), labels: [("city", "city")]))
        #expect(series(findings) == ["m{city=Rome,env=t} 1.0", "m{city=Oslo,env=t} 0.0"])
    }

    @Test(arguments: [
        (DuplicateRule.sum, 5.0), (.first, 1.0), (.last, 4.0), (.max, 4.0),
    ])
    func duplicatesFollowTheirRule(duplicates: DuplicateRule, expected: Double) {
        let findings = sql(SQLMetric(rule: rule("m", duplicates), value: .column("n"), labels: [("town", "city")]))
        #expect(series(findings) == ["m{env=t,town=Rome} \(expected)"])
    }

    @Test func duplicatesWithoutARuleWithholdTheMetric() {
        let findings = sql(SQLMetric(rule: rule(), value: .column("n"), labels: [("city", "city")]))
        #expect(series(findings).isEmpty)
        #expect(findings.families.isEmpty)
        #expect(findings.error?.reason == .decode)
        #expect(findings.error?.message.contains("on_duplicate") == true)
    }

    @Test func textIsTheWrongTypeAndBooleansAreNumbers() {
        let words = sql(SQLMetric(rule: rule(), value: .column("word"), labels: [("word", "word")]))
        #expect(words.dropped == [.wrongType: 4])
        let booleans = sql(SQLMetric(rule: rule(), value: .column("yes"), labels: [("word", "word")]))
        #expect(series(booleans) == ["m{env=t,word=x} 1.0", "m{env=t,word=y} 0.0", "m{env=t,word=z} 1.0"])
    }

    @Test func moreSeriesThanAllowedAreDropped() {
        let findings = sql(SQLMetric(rule: rule(), value: .column("yes"), labels: [("word", "word")]), limit: 2)
        #expect(series(findings).count == 2)
        #expect(findings.dropped[.seriesLimit] == 1)
    }

    @Test func aMissingColumnCostsOnlyItsMetric() {
        let good = SQLMetric(rule: rule("good", .max), value: .column("n"), labels: [])
        let bad = SQLMetric(rule: rule("bad"), value: .column("nope"), labels: [])
        let findings = SQLAsker.read(table, [bad, good], labels: [], limit: 10)
        #expect(series(findings) == ["good{} 4.0"])
        #expect(findings.error?.message == "bad: the query gives no column nope; it gives city, n, word, yes")
    }

    // MARK: - Redis

    @Test func eachCommandKeepsItsOwnPlace() {
        let calls = ["a", "b", "c", "d"].map {
            RedisCall(words: [.text("LLEN"), .text($0)], labels: [LabelPair(name: "q", value: $0)])
        }
        let asker = RedisAsker(
            questions: [RedisQuestion(rule: rule(), commands: calls)], labels: [], limit: 10,
            source: RedisSource(
                "r", RedisSettings(url: .init("redis://localhost"), password: nil, timeout: nil),
                SourceMetrics("r", kind: "redis", Registry())), time: .system())
        let findings = asker.read([
            .success(.integer(3)), .failure(CollectorError(.permission, "no")), .success(.null),
            .success(.bulk(Array("2.5".utf8))),
        ])
        #expect(series(findings) == ["m{q=a} 3.0", "m{q=d} 2.5"])
        #expect(Set(findings.families.keys) == [0, 2, 3])
        #expect(findings.error?.reason == .permission)
        #expect(findings.dropped == [.null: 1])
    }

    // MARK: - JSON

    private static let body = #"""
        {"responses":[{"class":"a","score":9},{"class":"b","score":null},{"class":"a","score":7},{"class":["x"],"score":1}]}
        """#

    private func json(_ metric: JSONMetric, items: String = ".responses[]") throws -> Findings {
        let question = JSONQuestion(
            request: SourceRequest(path: "/x"), paging: nil, items: try JqProgram(items), metrics: [metric])
        var reading = JSONReading(question, labels: [], limit: 10)
        #expect(try reading.take(Array(Self.body.utf8)) == nil)
        return reading.findings()
    }

    private func labels(_ pairs: [(String, String)]) throws -> [(name: String, value: JqProgram)] {
        try pairs.map { ($0.0, try JqProgram($0.1)) }
    }

    @Test(arguments: [
        (Reduction.count, ["m{class=a} 2.0", "m{class=b} 1.0"]), (.sum, ["m{class=a} 16.0"]),
        (.avg, ["m{class=a} 8.0"]),
        (.min, ["m{class=a} 7.0"]), (.max, ["m{class=a} 9.0"]), (.first, ["m{class=a} 9.0"]),
        (.last, ["m{class=a} 7.0"]),
    ])
    func itemsAreReducedPerLabelSet(reduction: Reduction, expected: [String]) throws {
        let findings = try json(
            JSONMetric(
                rule: rule(), value: reduction == .count ? nil : JqProgram(".score"),
                labels: labels([("class", ".class")]),
                reduction: reduction))
        #expect(series(findings) == expected)
        #expect(findings.dropped[.wrongType] == 1)
        #expect(findings.dropped[.null] == (reduction == .count ? nil : 1))
    }

    @Test func countingNothingIsZeroAndAveragingNothingIsNothing() throws {
        let count = JSONMetric(rule: rule(), value: nil, labels: [], reduction: .count)
        #expect(try series(json(count, items: "empty")) == ["m{} 0.0"])
        let average = JSONMetric(rule: rule(), value: try JqProgram("."), labels: [], reduction: .avg)
        #expect(try series(json(average, items: "empty")) == [])
    }

    @Test func withoutReductionEveryItemIsASeries() throws {
        let metric = JSONMetric(
            rule: rule("m", nullIsZero: true, .max), value: try JqProgram(".score"),
            labels: try labels([("c", ".class|tostring")]),
            reduction: nil)
        #expect(try series(json(metric)) == ["m{c=a} 9.0", "m{c=b} 0.0", "m{c=[\"x\"]} 1.0"])
    }

    @Test func anExpressionThatFailsCostsItsMetric() throws {
        let findings = try json(JSONMetric(rule: rule(), value: JqProgram(".score.deep"), labels: [], reduction: nil))
        #expect(findings.families.isEmpty)
        #expect(findings.error?.message.contains("m: Cannot index number") == true)
    }
}
