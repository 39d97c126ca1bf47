import ExporterKit
import Testing

@testable import pg_exporter

struct SeriesBudgetTests {
    private struct Fixed: MetricSource {
        let kept: [MetricFamily]
        func families(for request: ScrapeRequest) async -> [MetricFamily] { kept }
    }

    private func family(_ name: String, _ count: Int, reversed: Bool = false) -> MetricFamily {
        let numbers = reversed ? Array((0..<count).reversed()) : Array(0..<count)
        let samples = numbers.map { Sample(Double($0), ["t": "\(100 + $0)"]) }
        return MetricFamily(MetricDescriptor(name, "Help.", kind: .gauge), samples)
    }

    private func scrape(_ budget: SeriesBudget) async -> [String: [String]] {
        let families = await budget.families(for: ScrapeRequest(deadline: .after(.seconds(1))))
        return families.reduce(into: [:]) { result, family in
            result[family.descriptor.name] = family.samples.compactMap { $0.labels.pairs.first?.value }
        }
    }

    @Test(arguments: [
        ([5, 5], 10, Int.max), ([1, 9], 9, 8), ([4, 4, 4], 9, 3), ([1, 1, 100], 12, 10), ([10, 10], 1, 1),
        ([], 0, Int.max),
    ])
    func largeFamiliesAreCutToOneLength(counts: [Int], limit: Int, length: Int) {
        #expect(SeriesBudget.length(of: counts, within: limit) == length)
    }

    @Test func withoutALimitNothingIsTouched() async {
        let budget = SeriesBudget(Fixed(kept: [family("a", 3)]), limit: 0)
        #expect(await scrape(budget) == ["a": ["100", "101", "102"]])
    }

    @Test func sameSeriesStayWhateverTheirOrder() async {
        for reversed in [false, true] {
            let source = Fixed(kept: [family("up", 1), family("a", 9, reversed: reversed), family("b", 9)])
            let found = await scrape(SeriesBudget(source, limit: 7))
            #expect(found["up"] == ["100"])
            #expect(found["a"] == ["100", "101", "102"])
            #expect(found["b"] == ["100", "101", "102"])
        }
    }

    @Test func droppedSeriesAreCountedByMetric() async throws {
        let budget = SeriesBudget(Fixed(kept: [family("up", 1), family("a", 9)]), limit: 5)
        _ = await scrape(budget)
        let families = await budget.families(for: ScrapeRequest(deadline: .after(.seconds(1))))
        let dropped = try #require(families.first { $0.descriptor.name == SeriesBudget.metric.name })
        #expect(dropped.samples.map(\.labels) == [["metric": "a"]])
        guard case .number(10) = dropped.samples[0].value else { return #expect(Bool(false), "5 in each of 2 scrapes") }
    }
}
