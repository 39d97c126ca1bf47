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
        let merge = FamilyMerge([gauge("a", [Sample(1)]), counter, gauge("no good", [Sample(1)])])
        #expect(merge.families.map(\.descriptor.name) == ["a"])
        #expect(merge.drops == [.kindConflict: 2, .illegalName: 1])
    }
}
