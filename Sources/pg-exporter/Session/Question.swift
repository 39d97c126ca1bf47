internal import ExporterKit
internal import PostgresClient

/// A statement, and where and how often it is to be asked.
struct Question: Sendable {
    /// Which connections are asked.
    enum Scope: Sendable {
        /// The one that the data source names: for what is the same in every database.
        case server
        /// That one, and with discovery every other database too: for what each database has of its own. The
        /// statement tells them apart by a column with `current_database()`.
        case database
        /// Every database whose name is chosen, with or without discovery.
        case databases(@Sendable (String) -> Bool)
    }

    /// What is asked.
    let statement: Statement
    /// Where.
    var scope = Scope.server
    /// How long an answer is served again instead of asking; `nil` asks in every scrape.
    var freshFor: Duration?
    /// Whether a database is asked; `nil` is yes. For what needs an extension, a role or a version, where the scope is
    /// more than one database.
    var applies: (@Sendable (PostgresFacts) -> Bool)?
    /// What must hold in a database for it to be asked there. Where it does not, the answer is a table without columns.
    var predicates: [Predicate] = []
    /// Databases that `scope` names one by one: asked also where discovery leaves them out, as it does with templates.
    var named: [String] = []

    /// A question from its parts.
    init(
        _ statement: Statement, scope: Scope = .server, freshFor: Duration? = nil,
        applies: (@Sendable (PostgresFacts) -> Bool)? = nil
    ) {
        self.statement = statement
        self.scope = scope
        self.freshFor = freshFor
        self.applies = applies
    }
}

/// What came of a question: of every database that was asked its rows, or the first reason why one gave none.
struct Answer: Sendable {
    /// Rows of each database that answered, all with the same columns.
    let tables: [ResultTable]
    /// Where each table comes from; empty when only the data source's database was asked.
    var databases: [String] = []
    /// Why a database that was asked gave no answer, when one did not.
    var failure: CollectorError?

    /// An answer of one database.
    init(_ table: ResultTable) {
        self.tables = [table]
    }

    /// Answers of several.
    init(_ tables: [ResultTable], from databases: [String] = [], failure: CollectorError? = nil) {
        self.tables = tables
        self.databases = databases
        self.failure = failure
    }
}

extension Answer {
    /// The rows of the one database that was asked.
    func single() throws(CollectorError) -> ResultTable {
        guard let table = tables.first else { throw failure ?? CollectorError(.decode, "no answer to a statement") }
        return table
    }
}
