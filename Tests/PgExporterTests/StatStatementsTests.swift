import ExporterKit
import PostgresClient
import Testing

@testable import pg_exporter

struct StatStatementsTests {
    private static func facts(extension version: ServerVersion? = ServerVersion(1, 10)) -> PostgresFacts {
        var facts = PostgresFacts.version(17)
        facts.extensions["pg_stat_statements"] = version.map { PostgresFacts.Extension(schema: "\"My\"", version: $0) }
        return facts
    }

    private func collector(_ change: (inout StatementOptions) -> Void = { _ in }) -> StatStatementsCollector {
        var options = StatementOptions()
        change(&options)
        return StatStatementsCollector(options)
    }

    private func reply(_ rows: [[String?]], columns: Int) -> Reply<Answer> {
        Reply(.success(Answer(ResultTable(columns: (0..<columns).map { "c\($0)" }, rows: rows))), took: .zero)
    }

    /// Ids shown, and texts by id.
    private func decode(
        _ collector: StatStatementsCollector, _ ids: [String], texts: [[String?]]? = nil
    ) throws -> (ids: [String], texts: [String: String]) {
        var sink = MetricSink()
        let numbers = reply(ids.map { ["u", "d", $0, "1", "2000", "3", nil, "0"] }, columns: 8)
        try collector.decode(
            [numbers] + (texts.map { [reply($0, columns: 2)] } ?? []), from: Self.facts(), into: &sink)
        let calls = sink.families.first { $0.descriptor.name == "pg_stat_statements_calls_total" }
        let named = sink.families.first { $0.descriptor.name == "pg_stat_statements_query_id" }
        return (
            calls?.samples.compactMap { $0.labels.pairs.first { $0.name == "queryid" }?.value } ?? [],
            Dictionary(
                uniqueKeysWithValues: (named?.samples ?? []).map { sample in
                    let pairs = Dictionary(uniqueKeysWithValues: sample.labels.pairs.map { ($0.name, $0.value) })
                    return (pairs["queryid"] ?? "", pairs["query"] ?? "")
                })
        )
    }

    @Test(arguments: [
        (ServerVersion(1, 7), "total_time", "blk_read_time"), (ServerVersion(1, 8), "total_exec_time", "blk_read_time"),
        (ServerVersion(1, 10), "total_exec_time", "blk_read_time"),
        (ServerVersion(1, 11), "total_exec_time", "shared_blk_read_time"),
    ])
    func columnsFollowTheExtensionNotTheServer(version: ServerVersion, time: String, reading: String) throws {
        let sql = try #require(collector().questions(for: Self.facts(extension: version)).first?.statement.sql)
        #expect(sql.contains("sum(\(time))"))
        #expect(sql.contains("sum(\(reading))"))
        #expect(sql.contains("FROM \"My\".pg_stat_statements(set_config"))
    }

