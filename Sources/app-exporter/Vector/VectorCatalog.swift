internal import ExporterKit
internal import PostgresClient

/// Finds columns, tables and indexes with vectors and reads what the server knows of them.
struct VectorCatalog: ScheduledWork {
    let configuration: VectorConfiguration
    let source: PostgresSource
    let book: VectorIndexBook

    var name: String { "vector_catalog" }
    var kind: WorkKind { .group }
    var timing: Timing { configuration.catalog }
    var planned: [PlannedFamily] { VectorMetrics.planned }
    private var filter: TableFilter { TableFilter(patterns: configuration.only) }

    func run(until deadline: ContinuousClock.Instant) async -> Findings {
        var findings = Findings()
        do throws(CollectorError) {
            try await collect(into: &findings, until: deadline)
        } catch {
            findings.note(error)
        }
        return findings
    }

    /// The indexes alone, for a probe that comes before the catalogue.
    func discover(until deadline: ContinuousClock.Instant) async throws(CollectorError) -> [VectorIndex] {
        let replies = try await source.ask(
            [VectorQueries.extensions(configuration.extensions), VectorQueries.indexes(configuration.extensions)],
            until: deadline)
        let database = try present(try Self.table(replies, 0)).database
        return indexes(try Self.table(replies, 1), database)
    }

    private func collect(
        into findings: inout Findings, until deadline: ContinuousClock.Instant
    ) async throws(CollectorError) {
        let names = configuration.extensions
        let replies = try await source.ask(
            [
                VectorQueries.extensions(names), VectorQueries.indexes(names), VectorQueries.columns(names),
                VectorQueries.tables(names), VectorQueries.builds(names),
            ], until: deadline)
        let found = try present(try Self.table(replies, 0))
        let places: [(MetricSink, CollectorError?)] = [
            read(replies, 0) { table, sink in readExtensions(table, into: &sink) },
            read(replies, 1) { table, sink in readIndexes(table, found.database, into: &sink) },
            read(replies, 2) { table, sink in readColumns(table, found.database, into: &sink) },
            read(replies, 3) { table, sink in readTables(table, found.database, into: &sink) },
            read(replies, 4) { table, sink in readBuilds(table, found.database, into: &sink) },
        ]
        for (place, (sink, error)) in places.enumerated() {
            if let error { findings.note(error) } else { findings.families[place] = sink.families }
        }
        let settings = try await source.ask([Statement(found.load), VectorQueries.settings], until: deadline)
        var sink = MetricSink()
        let table = try Self.table(settings, 1)
        for row in 0..<table.rowCount {
            let labels = labels([("database", found.database), ("name", table.text(row, 0) ?? "")])
            sink.add(VectorMetrics.setting, table.number(row, 1), labels)
        }
        findings.families[places.count] = sink.families
    }

    private func present(_ table: ResultTable) throws(CollectorError) -> (database: String, load: String) {
        guard table.rowCount > 0, let database = table.text(0, 2), let load = table.text(0, 3) else {
            let names = configuration.extensions.joined(separator: ", ")
            throw CollectorError(
                .unsupported,
                "\(source.target): the extension \(names) is not in this database; run CREATE EXTENSION \(names) there, "
                    + "or point vector.source at the database that has it")
        }
        return (database, load)
    }

    // MARK: - Reading

    private static func table(_ replies: [StatementReply], _ index: Int) throws(CollectorError) -> ResultTable {
        guard index < replies.count else { throw CollectorError(.connection, "an answer is missing") }
        do throws(PostgresError) { return try replies[index].result.get() } catch { throw CollectorError(error) }
    }

    private func read(
        _ replies: [StatementReply], _ index: Int, _ body: (ResultTable, inout MetricSink) -> Void
    ) -> (MetricSink, CollectorError?) {
        var sink = MetricSink()
        do throws(CollectorError) { body(try Self.table(replies, index), &sink) } catch { return (sink, error) }
        return (sink, nil)
    }

    private func labels(_ pairs: [(name: String, value: String)]) -> LabelSet {
        LabelSet(checking: pairs) ?? .empty
    }

    /// Labels of a series about an index.
    func labels(of index: VectorIndex) -> LabelSet {
        labels([("database", index.database), ("schema", index.schema), ("table", index.table), ("index", index.name)])
    }

    private func readExtensions(_ table: ResultTable, into sink: inout MetricSink) {
        for row in 0..<table.rowCount {
            let labels = labels([
                ("database", table.text(row, 2) ?? ""), ("extension", table.text(row, 0) ?? ""),
                ("extension_version", table.text(row, 1) ?? ""),
            ])
            sink.add(VectorMetrics.extensionInfo, 1, labels)
        }
    }

