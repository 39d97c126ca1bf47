import ExporterKit
import PostgresClient
import Testing

@testable import pg_exporter

struct AnswerMemoryTests {
    private let now = ContinuousClock.now
    private let kept = Question(Statement("SELECT 1"), freshFor: .seconds(60))
    private let asked = Question(Statement("SELECT 1"))

    @Test func keptAnswerIsForThoseWhoTakeOne() {
        var memory = AnswerMemory()
        memory.note(.success(ResultTable(columns: ["v"], rows: [["1"]])), took: .zero, to: kept, at: now)
        #expect(memory.recall(kept, at: now) != nil)
        #expect(memory.recall(asked, at: now) == nil)
        #expect(memory.recall(kept, at: now + .seconds(60)) == nil)
    }

    @Test func failureIsNotKeptAndARefusalIsForEverybody() {
        var memory = AnswerMemory()
        memory.note(.failure(CollectorError(.query, "no")), took: .zero, to: kept, at: now)
        #expect(memory.recall(kept, at: now) == nil)
        memory.note(.failure(CollectorError(.permission, "no")), took: .zero, to: kept, at: now)
        #expect(memory.recall(kept, at: now) != nil)
        #expect(memory.recall(asked, at: now) != nil)
    }
}
