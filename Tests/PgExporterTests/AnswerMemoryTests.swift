import ExporterKit
import PostgresClient
import Testing

@testable import pg_exporter

struct AnswerMemoryTests {
    private let now = ContinuousClock.now
    private let table = ResultTable(columns: ["a"], rows: [["1"]])
    private let kept = Question(Statement("SELECT 1"), freshFor: .seconds(60))
    private let fleeting = Question(Statement("SELECT 2"))

    private func isSuccess(_ result: Result<ResultTable, CollectorError>?) -> Bool {
        if case .success? = result { true } else { false }
    }

    @Test func answerIsKeptAsLongAsTheQuestionSays() {
        var memory = AnswerMemory()
        for question in [kept, fleeting] { memory.note(.success(table), took: .zero, to: question, at: now) }
        #expect(isSuccess(memory.recall(kept, at: now + .seconds(59))))
        #expect(memory.recall(kept, at: now + .seconds(60)) == nil)
        #expect(memory.recall(fleeting, at: now) == nil)
    }

    @Test(arguments: CollectorError.Reason.allCases)
    func onlyWhatIsRefusedForGoodIsNotAskedAgain(reason: CollectorError.Reason) {
        var memory = AnswerMemory()
        memory.note(.failure(CollectorError(reason, "no")), took: .milliseconds(1), to: fleeting, at: now)
        let isLasting = reason == .permission || reason == .unsupported
        #expect((memory.recall(fleeting, at: now + .seconds(599)) != nil) == isLasting)
        #expect(memory.recall(fleeting, at: now + .seconds(600)) == nil)
    }

    @Test func failureIsNotServedAsTheAnswerBeforeIt() {
        var memory = AnswerMemory()
        memory.note(.success(table), took: .zero, to: kept, at: now)
        memory.note(.failure(CollectorError(.timeout, "late")), took: .seconds(1), to: kept, at: now + .seconds(60))
        #expect(memory.recall(kept, at: now + .seconds(60)) == nil)
    }

    @Test func questionThatWasNotReachedStaysWhereItWas() {
        var memory = AnswerMemory()
        memory.note(.success(table), took: .milliseconds(400), to: fleeting, at: now)
        memory.note(.failure(CollectorError(.timeout, "late")), took: .zero, to: fleeting, at: now)
        #expect(memory.lastDuration(of: fleeting) == .milliseconds(400))
    }

    @Test func onlySlowQuestionsHaveTheirTimeRemembered() {
        var memory = AnswerMemory()
        memory.note(.success(table), took: .milliseconds(400), to: fleeting, at: now)
        memory.note(.success(table), took: .milliseconds(4), to: kept, at: now)
        #expect(memory.lastDuration(of: fleeting) == .milliseconds(400))
        #expect(memory.lastDuration(of: kept) == .zero)
        memory.note(.success(table), took: .milliseconds(4), to: fleeting, at: now)
        #expect(memory.lastDuration(of: fleeting) == .zero)
    }

    @Test func keptAnswerIsForThoseWhoTakeOneAndARefusalForEverybody() {
        let asked = Question(kept.statement)
        var memory = AnswerMemory()
        memory.note(.success(table), took: .zero, to: kept, at: now)
        #expect(memory.recall(kept, at: now) != nil)
        #expect(memory.recall(asked, at: now) == nil)
        memory.note(.failure(CollectorError(.permission, "no")), took: .zero, to: kept, at: now)
        #expect(memory.recall(asked, at: now) != nil)
    }
}
