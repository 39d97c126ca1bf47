import ExporterKit
import PostgresClient
import Testing

@testable import pg_exporter

struct PredicateMemoryTests {
    private let now = ContinuousClock.now
    private let first = Predicate(statement: Statement("SELECT 1 = 1"))
    private let second = Predicate(statement: Statement("SELECT 2 = 2"), keptFor: .seconds(60))

    private func word(_ verdict: PredicateMemory.Verdict?) -> String {
        switch verdict {
        case nil: "unknown"
        case .holds: "holds"
        case .doesNotHold: "does not hold"
        case .failed(let error): error.reason.rawValue
        }
    }

    @Test(arguments: [
        ([["t"]], "holds"), ([["f"]], "does not hold"), ([[nil]], "does not hold"), ([], "does not hold"),
        ([["1"]], "decode"), ([["t"], ["t"]], "decode"),
    ])
    func oneTrueValueHolds(rows: [[String?]], expected: String) {
        var memory = PredicateMemory()
        memory.note(.success(ResultTable(columns: ["v"], rows: rows)), to: first, at: now)
        #expect(word(memory.verdict(on: [first])) == expected)
    }

    @Test func severalMustAllHoldAndTheFirstThatDoesNotCounts() {
        let yes = ResultTable(columns: ["v"], rows: [["t"]])
        var memory = PredicateMemory()
        #expect(word(memory.verdict(on: [first, second])) == "unknown")
        #expect(memory.unknown(among: [first, second, first]) == [first, second])
        memory.note(.success(yes), to: first, at: now)
        #expect(word(memory.verdict(on: [first, second])) == "unknown")
        memory.note(.failure(CollectorError(.query, "no")), to: second, at: now)
        #expect(word(memory.verdict(on: [first, second])) == "query")
        memory.note(.success(yes), to: second, at: now)
        #expect(word(memory.verdict(on: [first, second])) == "holds")
        memory.note(.success(ResultTable(columns: ["v"], rows: [["f"]])), to: first, at: now)
        #expect(word(memory.verdict(on: [first, second])) == "does not hold")
    }

    @Test func answersCountAsLongAsTheySayAndRefusalsLonger() {
        var memory = PredicateMemory()
        let yes = ResultTable(columns: ["v"], rows: [["t"]])
        memory.note(.success(yes), to: first, at: now)
        memory.note(.success(yes), to: second, at: now)
        #expect(memory.due(among: [first, second], at: now) == [first])
        #expect(memory.due(among: [first, second], at: now + .seconds(60)) == [first, second])
        memory.note(.failure(CollectorError(.permission, "no")), to: first, at: now)
        #expect(memory.due(among: [first], at: now + .seconds(599)) == [])
    }

    @Test func lateAnswerLeavesTheOneBeforeInForce() {
        var memory = PredicateMemory()
        memory.note(.success(ResultTable(columns: ["v"], rows: [["t"]])), to: first, at: now)
        memory.note(.failure(CollectorError(.timeout, "late")), to: first, at: now)
        #expect(word(memory.verdict(on: [first])) == "holds")
    }
}
