import ExporterKit
import PostgresClient
import Testing

@testable import pg_exporter

struct SQLTableTests {
    private let table = SQLTable(
        prefix: "pg_t", from: "t WHERE a = $1", parameters: ["x"],
        labels: [.column("name"), .expression("kind", "k.kind")],
        rows: [
            .gauge("a", "A."), .counter("b::float8", as: "b_total", "B.", until: .v17),
            .gauge("c", as: "c_seconds", "C.", in: .milliseconds, since: .v17),
        ])

    @Test func selectListHasWhatTheVersionHas() {
        #expect(
            table.question(for: .version(15, 3))?.statement
                == Statement("SELECT name, k.kind, a, b::float8 FROM t WHERE a = $1", ["x"]))
        #expect(
            table.question(for: .version(17))?.statement
                == Statement("SELECT name, k.kind, a, c FROM t WHERE a = $1", ["x"])
        )
    }

    @Test func tableWithoutRowsForTheVersionAsksNothing() {
        let table = SQLTable(prefix: "p", from: "v", rows: [.gauge("a", "A.", since: .v17)])
        #expect(table.question(for: .version(15)) == nil)
    }

    @Test func tableWithoutASourceSelectsExpressions() {
        #expect(
            SQLTable(prefix: "p", rows: [.gauge("1", as: "one", "One.")]).question(for: .version(14))?.statement.sql
                == "SELECT 1")
    }

    @Test func nullColumnGivesNoSampleAndCostsNoNeighbour() throws {
        var sink = MetricSink()
        let answer = ResultTable(
            columns: ["name", "kind", "a", "c"], rows: [["n", nil, nil, "1500"], ["m", "k", "oops", "2"]])
        try table.decode(Answer(answer), with: table.metrics.reader(for: .v17), into: &sink)
        #expect(sink.families.map(\.descriptor.name) == ["pg_t_a", "pg_t_c_seconds"])
        #expect(sink.families[0].samples.isEmpty)
        #expect(sink.families[1].samples.count == 2)
        #expect(sink.families[1].samples[0].labels == LabelSet(["name": "n", "kind": ""]))
        guard case .number(1.5) = sink.families[1].samples[0].value else { return #expect(Bool(false), "not 1.5") }
    }

    @Test func otherColumnsThanAskedForAreAnError() {
        var sink = MetricSink()
        let answer = ResultTable(columns: ["name"], rows: [["n"]])
        #expect(throws: CollectorError.self) {
            try table.decode(Answer(answer), with: table.metrics.reader(for: .v17), into: &sink)
        }
    }

    @Test func questionIsWorkedOutAnewWhenTheServerIsAnother() {
        let table = SQLTable(
            prefix: "p", fromWhere: { $0.isStandby ? nil : "v" },
            rows: [.gauge("a", "A."), .gauge("b", "B.", since: .v17)])
        let collector = TableCollector("test", "Test.", tables: [table])
        func sql(_ facts: PostgresFacts) -> [String] { collector.questions(for: facts).map(\.statement.sql) }
        for _ in 0..<2 {
            #expect(sql(.version(15)) == ["SELECT a FROM v"])
            #expect(sql(.version(17)) == ["SELECT a, b FROM v"])
        }
        var standby = PostgresFacts.version(17)
        standby.isStandby = true
        #expect(sql(standby) == [])
    }

    @Test func failedQuestionCostsOnlyItsOwnMetrics() {
        let first = SQLTable(prefix: "p", from: "v", rows: [.gauge("a", "A.")])
        let second = SQLTable(prefix: "q", from: "w", rows: [.gauge("b", "B.")])
        let collector = TableCollector("test", "Test.", tables: [first, second])
        var sink = MetricSink()
        let replies: [Reply<Answer>] = [
            Reply(.failure(CollectorError(.locked, "locked")), took: .zero),
            Reply(.success(Answer(ResultTable(columns: ["b"], rows: [["7"]]))), took: .zero),
        ]
        let error = #expect(throws: CollectorError.self) {
            try collector.decode(replies, from: .version(15), into: &sink)
        }
        #expect(error?.reason == .locked)
        #expect(sink.families.first?.descriptor.name == "q_b")
        #expect(sink.families.first?.samples.count == 1)
    }

    @Test(arguments: [([], "{}"), (["a"], #"{"a"}"#), (["a b", #"c"d\"#], #"{"a b","c\"d\\"}"#)])
    func arrayLiteralIsQuoted(elements: [String], literal: String) {
        #expect(SQLText.array(elements) == literal)
    }
}

extension PostgresFacts {
    /// A primary of this version, nothing else known.
    static func version(_ major: Int, _ minor: Int = 0) -> PostgresFacts {
        PostgresFacts(
            server: PostgresServer(
                versionNumber: major * 10_000 + minor, versionText: "\(major).\(minor)", database: "d", user: "u"))
    }
}