    private func indexes(_ table: ResultTable, _ database: String) -> [VectorIndex] {
        let rows = NamedRows(table)
        return (0..<table.rowCount).compactMap { row in
            guard let schema = rows.text(row, "schema"), let name = rows.text(row, "table"),
                filter.includes(schema: schema, table: name), let index = rows.text(row, "index"),
                let relation = rows.text(row, "relation"), let expression = rows.text(row, "expression"),
                let distance = rows.text(row, "operator"), let type = rows.text(row, "type")
            else { return nil }
            return VectorIndex(
                database: database, schema: schema, table: name, name: index, relation: relation,
                expression: expression,
                predicate: rows.text(row, "predicate"), distance: distance, type: type,
                isValid: rows.number(row, "valid") == 1, pages: rows.number(row, "pages") ?? 1,
                rows: rows.number(row, "rows"))
        }
    }

    private func readIndexes(_ table: ResultTable, _ database: String, into sink: inout MetricSink) {
        book.replace(indexes(table, database))
        let rows = NamedRows(table)
        let numbers: [(MetricDescriptor, String)] = [
            (VectorMetrics.indexValid, "valid"), (VectorMetrics.indexRows, "rows"), (VectorMetrics.indexBytes, "bytes"),
            (VectorMetrics.scans, "scans"), (VectorMetrics.tuplesRead, "read"),
            (VectorMetrics.tuplesFetched, "fetched"),
            (VectorMetrics.lastScan, "last_scan"), (VectorMetrics.blocksHit, "blocks_hit"),
            (VectorMetrics.blocksRead, "blocks_read"),
        ]
        for row in 0..<table.rowCount {
            guard let place = tableLabels(rows, row, database) else { continue }
            let index = place + [("index", rows.text(row, "index") ?? "")]
            var facts = index
            for name in ["extension", "method", "opclass", "column", "m", "ef_construction", "lists"] {
                facts.append((name, rows.text(row, name) ?? ""))
            }
            facts.append(("partial", rows.number(row, "partial") == 1 ? "true" : "false"))
            sink.add(VectorMetrics.indexInfo, 1, labels(facts))
            for (metric, column) in numbers { sink.add(metric, rows.number(row, column), labels(index)) }
        }
    }

    private func readColumns(_ table: ResultTable, _ database: String, into sink: inout MetricSink) {
        let rows = NamedRows(table)
        for row in 0..<table.rowCount {
            guard let place = tableLabels(rows, row, database) else { continue }
            let column = place + [("column", rows.text(row, "column") ?? "")]
            sink.add(VectorMetrics.columnInfo, 1, labels(column + [("type", rows.text(row, "type") ?? "")]))
            sink.add(VectorMetrics.columnDimensions, rows.number(row, "dimensions"), labels(column))
        }
    }

    private func readTables(_ table: ResultTable, _ database: String, into sink: inout MetricSink) {
        let rows = NamedRows(table)
        let numbers: [(MetricDescriptor, String)] = [
            (VectorMetrics.tableRows, "rows"), (VectorMetrics.tableBytes, "bytes"), (VectorMetrics.deadRows, "dead"),
            (VectorMetrics.lastAnalyze, "analyzed"), (VectorMetrics.lastVacuum, "vacuumed"),
        ]
        for row in 0..<table.rowCount {
            guard let place = tableLabels(rows, row, database) else { continue }
            for (metric, column) in numbers { sink.add(metric, rows.number(row, column), labels(place)) }
            for operation in ["insert", "update", "hot_update", "delete"] {
                sink.add(
                    VectorMetrics.operations, rows.number(row, operation), labels(place + [("operation", operation)]))
            }
        }
    }

    private func readBuilds(_ table: ResultTable, _ database: String, into sink: inout MetricSink) {
        let rows = NamedRows(table)
        for row in 0..<table.rowCount {
            guard let place = tableLabels(rows, row, database) else { continue }
            let build =
                place + [("command", rows.text(row, "command") ?? ""), ("phase", rows.text(row, "phase") ?? "")]
            sink.add(VectorMetrics.buildInProgress, 1, labels(build))
            sink.add(VectorMetrics.buildProgress, rows.number(row, "done"), labels(place))
            sink.add(VectorMetrics.buildElapsed, rows.number(row, "elapsed"), labels(place))
        }
    }

    /// `database`, `schema`, `table`; `nil` for a table that the configuration leaves out.
    private func tableLabels(_ rows: NamedRows, _ row: Int, _ database: String) -> [(name: String, value: String)]? {
        guard let schema = rows.text(row, "schema"), let table = rows.text(row, "table"),
            filter.includes(schema: schema, table: table)
        else { return nil }
        return [("database", database), ("schema", schema), ("table", table)]
    }
}

/// A result read by the names of its columns.
struct NamedRows {
    private let table: ResultTable
    private let places: [String: Int]

    init(_ table: ResultTable) {
        self.table = table
        places = Dictionary(zip(table.columns, table.columns.indices)) { first, _ in first }
    }

    func text(_ row: Int, _ column: String) -> String? { places[column].flatMap { table.text(row, $0) } }
    func number(_ row: Int, _ column: String) -> Double? {
        places[column].flatMap { table.number(row, $0, booleans: true) }
    }
}
