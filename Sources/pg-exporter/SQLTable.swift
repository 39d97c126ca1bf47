internal import ExporterKit
internal import PostgresClient

/// A metric table with a way to ask PostgreSQL for it. The SELECT list follows from the labels and from the rows that
/// the server's version has; a row's `field` is a column or an SQL expression.
struct SQLTable: Sendable {
    /// A label and the SQL expression of its value; NULL is an empty value.
    struct Label: Sendable {
        let name: String
        let expression: String

        /// A column that is called as its label.
        static func column(_ name: String) -> Label { Label(name: name, expression: name) }
        /// An expression.
        static func expression(_ name: String, _ sql: String) -> Label { Label(name: name, expression: sql) }
    }

    /// Names, kinds, helps, versions.
    let metrics: MetricTable
    /// SQL of each label, in the order of `metrics.labels`.
    let labels: [Label]
    /// What follows FROM; empty when the expressions need no relation.
    let source: String
    /// Values of `$1`, `$2`, … in it.
    let parameters: [String?]

    /// - Parameters:
    ///   - prefix: put before every metric name.
    ///   - source: what follows FROM. Names need no schema: the session's `search_path` is pinned to `pg_catalog`.
    init(
        prefix: String, from source: String = "", parameters: [String?] = [], labels: [Label] = [], rows: [MetricRow]
    ) {
        self.metrics = MetricTable(prefix: prefix, labels: labels.map(\.name), rows: rows)
        self.labels = labels
        self.source = source
        self.parameters = parameters
    }

    /// The question for a server of this version; `nil` when it has none of the rows.
    func statement(for version: ServerVersion) -> Statement? {
        let rows = metrics.rows.filter { $0.applies(to: version) }
        guard !rows.isEmpty else { return nil }
        let list = (labels.map(\.expression) + rows.map(\.field)).joined(separator: ", ")
        return Statement(source.isEmpty ? "SELECT \(list)" : "SELECT \(list) FROM \(source)", parameters)
    }

    /// Turns an answer to `statement` into samples.
    ///
    /// - Throws: `.decode` when the answer has other columns than the question.
    func decode(
        _ answer: ResultTable, from version: ServerVersion, into sink: inout MetricSink
    ) throws(CollectorError) {
        let reader = metrics.reader(for: version)
        let width = labels.count
        guard answer.columns.count == width + reader.rows.count else {
            throw CollectorError(
                .decode,
                "\(metrics.prefix): \(answer.columns.count) columns came, \(width + reader.rows.count) were asked for")
        }
        reader.read(
            count: answer.rowCount, into: &sink,
            labels: { record in (0..<width).map { answer.text(record, $0) ?? "" } },
            value: { record, row in answer.number(record, width + row) })
    }
}
