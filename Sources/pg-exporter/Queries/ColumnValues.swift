internal import ExporterKit
internal import PostgresClient

/// Reads one column, row by row.
protocol ColumnValues {
    /// Takes the cell of a row.
    mutating func read(
        _ table: ResultTable, _ row: Int, _ labels: LabelSet, into sink: inout MetricSink) throws(CollectorError)
    /// Adds what only all rows together give.
    func finish(into sink: inout MetricSink)
}

extension ColumnValues {
    func finish(into sink: inout MetricSink) {}
}

extension CustomColumn.NumberRule {
    /// The number of a cell; `nil` gives no sample.
    func number(_ cell: CellReader, _ table: ResultTable, _ row: Int) -> Double? {
        if let whenNull, cell.isNull(table, row) { return whenNull * (scale ?? 1) }
        guard let value = cell.number(table, row) else { return nil }
        guard let scale, !cell.isPlain else { return value }
        return value * scale
    }
}

/// Counters and gauges.
struct NumberValues: ColumnValues {
    let cell: CellReader
    let rule: CustomColumn.NumberRule
    let slot: MetricSink.Slot

    func read(
        _ table: ResultTable, _ row: Int, _ labels: LabelSet, into sink: inout MetricSink
    ) throws(CollectorError) {
        guard let value = rule.number(cell, table, row) else { return }
        sink.append(value, labels, to: slot)
    }
}

/// Texts that stand for numbers; one that is not in the mapping gives no sample.
struct MappedValues: ColumnValues {
    let column: Int
    let mapping: [String: Double]
    let slot: MetricSink.Slot

    func read(
        _ table: ResultTable, _ row: Int, _ labels: LabelSet, into sink: inout MetricSink
    ) throws(CollectorError) {
        guard let text = table.text(row, column), let value = mapping[text] else { return }
        sink.append(value, labels, to: slot)
    }
}

/// Texts that are times.
struct DurationValues: ColumnValues {
    let column: Int
    let slot: MetricSink.Slot

    func read(
        _ table: ResultTable, _ row: Int, _ labels: LabelSet, into sink: inout MetricSink
    ) throws(CollectorError) {
        guard let text = table.text(row, column), let value = LengthText.milliseconds(text) else { return }
        sink.append(value, labels, to: slot)
    }
}

/// One observation per row; rows of equal labels make one histogram, told in gauges: it is about now, not since a start.
struct ObservedValues: ColumnValues {
    private struct Group {
        var counts: [Int]
        var sum = 0.0
    }

    private let cell: CellReader
    private let rule: CustomColumn.NumberRule
    private let bounds: [Double]
    private let slots: [MetricSink.Slot]
    private var groups: [(labels: LabelSet, group: Group)] = []
    private var positions: [LabelSet: Int] = [:]

    /// - Parameter slots: of buckets, count and sum.
    init(cell: CellReader, rule: CustomColumn.NumberRule, bounds: [Double], slots: [MetricSink.Slot]) {
        self.cell = cell
        self.rule = rule
        self.bounds = bounds
        self.slots = slots
    }

    mutating func read(
        _ table: ResultTable, _ row: Int, _ labels: LabelSet, into sink: inout MetricSink
    ) throws(CollectorError) {
        guard let value = rule.number(cell, table, row), value.isFinite else { return }
        let position: Int
        if let known = positions[labels] {
            position = known
        } else {
            position = groups.count
            positions[labels] = position
            groups.append((labels, Group(counts: Array(repeating: 0, count: bounds.count + 1))))
        }
        groups[position].group.counts[bounds.firstIndex { value <= $0 } ?? bounds.count] += 1
        groups[position].group.sum += value
    }

    func finish(into sink: inout MetricSink) {
        let texts = bounds.map { NumberText.text($0) } + ["+Inf"]
        for (labels, group) in groups {
            var total = 0
            for (text, count) in zip(texts, group.counts) {
                total += count
                sink.append(Double(total), labels.adding("le", text) ?? labels, to: slots[0])
            }
            sink.append(Double(total), labels, to: slots[1])
            sink.append(group.sum, labels, to: slots[2])
        }
    }
}
