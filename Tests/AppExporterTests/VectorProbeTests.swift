import ExporterKit
import Testing

@testable import app_exporter

struct VectorProbeTests {
    private let index = VectorTests.index()

    @Test(arguments: [
        (["(0,1)", "(0,2)"], "(0,1)", 2, 100.0 as Double?, false, 0, true),
        (["(0,2)"], "(0,1)", 2, 100, true, 0, false),
        (["(0,2)"], "(0,1)", 2, 1, false, 0, false),
        (["(0,2)"], "(0,2)", 2, nil, false, 0, true),
        (["(0,2)", "(0,2)", "(0,2)"], "(0,2)", 3, 9, false, 2, true),
    ])
    func answersAreJudged(
        places: [String], own: String, k: Int, available: Double?, isShort: Bool, duplicates: Int, found: Bool
    ) {
        let answer = ProbeAnswer(places: places, own: own, k: k, available: available, took: .seconds(1))
        #expect(answer.isShort == isShort)
        #expect(answer.duplicates == duplicates)
        #expect(answer.foundItself == found)
    }

    // MARK: - Budget

    @Test func anAdvanceIsPaidBackBeforeAnythingIsAdded() {
        var budget = ProbeBudget(0.02, over: .seconds(15), largest: .milliseconds(500), at: .zero)
        let first = budget.allows(.milliseconds(500), at: .zero)
        budget.spend(.milliseconds(500))
        let later = [25, 49, 50].map { budget.allows(.milliseconds(500), at: .seconds($0)) }
        #expect(first)
        #expect(later == [false, false, true])
    }

    @Test func savingsEndAtAnIntervalsShare() {
        var budget = ProbeBudget(0.5, over: .seconds(10), largest: .seconds(1), at: .zero)
        let answers = [5, 6].map { budget.allows(.seconds($0), at: .seconds(10_000)) }
        #expect(answers == [true, false])
    }

    /// Random questions up to the largest, at random times: the share holds from the moment when the advance is earned.
    @Test(arguments: [0.02, 0.1, 1.0]) func theShareIsNeverExceeded(share: Double) {
        let largest = Duration.milliseconds(520)
        var budget = ProbeBudget(share, over: .seconds(15), largest: largest, at: .zero)
        let advance = max(Duration.seconds(15) * share, largest)
        var (now, spent, asked) = (Duration.zero, Duration.zero, 0)
        for _ in 0..<20_000 {
            now += .milliseconds(Int.random(in: 1...2_000))
            guard budget.allows(largest, at: now) else { continue }
            let took = min(largest, .milliseconds(Int.random(in: 1...700)))
            budget.spend(took)
            (spent, asked) = (spent + took, asked + 1)
            // A share of a time is rounded.
            #expect(spent <= max(advance, now * share) + .microseconds(1))
        }
        #expect(asked > 100)
    }

    @Test func everyIndexComesFirstOnce() {
        let state = ProbeState(ProbeBudget(1, over: .seconds(1), largest: .seconds(1), at: .zero))
        let indexes = ["a", "b", "c"].map { name in
            VectorIndex(
                database: "d", schema: "s", table: "t", name: name, relation: "s.t", expression: "v", predicate: nil,
                distance: VectorDistance(name: "<->", sql: "<->", function: "f"), type: "vector", adapter: .plain,
                owner: "vector")
        }
        #expect((0..<4).map { _ in state.rotated(indexes).map(\.name).joined() } == ["abc", "bca", "cab", "abc"])
        #expect(state.rotated([]).isEmpty)
    }

    @Test func vectorsOfChangedRowsAreForgotten() {
        let state = ProbeState(ProbeBudget(1, over: .seconds(1), largest: .seconds(1), at: .zero))
        let vectors = ["(0,1)", "(0,2)"].map { QueryVector(address: $0, table: nil, text: "[1]") }
        state.keep(vectors, of: index, percent: 12, at: .zero)
        state.forget(vectors[0], of: index)
        #expect(state.vectors(of: index) == [vectors[1]])
        #expect(state.percent(of: index) == 12)
        #expect(!state.needsVectors(index, at: .seconds(9), refresh: .seconds(10)))
        #expect(state.needsVectors(index, at: .seconds(10), refresh: .seconds(10)))
        state.forget(except: [])
        #expect(state.needsVectors(index, at: .zero, refresh: .seconds(10)))
    }

    // MARK: - Recall

    @Test(
        arguments: [
            (["a", "b"], [0, 1], [0, 1], 2, 1.0 as Double?),
            (["a", "c"], [0, 2], [0, 1], 2, 0.5),
            // Another row as near is no miss.
            (["a", "c"], [0, 1], [0, 1], 2, 1),
            // The same row twice is one.
            (["a", "a"], [0, 0], [0, 1], 2, 0.5),
            // Nearer means more negative.
            (["a", "b"], [-5, -1], [-5, -4], 2, 0.5),
            (["a", "b"], [nil, 0], [0, 1], 2, 0.5),
            // Fewer rows than asked for are all there is.
            (["a"], [3], [3], 10, 1),
            ([], [], [3], 10, 0),
            (["a"], [.nan], [.nan], 1, nil),
            ([], [], [], 1, nil),
        ] as [([String], [Double?], [Double], Int, Double?)])
    func recallIsTheShareOfTheTrulyNearest(
        places: [String], distances: [Double?], exact: [Double], k: Int, expected: Double?
    ) {
        #expect(RecallSample(places: places, distances: distances, exact: exact, k: k)?.ratio == expected)
    }

    // MARK: - Series

    @Test func seriesOfAnIndexGoWithIt() async {
        let registry = Registry()
        let metrics = ProbeMetrics(registry, buckets: [1, 2], isDpgCompatible: true)
        metrics.keep([index])
        metrics.count(error: "57014", index)
        metrics.count(.timeout, index)
        metrics.note(ProbeMetrics.LastSearch(at: .zero, isIndexUsed: true, rows: 3), index)
        let request = ScrapeRequest(deadline: .after(.seconds(5)))
        #expect(await registry.families(for: request).flatMap(\.samples).count == 12)
        var sink = MetricSink()
        metrics.tell(since: .zero, into: &sink)
        #expect(sink.families.flatMap(\.samples).map(\.value) == [.number(1), .number(3), .number(1), .number(1)])
        metrics.keep([])
        #expect(await registry.families(for: request).flatMap(\.samples).isEmpty)
        sink = MetricSink()
        metrics.tell(since: .zero, into: &sink)
        #expect(sink.families.isEmpty)
    }

    @Test func whatThisTimeTellsNothingAboutStaysUntilItIsTooOld() {
        let metrics = ProbeMetrics(Registry(), buckets: [1])
        metrics.note(ProbeMetrics.LastSearch(at: .zero, isIndexUsed: true, rows: 3), index)
        metrics.note(ProbeMetrics.LastSearch(at: .seconds(5), isIndexUsed: nil, rows: 0), index)
        var sink = MetricSink()
        metrics.tell(since: .seconds(5), into: &sink)
        #expect(sink.families.map(\.descriptor.name).count == 3)
        #expect(sink.families.flatMap(\.samples).map(\.value) == [.number(0), .number(0), .number(1)])
        sink = MetricSink()
        metrics.tell(since: .seconds(6), into: &sink)
        #expect(sink.families.isEmpty)
    }
}
