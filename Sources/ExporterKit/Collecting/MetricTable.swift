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

    init(rows: [MetricRow], descriptors: [MetricDescriptor], template: LabelTemplate?) {
        self.rows = rows
        self.descriptors = descriptors
        self.template = template
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
        guard let template else { return }
        let slots = descriptors.map { sink.open($0) }
        for record in 0..<count {
            guard let values = labels(record) else { continue }
            let set = template.labels(values)
            for (index, row) in rows.enumerated() {
                guard let number = value(record, index) else { continue }
                sink.append(row.unit.toBase(number), set, to: slots[index])
            }
        }
    }
}
