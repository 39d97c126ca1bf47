internal import ExporterKit
internal import RedisClient

/// A collector that reads what every scrape has anyway: the parsed `INFO`. It asks nothing.
protocol InfoCollector: QueryCollector where Session == RedisSession {
    func decode(_ info: InfoDocument, into sink: inout MetricSink)
    /// Fields of `INFO` it reads by name.
    var infoFields: [String] { get }
}

extension InfoCollector {
    /// None: it reads records.
    var infoFields: [String] { [] }

    func questions(for server: RedisServer) -> [RedisCommand] { [] }

    func decode(
        _ replies: [Reply<RedisValue>], from server: RedisServer, into sink: inout MetricSink
    ) throws(CollectorError) {
        decode(server.info, into: &sink)
    }
}

/// Fields of `INFO`, one metric each.
struct InfoFields: Sendable {
    private let table: MetricTable
    private let reader: MetricTableReader

    /// A row's `field` is the name of an INFO field.
    init(_ namespace: String, _ rows: [MetricRow]) {
        table = MetricTable(prefix: namespace, rows: rows)
        reader = table.reader(for: nil)
    }

    var descriptors: [MetricDescriptor] { table.descriptors }
    var names: [String] { table.rows.map(\.field) }

    func read(_ info: InfoDocument, into sink: inout MetricSink) {
        reader.read(count: 1, into: &sink, labels: { _ in [] }) { _, row in
            reader.rows[row].accepts(info.number(reader.rows[row].field))
        }
    }
}

/// Records of `INFO`, all with the same keys: a metric for each key, a series for each record.
struct InfoRecords: Sendable {
    private let table: MetricTable
    private let reader: MetricTableReader

    /// A row's `field` is a key of the record.
    init(_ namespace: String, labels: [String], _ rows: [MetricRow]) {
        table = MetricTable(prefix: namespace, labels: labels, rows: rows)
        reader = table.reader(for: nil)
    }

    var descriptors: [MetricDescriptor] { table.descriptors }

    /// - Parameter records: label values in the order of the label names, and the record.
    func read(_ records: [(labels: [String], record: InfoRecord)], into sink: inout MetricSink) {
        reader.read(count: records.count, into: &sink, labels: { records[$0].labels }) { record, row in
            reader.rows[row].accepts(records[record].record.number(reader.rows[row].field))
        }
    }
}

extension MetricRow {
    /// The value, unless it is a counter below zero, what Dragonfly says for "not counted", or a time of ours that is -1
    /// for "not now". Times of redis_exporter stay as they are.
    func accepts(_ value: Double?) -> Double? {
        guard let value, value < 0 else { return value }
        return kind == .counter || Self.timesOfOurs.contains(where: name.hasSuffix) ? nil : value
    }

    private static let timesOfOurs = ["_since_seconds", "_sync_last_io_seconds", "_eta_seconds"]
}

/// A collector that is nothing but fields.
struct FieldsCollector: InfoCollector {
    typealias Session = RedisSession

    let descriptor: CollectorDescriptor
    private let fields: InfoFields

    init(_ name: String, _ summary: String, namespace: String, rows: [MetricRow]) {
        descriptor = CollectorDescriptor(name, summary)
        fields = InfoFields(namespace, rows)
    }

    var metrics: [MetricDescriptor] { fields.descriptors }
    var infoFields: [String] { fields.names }

    func decode(_ info: InfoDocument, into sink: inout MetricSink) {
        fields.read(info, into: &sink)
    }
}
