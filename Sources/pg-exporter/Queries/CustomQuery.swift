internal import ExporterCommand
internal import PostgresClient

/// One query of a user: what is asked, where, and what its columns are.
///
/// The formats of postgres_exporter, CloudNativePG and pg_exporter (Pigsty) all become this.
struct CustomQuery: Sendable {
    /// Which databases are asked.
    enum Databases: Sendable {
        /// The one that the data source names.
        case main
        /// That one, and with discovery every other one.
        case every
        /// Those whose names match, with or without discovery.
        case matching([ShellPattern])
    }

    /// The entry's key; unique among all files.
    let key: String
    /// Where the entry begins.
    let position: YAMLPosition
    /// Put before every metric name, with `_`.
    var namespace: String
    /// One statement that returns rows.
    let sql: String
    let columns: [CustomColumn]
    /// What the server must be.
    let conditions: QueryConditions
    let databases: Databases
    /// What must hold in a database; the first that does not ends the matter.
    let predicates: [Predicate]
    /// How long an answer is served again.
    let freshFor: Duration?
    /// Longest time of one run on the server; `nil` for what the scrape has.
    let timeout: Duration?
    /// Asked in this order, lowest first; those of one priority in file order.
    let priority: Int
    /// When it fails no custom query gives a metric in that scrape.
    let isFatal: Bool
    /// Read and checked, but never asked.
    let isSkipped: Bool
    /// Whether columns of the answer that `columns` does not have become metrics.
    let takesUnlisted: Bool

    /// How the query is sent.
    var statement: Statement { Self.statement(sql, timeout: timeout) }

    /// A statement of a user: with the `search_path` that he would have, and never longer than `timeout`.
    static func statement(_ sql: String, _ parameters: [String?] = [], timeout: Duration?) -> Statement {
        Statement(sql, parameters, timeout: timeout, searchPath: .server)
    }

    /// True when answers of several databases may meet in one scrape.
    func mayAskSeveral(discovering: Bool) -> Bool {
        switch databases {
        case .main: false
        case .every: discovering
        case .matching: true
        }
    }
}
