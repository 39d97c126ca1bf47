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
    var planned: [PlannedFamily] { VectorPlan.catalog(configuration) }
    var filter: TableFilter { TableFilter(patterns: configuration.only) }
    private var queries: VectorQueries {
        VectorQueries(extensions: configuration.extensions, partitions: configuration.partitions)
    }

    /// What is there of the extensions.
    struct Present {
        let database: String
        /// Rows of `VectorQueries.present`.
        let extensions: NamedRows
        /// Versions that the engines tell, by extension.
        var engines: [String: String] = [:]
    }

    func run(until deadline: ContinuousClock.Instant) async -> Findings {
        var findings = Findings()
        do throws(CollectorError) {
            try await collect(into: &findings, until: deadline)
        } catch {
            findings.note(error)
        }
        return findings
    }

    /// The indexes found last, or a look for them by who comes before the catalogue.
    func indexes(until deadline: ContinuousClock.Instant) async throws(CollectorError) -> [VectorIndex] {
        if let known = book.indexes { return known }
        let replies = try await source.ask([queries.present, queries.indexes], until: deadline)
        var present = try present(try Self.table(replies, 0))
        let engines = engines(present)
        present.engines = Self.engines(
            engines.map(\.name), try await source.ask(engines.map(\.statement), until: deadline)[...])
        return read(NamedRows(try Self.table(replies, 1)), present)
    }

    /// Two round trips: the second one knows where things are.
    private func collect(
        into findings: inout Findings, until deadline: ContinuousClock.Instant
    ) async throws(CollectorError) {
        let replies = try await source.ask(
            [
                queries.present, queries.indexes, queries.columns, queries.tables,
                queries.builds(silent: configuration.ruvector.types), VectorQueries.helpers,
            ], until: deadline)
        var present = try present(try Self.table(replies, 0))
        let indexRows = NamedRows(try Self.table(replies, 1))
        let (loads, engines) = (loads(present), engines(present))
        var helpers: Statement?
        if configuration.statements {
            do throws(CollectorError) { helpers = try statements(replies, indexRows) } catch { findings.note(error) }
        }
        let later =
            loads + engines.map(\.statement) + [queries.settings, queries.defaults] + (helpers.map { [$0] } ?? [])
        let answers = try await source.ask(later, until: deadline)
        let tail = loads.count + engines.count
        present.engines = Self.engines(engines.map(\.name), answers[min(loads.count, answers.count)...])

        let found = present
        var sink = MetricSink()
        describe(found, into: &sink)
        describe(indexRows, found.database, into: &sink)
        book.replace(read(indexRows, found))
        findings.families[0] = sink.families
        let parts: [([StatementReply], Int, (NamedRows, inout MetricSink) -> Void)] = [
            (replies, 2, { rows, sink in describeColumns(rows, found.database, into: &sink) }),
            (replies, 3, { rows, sink in describeTables(rows, found.database, into: &sink) }),
            (replies, 4, { rows, sink in describeBuilds(rows, found.database, into: &sink) }),
            (answers, tail, { rows, sink in Self.describeSettings(rows, found.database, into: &sink) }),
            (answers, tail + 1, { rows, sink in Self.describeDefaults(rows, found.database, into: &sink) }),
            (answers, tail + 2, { rows, sink in Self.describeStatements(rows, found.database, into: &sink) }),
        ]
        for (place, part) in parts.enumerated() where place < 5 || helpers != nil {
            do throws(CollectorError) {
                var sink = MetricSink()
                part.2(NamedRows(try Self.table(part.0, part.1)), &sink)
                findings.families[place + 1] = sink.families
            } catch {
                findings.note(error)
            }
        }
    }

    // MARK: - What the second round trip asks

    private func present(_ table: ResultTable) throws(CollectorError) -> Present {
        let rows = NamedRows(table)
        guard let first = rows.indices.first, let database = rows.text(first, "database") else {
            let names = configuration.extensions
            throw CollectorError(
                .unsupported,
                "\(source.target): the extension \(names.joined(separator: " or ")) is not in this database; run CREATE "
                    + "EXTENSION \(names[0]) there, or point vector.source at the database that has it")
        }
        return Present(database: database, extensions: rows)
    }

    private func loads(_ present: Present) -> [Statement] {
        present.extensions.indices.compactMap { row in present.extensions.text(row, "load").map { Statement($0) } }
    }

    private func engines(_ present: Present) -> [(name: String, statement: Statement)] {
        present.extensions.indices.compactMap { row in
            guard let name = present.extensions.text(row, "extension"), let sql = present.extensions.text(row, "engine")
            else { return nil }
            return (name, Statement(sql))
        }
    }

    private static func engines(_ names: [String], _ answers: ArraySlice<StatementReply>) -> [String: String] {
        let versions = zip(names, answers).compactMap { name, reply -> (String, String)? in
            (try? reply.result.get())?.text(0, 0).map { (name, $0) }
        }
        return Dictionary(versions) { first, _ in first }
    }

    private func statements(_ replies: [StatementReply], _ indexes: NamedRows) throws(CollectorError) -> Statement {
        let helpers = NamedRows(try Self.table(replies, 5))
        guard let row = helpers.indices.first(where: { helpers.text($0, "extname") == "pg_stat_statements" }),
            let home = helpers.text(row, "home")
        else {
            throw CollectorError(
                .unsupported,
                "\(source.target): vector.statements needs CREATE EXTENSION pg_stat_statements in this database")
        }
        let operators = Set(
            indexes.indices.flatMap { VectorDistance.read(indexes.text($0, "operators") ?? "").map(\.name) })
        return VectorQueries.statements(operators.sorted(), home: home)
    }

    static func table(_ replies: [StatementReply], _ index: Int) throws(CollectorError) -> ResultTable {
        guard index < replies.count else { throw CollectorError(.connection, "an answer is missing") }
        do throws(PostgresError) { return try replies[index].result.get() } catch { throw CollectorError(error) }
    }
}
