/// Metrics that one kind of record holds: one line per metric, labels the same for all.
///
/// A table is a value: it knows names, kinds, helps and versions, nothing of a wire. `SQLTable` and the sections of
/// Redis' `INFO` are tables with a way to ask.
public struct MetricTable: Sendable {
    /// Put before every name, with `_`; empty for none.
    public let prefix: String
    /// Label names, in the order in which a record gives their values.
    public let labels: [String]
    /// The metrics. At most about 60 in one literal: larger ones compile slowly.
    public let rows: [MetricRow]

    /// A table from its parts.
    public init(prefix: String, labels: [String] = [], rows: [MetricRow]) {
        self.prefix = prefix
        self.labels = labels
        self.rows = rows
    }

    /// Name, help and kind of a row's metric.
    public func descriptor(of row: MetricRow) -> MetricDescriptor {
        MetricDescriptor(prefix.isEmpty ? row.name : "\(prefix)_\(row.name)", row.help, kind: row.kind)
    }

    /// All metrics the table can give, for lists and documentation.
    public var descriptors: [MetricDescriptor] { rows.map(descriptor(of:)) }

    /// The rows that a server of this version has, ready to read records into a sink.
    ///
    /// - Parameter version: `nil` when it does not matter or is unknown.
    public func reader(for version: ServerVersion?) -> MetricTableReader {
        let rows = rows.filter { $0.applies(to: version) }
        return MetricTableReader(rows: rows, descriptors: rows.map(descriptor(of:)), template: LabelTemplate(labels))
    }
}

/// A table cut to one server version. Records in, samples out.
public struct MetricTableReader: Sendable {
    /// Rows in force, in table order; `read` asks for their values by this index.
    public let rows: [MetricRow]
    private let descriptors: [MetricDescriptor]
    private let template: LabelTemplate?
    /// No two rows have the same name.
    private let isDistinct: Bool

    init(rows: [MetricRow], descriptors: [MetricDescriptor], template: LabelTemplate?) {
        self.rows = rows
        self.descriptors = descriptors
        self.template = template
        isDistinct = Set(descriptors.map(\.name)).count == descriptors.count
    }

    /// Reads records. A missing value gives no sample and costs its neighbours nothing.
    ///
    /// - Parameters:
    ///   - count: number of records.
    ///   - labels: label values of a record, as many as the table has label names; `nil` skips the record.
    ///   - value: number of (record, row index in `rows`) in the source's unit; `nil` when absent, NULL or unparsable.
    public func read(
        count: Int, into sink: inout MetricSink,
        labels: (Int) -> [String]?, value: (_ record: Int, _ row: Int) -> Double?
    ) {
        read(count: count, into: &sink, value: value) { template, record in labels(record).map { template.labels($0) } }
    }

    /// Reads records whose labels are at hand as bytes.
    ///
    /// - Parameters:
    ///   - count: number of records.
    ///   - label: value of (record, label) in UTF-8; `nil` is empty.
    ///   - value: as for the other `read`.
    public func read(
        count: Int, into sink: inout MetricSink,
        label: (_ record: Int, _ label: Int) -> ArraySlice<UInt8>?, value: (_ record: Int, _ row: Int) -> Double?
    ) {
        read(count: count, into: &sink, value: value) { template, record in
            template.labels(from: { label(record, $0) })
        }
    }

    /// Metric after metric, so that each list of samples grows at once.
    private func read(
        count: Int, into sink: inout MetricSink, value: (_ record: Int, _ row: Int) -> Double?,
        labels: (LabelTemplate, Int) -> LabelSet?
    ) {
        guard let template else { return }
        let first = isDistinct ? sink.open(distinct: descriptors) : nil
        let slots = first == nil ? descriptors.map { sink.open($0) } : []
        let sets = (0..<count).map { labels(template, $0) }
        for (index, row) in rows.enumerated() {
            let slot = first.map { MetricSink.Slot(index: $0.index + index) } ?? slots[index]
            var samples: [Sample] = []
            samples.reserveCapacity(count)
            for (record, set) in sets.enumerated() {
                guard let set, let number = value(record, index) else { continue }
                samples.append(Sample(row.unit.toBase(number), set))
            }
            if !samples.isEmpty { sink.append(samples, to: slot) }
        }
    }
}
