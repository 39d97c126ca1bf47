internal import ExporterKit
internal import PostgresClient

/// A command whose columns are metrics, one row for each database or pool. A column that a version does not have gives
/// nothing.
struct ConsoleTable: QueryCollector {
    typealias Session = ConsoleSession

    let descriptor: CollectorDescriptor
    let command: String
    let tables: [MetricTable]
    /// Columns whose microseconds belong to the whole seconds of another one.
    private let fractions: [String: String]

    /// - Parameters:
    ///   - command: `SHOW POOLS`
    ///   - tables: each reads all rows; labels and fields are columns.
    init(
        _ name: String, _ summary: String, asking command: String, tables: [MetricTable],
        fractions: [String: String] = [:]
    ) {
        self.descriptor = CollectorDescriptor(name, summary)
        self.command = command
        self.tables = tables
        self.fractions = fractions
    }

    /// A column that was renamed has a row for each name and is listed once.
    var metrics: [MetricDescriptor] {
        var names: Set<String> = []
        return tables.flatMap(\.descriptors).filter { names.insert($0.name).inserted }
    }

    func questions(for server: ConsoleSession.ConsoleServer) -> [Statement] {
        [Statement(command, prepared: false)]
    }

    func decode(
        _ replies: [Reply<ResultTable>], from server: ConsoleSession.ConsoleServer, into sink: inout MetricSink
    ) throws(CollectorError) {
        let answer = try replies.answer(to: command)
        for table in tables { read(answer, as: table, into: &sink) }
    }

    private func read(_ answer: ResultTable, as table: MetricTable, into sink: inout MetricSink) {
        let reader = table.reader(for: nil)
        let labels = table.labels.map(answer.column)
        let columns = reader.rows.map { answer.column($0.field) }
        let parts = reader.rows.map { row in fractions[row.field].flatMap(answer.column) }
        reader.read(
            count: answer.rowCount, into: &sink,
            labels: { record in labels.map { $0.flatMap { answer.text(record, $0) } ?? "" } },
            value: { record, row in
                guard let column = columns[row], let value = answer.number(record, column) else { return nil }
                guard let part = parts[row], let micros = answer.number(record, part) else { return value }
                return value + micros / 1_000_000
            })
    }
}

extension [Reply<ResultTable>] {
    /// The one answer.
    func answer(to command: String) throws(CollectorError) -> ResultTable {
        guard let reply = first else { throw CollectorError(.decode, "\(command): no answer") }
        do throws(CollectorError) { return try reply.result.get() } catch {
            throw CollectorError(error.reason, "\(command): \(error.message)")
        }
    }
}
