internal import ExporterKit
internal import PostgresClient

/// A metric table with a way to ask PostgreSQL for it. The SELECT list follows from the labels and from the rows that
/// the server's version has; a row's `field` is a column or an SQL expression.
struct SQLTable: Sendable {
    /// A label and the SQL expression of its value on a server; NULL is an empty value.
    struct Label: Sendable {
        let name: String
        let expression: @Sendable (PostgresFacts) -> String

        /// A column that is called as its label.
        static func column(_ name: String) -> Label { expression(name, name) }
        /// An expression.
        static func expression(_ name: String, _ sql: String) -> Label { Label(name: name) { _ in sql } }
        /// `server`, with the address as postgres_exporter's older metrics have it.
        static let server = Label(name: "server") { SQLText.literal($0.serverName) }
    }

    /// Names, kinds, helps, versions.
    let metrics: MetricTable
    /// SQL of each label, in the order of `metrics.labels`.
    let labels: [Label]
    /// What follows FROM on a server; empty when the expressions need no relation, `nil` when the server has nothing to
    /// be asked for.
    let source: @Sendable (PostgresFacts) -> String?
    /// Values of `$1`, `$2`, … in it.
    let parameters: [String?]
    /// Which connections are asked.
    let scope: Question.Scope
    /// How long an answer is served again.
    let freshFor: Duration?
    /// Which relations have series of their own; `nil` for all, and for what is no relation.
    private(set) var relations: GuardedRelations?

    /// - Parameters:
    ///   - prefix: put before every metric name.
    ///   - source: what follows FROM. Names need no schema: the session's `search_path` is pinned to `pg_catalog`.
    ///   - scope: `.database` for what each database has of its own; one of the labels is then `current_database()`.
    ///   - freshFor: for what is dear to ask and rarely changes.
    init(
        prefix: String, from source: String = "", parameters: [String?] = [], labels: [Label] = [], rows: [MetricRow],
        scope: Question.Scope = .server, freshFor: Duration? = nil
    ) {
        self.init(
            prefix: prefix, fromWhere: { _ in source }, parameters: parameters, labels: labels, rows: rows,
            scope: scope, freshFor: freshFor)
    }

    /// A table whose source depends on the server: on its version, its role or its extensions.
    ///
    /// - Parameter source: `nil` asks this server nothing. With a scope of several databases it is asked with the facts
    ///   of the first one only: put into `applies` what differs between them.
    init(
        prefix: String, fromWhere source: @escaping @Sendable (PostgresFacts) -> String?, parameters: [String?] = [],
        labels: [Label] = [], rows: [MetricRow], scope: Question.Scope = .server, freshFor: Duration? = nil
    ) {
        self.metrics = MetricTable(prefix: prefix, labels: labels.map(\.name), rows: rows)
        self.labels = labels
        self.source = source
        self.parameters = parameters
        self.scope = scope
        self.freshFor = freshFor
    }

    /// The question for this server; `nil` when it has none of the rows.
    func question(for server: PostgresFacts) -> Question? {
        let version = server.version
        let rows = metrics.rows.filter { $0.applies(to: version) }
        guard !rows.isEmpty, let source = source(server) else { return nil }
        return Question(Statement(sql(rows, from: source, on: server), parameters), scope: scope, freshFor: freshFor)
    }

    private func sql(_ rows: [MetricRow], from source: String, on server: PostgresFacts) -> String {
        let labels = labels.map { $0.expression(server) }
        if let relations, relations.guard.isActive {
            return relations.statement(labels: labels, rows: rows.map { ($0.field, $0.name) }, from: source)
        }
        let list = (labels + rows.map(\.field)).joined(separator: ", ")
        return source.isEmpty ? "SELECT \(list)" : "SELECT \(list) FROM \(source)"
    }

    /// The same table with series of their own for some relations only.
    func guarded(_ guard: RelationGuard, oid: String, unsummed: Set<String> = []) -> SQLTable {
        var table = self
        table.relations = GuardedRelations(`guard`, oid: oid, unsummed: unsummed)
        return table
    }

    /// Turns an answer to `question` into samples.
    ///
    /// - Parameter reader: of `metrics`, for the server's version.
    /// - Throws: `.decode` when the answer has other columns than the question, and why a database gave none.
    func decode(
        _ answer: Answer, with reader: MetricTableReader, into sink: inout MetricSink
    ) throws(CollectorError) {
        let width = labels.count
        for table in answer.tables {
            guard table.columns.count == width + reader.rows.count else {
                throw CollectorError(
                    .decode,
                    "\(metrics.prefix): \(table.columns.count) columns came, \(width + reader.rows.count) were asked for"
                )
            }
            reader.read(
                count: table.rowCount, into: &sink,
                label: { record, label in table.utf8(record, label) },
                value: { record, row in table.number(record, width + row) })
        }
        if let failure = answer.failure { throw failure }
    }
}
