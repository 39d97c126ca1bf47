import Testing

@testable import ExporterKit

@Suite struct FamilyMergeTests {
    private func gauge(_ name: String, _ samples: [Sample]) -> MetricFamily {
        MetricFamily(MetricDescriptor(name, "Help.", kind: .gauge), samples)
    }

    @Test func familiesOfOneNameBecomeOneSortedByName() {
        let merge = FamilyMerge([
            gauge("b", [Sample(1)]), gauge("a", [Sample(1, LabelSet(["x": "1"]))]),
            gauge("a", [Sample(2, LabelSet(["x": "2"]))]), gauge("empty", []),
        ])
        #expect(merge.families.map(\.descriptor.name) == ["a", "b"])
        #expect(merge.families.map(\.samples.count) == [2, 1])
        #expect(merge.drops.isEmpty)
    }

    @Test func firstOfTwoEqualSeriesIsKeptAndTheOtherCounted() {
        let labels = LabelSet(["x": "1"])
        let merge = FamilyMerge([gauge("a", [Sample(1, labels), Sample(2)]), gauge("a", [Sample(3, labels)])])
        #expect(merge.families.first?.samples.count == 2)
        #expect(merge.drops == [.duplicate: 1])
        guard case .number(1) = merge.families.first?.samples.first?.value else {
            Issue.record("the first sample is not the one that was kept")
            return
        }
    }

    @Test func illegalNamesAndConflictingKindsAreLeftOutAndCounted() {
        let counter = MetricFamily(MetricDescriptor("a", "Help.", kind: .counter), [Sample(1), Sample(2)])
        let merge = FamilyMerge([gauge("a", [Sample(1)]), counter, gauge("", [Sample(1)])])
        #expect(merge.families.map(\.descriptor.name) == ["a"])
        #expect(merge.drops == [.kindConflict: 2, .illegalName: 1])
    }

    @Test func labelsOfTheFormatAndValuesOfAnotherKindAreLeftOutAndCounted() throws {
        let histogram = SampleValue.histogram(
            try #require(HistogramSnapshot(upperBounds: [1], counts: [1, 0], sum: 1)))
        let summary = SampleValue.summary(SummarySnapshot(quantiles: [], sum: 1, count: 1))
        let quantile = LabelSet(["quantile": "1"])
        let merge = FamilyMerge([
            MetricFamily(
                MetricDescriptor("h", "Help.", kind: .histogram),
                [Sample(histogram, LabelSet(["le": "1"])), Sample(histogram, quantile), Sample(1), Sample(summary)]),
            MetricFamily(
                MetricDescriptor("s", "Help.", kind: .summary),
                [Sample(summary, quantile), Sample(summary, LabelSet(["a": "quantile=", "le": "1"]))]),
            gauge("g", [Sample(1, quantile), Sample(histogram)]),
        ])
        #expect(merge.families.map(\.count) == [1, 1, 1])
        #expect(merge.drops == [.kindConflict: 3, .reservedLabel: 2])
    }

    @Test func unicodeNamesAreKept() {
        let merge = FamilyMerge([gauge("http.requests", [Sample(1)]), gauge("花火", [Sample(1)])])
        #expect(merge.families.map(\.descriptor.name) == ["http.requests", "花火"])
        #expect(merge.drops.isEmpty)
    }
}
