import Testing

@testable import ExporterKit

@Suite struct LabelSetTests {
    @Test func orderOfLabelsDoesNotMatter() {
        #expect(LabelSet(["b": "2", "a": "1"]) == LabelSet(["a": "1", "b": "2"]))
        #expect(LabelTemplate(["b", "a"])?.labels(["2", "1"]) == LabelSet(["a": "1", "b": "2"]))
    }

    @Test(arguments: ["", "1a", "a-b", "a:b", "__name__", "ä", "a b"])
    func illegalNamesAreRefused(name: String) {
        #expect(LabelSet(checking: [(name, "x")]) == nil)
        #expect(LabelTemplate([name]) == nil)
    }

    @Test func repeatedNamesAreRefused() {
        #expect(LabelSet(checking: [("a", "1"), ("a", "2")]) == nil)
        #expect(LabelTemplate(["a", "b", "a"]) == nil)
    }

    @Test(arguments: [
        "", "plain", "back\\slash", "quo\"te", "line\nfeed", "\\n", "tab\tcr\r", "é", "e\u{301}", "日本 😱", "a=\"b\",c",
    ])
    func anyValueSurvivesTheWayToTextAndBack(value: String) {
        let labels = LabelSet(["name": value, "other": "x"])
        #expect(labels.pairs.map(\.name) == ["name", "other"])
        #expect(labels.pairs.first.map { Array($0.value.utf8) } == Array(value.utf8))
    }

    @Test func canonicallyEqualTextIsStillAnotherSeries() {
        #expect(LabelSet(["name": "é"]) != LabelSet(["name": "e\u{301}"]))
    }

    @Test(arguments: [("latency-99.9", "latency_99_9"), ("ok_1", "ok_1"), ("a b", "a_b")])
    func namesAreSanitized(raw: String, expected: String) {
        #expect(MetricNames.sanitized(raw) == expected)
    }
}
