internal import ExporterKit
internal import PostgresClient

/// Turns the answers to one custom query into samples.
struct QueryDecoder {
    let query: CustomQuery
    let facts: PostgresFacts
    /// Whether answers of several databases may meet.
    let hasDatabaseLabel: Bool
    /// A column whose values go to families.
    private let columns: [CustomColumn]

    /// - Parameter discovering: whether every database is asked.
    init(_ query: CustomQuery, on facts: PostgresFacts, discovering: Bool) {
        self.query = query
        self.facts = facts
        hasDatabaseLabel = query.mayAskSeveral(discovering: discovering)
        columns = query.columns.map { column in
            guard let versions = column.versions, !versions.contains(facts.version) else { return column }
            return CustomColumn(
                name: column.name, exposedName: column.exposedName, usage: .discard, help: column.help, versions: nil)
        }
    }

    /// Adds the samples of every database that answered.
    ///
    /// - Throws: the first thing that is wrong; what is complete is in the sink all the same.
    func decode(_ answer: Answer, into sink: inout MetricSink) throws(CollectorError) {
        var failure = answer.failure
        for (index, table) in answer.tables.enumerated() where !table.columns.isEmpty {
            let database = index < answer.databases.count ? answer.databases[index] : facts.server.database
            do throws(CollectorError) { try decode(table, of: database, into: &sink) } catch {
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
    }

    private func decode(
        _ table: ResultTable, of database: String, into sink: inout MetricSink
    ) throws(CollectorError) {
        let labels = try RowLabels(columns, table, added: addedLabels(database))
        var readers: [any ColumnValues] = []
        var failure: CollectorError?
        for column in columns where column.isMetric {
            do throws(CollectorError) { readers.append(try values(of: column, in: table, &sink)) } catch {
                failure = failure ?? error
            }
        }
        if query.takesUnlisted { readers += unlisted(table, &sink) }
        for row in 0..<table.rowCount {
            let set = labels.labels(table, row)
            for index in readers.indices {
                do throws(CollectorError) { try readers[index].read(table, row, set, into: &sink) } catch {
                    failure = failure ?? error
                }
            }
        }
        for reader in readers { reader.finish(into: &sink) }
        if let failure { throw failure }
    }

    private func addedLabels(_ database: String) -> [(name: String, value: String)] {
        var labels = [(name: "server", value: "\(facts.server.host):\(facts.server.port)")]
        if hasDatabaseLabel { labels.append(("datname", database)) }
        return labels
    }

    // MARK: - Columns

    private func values(
        of column: CustomColumn, in table: ResultTable, _ sink: inout MetricSink
    ) throws(CollectorError) -> any ColumnValues {
        guard let index = table.column(column.name) else {
            throw CollectorError(
                .decode,
                "the column \(column.name) is not in the answer; correct its name, or give it pg_version when only some servers have it"
            )
        }
        let slots = column.descriptors(in: query.namespace).map { sink.open($0) }
        let cell = CellReader(table, index)
        switch column.usage {
        case .counter(let rule), .gauge(let rule): return NumberValues(cell: cell, rule: rule, slot: slots[0])
        case .mapped(let mapping): return MappedValues(column: index, mapping: mapping, slot: slots[0])
        case .duration: return DurationValues(column: index, slot: slots[0])
        case .observations(let bounds, let rule):
            return ObservedValues(cell: cell, rule: rule, bounds: bounds, slots: slots)
        case .histogram: return try HistogramValues(column.name, index, table, slot: slots[0])
        case .discard, .label: return NumberValues(cell: cell, rule: CustomColumn.NumberRule(), slot: slots[0])
        }
    }

    /// Columns that nobody described are numbers of an unknown kind, or nothing.
    private func unlisted(_ table: ResultTable, _ sink: inout MetricSink) -> [any ColumnValues] {
        var known = Set(columns.map(\.name))
        for case (.histogram, let name) in columns.map({ ($0.usage, $0.name) }) {
            known.formUnion(["\(name)_bucket", "\(name)_sum", "\(name)_count"])
        }
        return table.columns.indices.filter { !known.contains(table.columns[$0]) }.map { index in
            let metric = MetricDescriptor(
                "\(query.namespace)_\(table.columns[index])", "Unknown metric from \(query.namespace)", kind: .unknown)
            return NumberValues(
                cell: CellReader(table, index), rule: CustomColumn.NumberRule(), slot: sink.open(metric))
        }
    }
}

/// Label sets of the rows of one table.
private struct RowLabels {
    private let cells: [CellReader]
    private let added: [String]
    private let template: LabelTemplate

    /// - Parameter added: labels that are the same in every row; one of a name that a column has gives way to it.
    /// - Throws: when a label's column is missing: without it series would be mixed up.
    init(
        _ columns: [CustomColumn], _ table: ResultTable, added: [(name: String, value: String)]
    ) throws(CollectorError) {
        var names: [String] = []
        var cells: [CellReader] = []
        for column in columns {
            guard case .label = column.usage else { continue }
            guard let index = table.column(column.name) else {
                throw CollectorError(
                    .decode, "the column \(column.name), a label, is not in the answer; correct its name")
            }
            names.append(column.exposedName)
            cells.append(CellReader(table, index))
        }
        var values: [String] = []
        for (name, value) in added where !names.contains(name) {
            names.append(name)
            values.append(value)
        }
        guard let template = LabelTemplate(names) else {
            throw CollectorError(.decode, "labels \(names.joined(separator: ", ")) cannot stand together; rename one")
        }
        self.cells = cells
        self.added = values
        self.template = template
    }

    func labels(_ table: ResultTable, _ row: Int) -> LabelSet {
        template.labels(cells.map { $0.label(table, row) } + added)
    }
}
