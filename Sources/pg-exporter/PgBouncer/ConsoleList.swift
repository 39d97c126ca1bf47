internal import ExporterKit
internal import PostgresClient

/// A command that lists names and values; some of the names are metrics.
struct ConsoleList: QueryCollector {
    typealias Session = ConsoleSession

    let descriptor: CollectorDescriptor
    let command: String
    let table: MetricTable

    /// - Parameter rows: the field is the name in the list.
    init(_ name: String, _ summary: String, asking command: String, prefix: String, rows: [MetricRow]) {
        self.descriptor = CollectorDescriptor(name, summary)
        self.command = command
        self.table = MetricTable(prefix: prefix, rows: rows)
    }

    var metrics: [MetricDescriptor] { table.descriptors }

    func questions(for server: ConsoleSession.ConsoleServer) -> [Statement] {
        [Statement(command, prepared: false)]
    }

    /// Name and value are the first two columns in every version.
    func decode(
        _ replies: [Reply<ResultTable>], from server: ConsoleSession.ConsoleServer, into sink: inout MetricSink
    ) throws(CollectorError) {
        let answer = try replies.answer(to: command)
        var places: [String: Int] = [:]
        for row in 0..<answer.rowCount { places[answer.text(row, 0) ?? ""] = row }
        for row in table.rows {
            let value = places[row.field].flatMap { answer.number($0, 1) }
            sink.add(table.descriptor(of: row), value.map(row.unit.toBase))
        }
    }
}
