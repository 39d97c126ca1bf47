import ExporterKit
import Testing

@testable import app_exporter

struct VectorTests {
    private let index = VectorIndex(
        database: "d", schema: "public", table: "docs", name: "docs_idx", relation: "public.docs",
        expression: "embedding",
        predicate: nil, distance: "OPERATOR(public.<->)", type: "public.vector", isValid: true, pages: 10, rows: 100)

    @Test(arguments: [
        ([], "public", "docs", true), (["public.*"], "public", "docs", true), (["public.*"], "other", "docs", false),
        (["*.docs"], "any", "docs", true), (["public.do*s"], "public", "doorknobs", true),
        (["public.do*s"], "public", "door", false), (["public.docs"], "public", "docs2", false),
        (["*"], "a", "b", true),
    ])
    func filterMatchesPatterns(patterns: [String], schema: String, table: String, expected: Bool) {
        #expect(TableFilter(patterns: patterns).includes(schema: schema, table: table) == expected)
    }

    @Test func searchNamesOperatorAndType() {
        #expect(
            index.search(k: 5)
                == "SELECT ctid FROM public.docs ORDER BY (embedding) OPERATOR(public.<->) $1::public.vector LIMIT 5")
    }

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

    @Test func budgetIsAShareAndAnOverdraftIsPaidBack() {
        var budget = ProbeBudget()
        #expect(!budget.hasLeft)
        budget.refill(0.02, over: .seconds(15))
        #expect(budget.hasLeft)
        budget.spend(.milliseconds(500))
        #expect(!budget.hasLeft)
        budget.refill(0.02, over: .seconds(15))
        #expect(budget.hasLeft)
        budget.spend(.milliseconds(50))
        budget.refill(0.02, over: .seconds(15))
        budget.refill(0.02, over: .seconds(15))
        budget.spend(.milliseconds(299))
        #expect(budget.hasLeft)
        budget.spend(.milliseconds(1))
        #expect(!budget.hasLeft)
    }

    @Test(arguments: [
        ("[0,0,0]", false), ("[0,0.5,0]", true), ("[0,-1e-9]", true), ("{}/0", false), ("000", false), ("010", true),
    ])
    func zeroVectorsAreNotSearchedFor(text: String, expected: Bool) {
        #expect(QueryVector.canBeSearched(text) == expected)
    }

    @Test func seriesOfAnIndexGoWithIt() async {
        let registry = Registry()
        let metrics = ProbeMetrics(registry, buckets: [1, 2])
        metrics.keep([index])
        metrics.count(error: "57014", index)
        let request = ScrapeRequest(deadline: .after(.seconds(5)))
        #expect(await registry.families(for: request).flatMap(\.samples).count == 11)
        metrics.keep([])
        #expect(await registry.families(for: request).flatMap(\.samples).isEmpty)
    }
}
