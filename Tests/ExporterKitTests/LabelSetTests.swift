import Testing

@testable import ExporterKit

@Suite struct LabelSetTests {
    @Test func orderOfLabelsDoesNotMatter() {
        #expect(LabelSet(["b": "2", "a": "1"]) == LabelSet(["a": "1", "b": "2"]))
        #expect(LabelTemplate(["b", "a"])?.labels(["2", "1"]) == LabelSet(["a": "1", "b": "2"]))
    }

    @Test(arguments: ["", "__name__", "__x", "__"])
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

    @Test(arguments: ["http.route", "a:b", "1a", "ä", "a b", "quo\"te\\\n", "="])
    func unicodeNamesStandInQuotesBeforeAllOthers(name: String) {
        let labels = LabelSet(["a": "1", name: "2", "b": "3"])
        #expect(labels.hasQuotedName)
        #expect(labels.pairs.map(\.name) == [name, "a", "b"])
        #expect(labels.pairs.map(\.value) == ["2", "1", "3"])
        #expect(LabelTemplate(["a", name, "b"])?.labels(["1", "2", "3"]) == labels)
        #expect(!LabelSet(["a": "1", "b": "3"]).hasQuotedName)
    }

    @Test func canonicallyEqualNamesAreTwo() {
        #expect(LabelSet(checking: [("é", "1"), ("e\u{301}", "2")])?.pairs.count == 2)
    }

    @Test func invalidBytesAreRepaired() {
        let labels = LabelTemplate(["a"])?.labels([[0x78, 0xFF, 0xC3]])
        #expect(labels?.pairs.first?.value == "x\u{FFFD}\u{FFFD}")
    }

    @Test func aWrongNumberOfValuesGivesNoLabels() {
        #expect(LabelTemplate(["a", "b"])?.labels(["1"]) == .empty)
    }

    @Test func containsFindsWholeNamesOnly() {
        let labels = LabelSet(["title": "le=\"1\"", "x.le": ",le="])
        #expect(!labels.contains("le"))
        #expect(labels.adding("le", "")?.contains("le") == true)
    }
}
