import ExporterKit
import PostgresClient
import Testing

@testable import app_exporter

/// Cells of every type, and histograms out of columns.
struct SQLValueTests {
    private func raw(_ type: UInt32, _ text: String?) -> RawValue {
        let table = ResultTable(columns: ["c"], types: [type], rows: [[text]])
        return SQLValue(table, 0).raw(table, 0)
    }

    @Test(arguments: [
        (16, "t", RawValue.number(1)), (16, "f", .number(0)),
        (20, "-9007199254740993", .number(-9_007_199_254_740_992)),
        (1_700, "12.340", .number(12.34)), (1_700, "NaN", .number(.nan)), (701, "Infinity", .number(.infinity)),
        (25, "7.5", .number(7.5)), (25, "seven", .other), (25, "t", .other), (25, "", .other),
        (1_184, "2026-03-01 06:00:00.25+00", .number(1_772_344_800.25)), (1_184, "infinity", .other),
        (1_184, "2026-03-01 00:00:00-06", .number(1_772_344_800)),
        (1_114, "2026-03-01 06:00:00", .number(1_772_344_800)),
        (1_082, "1970-01-02", .number(86_400)), (1_082, "0044-03-15 BC", .other),
        (1_186, "1 day 02:03:04.5", .number(93_784.5)), (1_186, "-00:00:01", .number(-1)), (1_186, "1 mon", .other),
        (1_007, "{1,2}", .other),
    ])
    func cellsAreReadByTheirType(type: UInt32, text: String, expected: RawValue) {
        let value = raw(type, text)
        if case .number(let number) = expected, number.isNaN {
            guard case .number(let read) = value, read.isNaN else { return #expect(value == expected) }
            return
        }
        #expect(value == expected)
    }

    @Test func nullIsNull() { for type: UInt32 in [16, 20, 25, 1_184, 1_186] { #expect(raw(type, nil) == .null) } }

    @Test func truthValuesAreWordsInLabels() {
        let table = ResultTable(columns: ["b", "s"], types: [16, 25], rows: [["t", "x"], [nil, nil]])
        #expect(SQLValue(table, 0).label(table, 0) == "true")
        #expect(SQLValue(table, 1).label(table, 0) == "x")
        #expect(SQLValue(table, 0).label(table, 1) == "")
    }

    // MARK: - Histograms

    private func metric(_ histogram: SQLHistogram, _ duplicates: DuplicateRule = .error) -> SQLMetric {
        let descriptor = MetricDescriptor("h", "H.", kind: .histogram)
        return SQLMetric(
            rule: MetricRule(descriptor: descriptor, nullIsZero: false, onDuplicate: duplicates),
            value: .histogram(histogram), labels: [("city", "city")])
    }

    private static let arrays = SQLHistogram(
        buckets: .arrays(bounds: "d", counts: "d_bucket"), sum: "d_sum", count: "d_count")

    private func read(
        _ rows: [[String?]], _ duplicates: DuplicateRule = .error
    ) -> (Findings, [String: HistogramSnapshot]) {
        let table = ResultTable(columns: ["city", "d", "d_bucket", "d_sum", "d_count"], rows: rows)
        let findings = SQLAsker.read(table, [metric(Self.arrays, duplicates)], labels: [], limit: 10)
        return (findings, snapshots(findings))
    }

    private func snapshots(_ findings: Findings) -> [String: HistogramSnapshot] {
        var all: [String: HistogramSnapshot] = [:]
        for sample in findings.families[0]?.first?.samples ?? [] {
            if case .histogram(let value) = sample.value { all[sample.labels.pairs[0].value] = value }
        }
        return all
    }

    @Test func arraysBecomeBuckets() {
        let (findings, values) = read([
            ["Rome", "{0.5,1,Infinity}", "{2,5,9}", "7.25", "9"], ["Oslo", "{1,0.5}", "{3,3}", "1", "4"],
            ["Bern", nil, "{}", "1", "1"], ["Cork", "{1}", "{1}", "1", nil],
        ])
        #expect(findings.error == nil)
        #expect(values["Rome"] == HistogramSnapshot(upperBounds: [0.5, 1], counts: [2, 3, 4], sum: 7.25))
        #expect(values["Oslo"] == HistogramSnapshot(upperBounds: [0.5, 1], counts: [3, 0, 1], sum: 1))
        #expect(values.count == 2 && findings.dropped == [.null: 2])
    }

    @Test func columnsBecomeBuckets() {
        let histogram = SQLHistogram(buckets: .columns([(1, "le1"), (10, "le10")]), sum: "s", count: "n")
        let table = ResultTable(columns: ["city", "n", "s", "le10", "le1"], rows: [["Rome", "7", "20.5", "6", "2"]])
        let findings = SQLAsker.read(table, [metric(histogram)], labels: [], limit: 10)
        #expect(snapshots(findings)["Rome"] == HistogramSnapshot(upperBounds: [1, 10], counts: [2, 4, 1], sum: 20.5))
    }

    @Test(arguments: [
        ["{1,2}", "{1}", "1", "1"], ["{1}", "{x}", "1", "1"], ["{1,2}", "{3,2}", "1", "3"], ["{1}", "{2}", "1", "1"],
        ["{1}", "{0.5}", "1", "1"], ["{1}", "{1}", "x", "1"], ["{1}", "{1}", "1", "-1"], ["{1,1}", "{1,1}", "1", "1"],
        ["{1}", "{-1}", "1", "1"],
    ])
    func rowsThatAreNoHistogramWithholdTheMetric(cells: [String]) {
        let (findings, _) = read([["Rome"] + cells, ["Oslo", "{1}", "{1}", "1", "1"]])
        #expect(findings.families.isEmpty)
        #expect(findings.error?.message.hasPrefix("h: ") == true)
    }

    @Test func histogramsAreAddedUpWhereTheirBoundsAgree() {
        let rows = [["Rome", "{1}", "{1}", "1", "2"], ["Rome", "{1}", "{3}", "4", "3"]]
        #expect(read(rows, .sum).1["Rome"] == HistogramSnapshot(upperBounds: [1], counts: [4, 1], sum: 5))
        #expect(read(rows, .first).1["Rome"]?.count == 2)
        #expect(read(rows, .last).1["Rome"]?.count == 3)
        #expect(read(rows).0.families.isEmpty)
        #expect(read(rows + [["Rome", "{2}", "{3}", "4", "3"]], .sum).0.families.isEmpty)
    }
}