    @Test func textsAreAskedOnlyWhenWantedAndOnlyOnce() throws {
        #expect(collector().questions(for: Self.facts()).count == 1)
        let named = collector { $0.includesQuery = true }
        #expect(named.questions(for: Self.facts()).count == 2)
        #expect(
            try decode(named, ["1", "2"], texts: [["1", "one"], ["2", "two"]]).texts == ["1": "one", "2": "two"])
        #expect(named.questions(for: Self.facts()).count == 1)
        #expect(try decode(named, ["1", "3"]).texts == ["1": "one"])
        #expect(named.questions(for: Self.facts()).last?.statement.parameters == [#"{"3"}"#])
        #expect(try decode(named, ["1", "3"], texts: [["3", "three"]]).texts == ["1": "one", "3": "three"])
        #expect(named.questions(for: Self.facts()).count == 1)
    }

    @Test func textThatTheServerDoesNotHaveIsNotAskedAgainAndAgain() throws {
        let named = collector { $0.includesQuery = true }
        #expect(try decode(named, ["1", "2"], texts: [["1", "one"]]).texts == ["1": "one"])
        _ = try decode(named, ["1", "2"])
        #expect(named.questions(for: Self.facts()).last?.statement.parameters == [#"{"2"}"#])
        _ = try decode(named, ["1", "2"], texts: [])
        #expect(named.questions(for: Self.facts()).count == 1)
    }

    @Test func textsThatDoNotComeCostNoNumbers() {
        let named = collector { $0.includesQuery = true }
        var sink = MetricSink()
        let replies = [
            reply([["u", "d", "1", "1", "2000", "3", "0", "0"]], columns: 8),
            Reply<Answer>(.failure(CollectorError(.timeout, "late")), took: .zero),
        ]
        let error = #expect(throws: CollectorError.self) {
            try named.decode(replies, from: Self.facts(), into: &sink)
        }
        #expect(error?.reason == .timeout)
        #expect(sink.families.first?.samples.count == 1)
        #expect(named.questions(for: Self.facts()).count == 2, "asked again")
    }

    @Test func millisecondsBecomeSecondsAndNullIsNoSample() throws {
        var sink = MetricSink()
        try collector().decode(
            [reply([["u", "d", "1", "7", "2500", nil, "0", "0"]], columns: 8)], from: Self.facts(), into: &sink)
        let values = Dictionary(
            uniqueKeysWithValues: sink.families.map { ($0.descriptor.name, $0.samples.map(\.value)) })
        #expect(values["pg_stat_statements_seconds_total"] == [.number(2.5)])
        #expect(values["pg_stat_statements_rows_total"] == [])
    }

    @Test func missingExtensionSaysWhatToDo() {
        var sink = MetricSink()
        let facts = Self.facts(extension: nil)
        #expect(collector().questions(for: facts).isEmpty)
        let error = #expect(throws: CollectorError.self) { try collector().decode([], from: facts, into: &sink) }
        #expect(error?.reason == .unsupported)
        #expect(error?.message.contains("CREATE EXTENSION pg_stat_statements") == true)
        #expect(error?.message.contains("database d") == true)
    }

    @Test func filtersAreParameters() throws {
        let filtered = collector {
            $0.excludedDatabases = ["a'b"]
            $0.excludedUsers = ["u"]
        }
        let statement = try #require(filtered.questions(for: Self.facts()).first?.statement)
        #expect(statement.parameters == [#"{"a'b"}"#, #"{"u"}"#])
        #expect(statement.sql.hasSuffix("LIMIT 110"))
    }
}

struct StableChoiceTests {
    @Test func shortRankingIsChosenWhole() {
        var choice = StableChoice<Int>(limit: 10)
        #expect(choice.width == 11)
        #expect(choice.choose([1, 2, 3]) == [0, 1, 2])
        #expect(choice.choose([]) == [])
    }

    @Test func edgeStaysWhileTheOrderWavers() {
        var choice = StableChoice<Int>(limit: 10)
        let ranking = Array(1...11)
        #expect(choice.choose(ranking) == Array(0..<10))
        // The last two change places, and back again: the one that was chosen stays.
        #expect(choice.choose([1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 10]) == [0, 1, 2, 3, 4, 5, 6, 7, 8, 10])
        #expect(choice.choose(ranking) == Array(0..<10))
    }

    @Test func whatRisesIsChosenAndWhatFallsIsNot() {
        var choice = StableChoice<Int>(limit: 10)
        _ = choice.choose(Array(1...11))
        #expect(choice.choose([20, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]) == Array(0..<10))
        #expect(choice.choose([20, 1, 2, 3, 4, 5, 6, 7, 8, 30, 9]) == [0, 1, 2, 3, 4, 5, 6, 7, 8, 10])
    }

    @Test func limitWithoutSlackIsThePlainTop() {
        var choice = StableChoice<Int>(limit: 2)
        #expect(choice.choose([5, 6]) == [0, 1])
        #expect(choice.choose([7, 5]) == [0, 1])
    }
}
