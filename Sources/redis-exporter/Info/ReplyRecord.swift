internal import ExporterKit
internal import RedisClient

/// An answer that is names and values in turn: `FT.INFO`, `MEMORY STATS`, a row of `SENTINEL MASTERS`.
struct ReplyRecord: Sendable {
    private let values: [String: RedisValue]

    /// - Returns: `nil` when the answer is no list.
    init?(_ value: RedisValue) {
        guard let pairs = value.pairs else { return nil }
        values = Dictionary(pairs.map { ($0.name, $0.value) }) { first, _ in first }
    }

    subscript(name: String) -> RedisValue? { values[name] }

    func text(_ name: String) -> String? { values[name]?.text }

    /// The value as a number, by the rules of `INFO`.
    func number(_ name: String) -> Double? {
        guard let value = values[name] else { return nil }
        if case .integer(let number) = value { return Double(number) }
        return value.text.flatMap(InfoNumber.init)?.value
    }
}

/// Records of an answer, all with the same names: a metric for each name, a series for each record.
struct ReplyRecords: Sendable {
    private let table: MetricTable
    private let reader: MetricTableReader

    /// A row's `field` is a name of the record.
    init(_ namespace: String, labels: [String] = [], _ rows: [MetricRow]) {
        table = MetricTable(prefix: namespace, labels: labels, rows: rows)
        reader = table.reader(for: nil)
    }

    var descriptors: [MetricDescriptor] { table.descriptors }

    /// - Parameter records: label values in the order of the label names, and the record.
    func read(_ records: [(labels: [String], record: ReplyRecord)], into sink: inout MetricSink) {
        reader.read(count: records.count, into: &sink, labels: { records[$0].labels }) { record, row in
            reader.rows[row].accepts(records[record].record.number(reader.rows[row].field))
        }
    }
}
