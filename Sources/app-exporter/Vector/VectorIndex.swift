internal import ExporterKit
internal import PostgresClient
internal import Synchronization

/// An index, or all indexes of a partitioned table as one, and what is needed to search with it.
struct VectorIndex: Sendable, Equatable {
    let database: String
    let schema: String
    let table: String
    let name: String
    /// `schema.table`, quoted for SQL.
    let relation: String
    /// Column or expression, in SQL.
    let expression: String
    /// Condition of a partial index, in SQL, and what the configuration adds to it.
    let predicate: String?
    let distance: VectorDistance
    /// What a query vector is cast to, in SQL.
    let type: String
    let adapter: VectorAdapter
    /// Extension that owns the operator class.
    let owner: String
    /// Version that the engine of the extension tells.
    var engine: String?
    /// Empty for an expression.
    var column = ""
    /// Declared dimensions.
    var dimensions: Int?
    /// Complete, and held by nobody in a mode that would make a search wait.
    var isSearchable = true
    /// Searched through the top of its partitions.
    var isPartitioned = false
    /// Names of the leaves, as a plan shows them.
    var members: Set<String> = []
    /// The same by number.
    var leaves: [UInt32] = []
    /// Pages of the table, at least 1.
    var pages = 1.0
    /// Estimated entries; `nil` when never analysed.
    var rows: Double?
    /// Estimated rows of the table.
    var tableRows: Double?
    /// A condition of the configuration leaves out rows that the index has.
    var isNarrowed = false
    /// Settings of the server for searches.
    var settings: [String: String] = [:]

    /// Values of `database`, `schema`, `table`, `index`.
    var labelValues: [String] { [database, schema, table, name] }
    static let labelNames = ["database", "schema", "table", "index"]
    private static let template = LabelTemplate(labelNames)

    /// Labels of a series about the index.
    var labels: LabelSet { Self.labels(labelValues) }

    static func labels(_ values: [String]) -> LabelSet { template?.labels(values) ?? .empty }
}

/// What was found last, for those who search.
final class VectorIndexBook: Sendable {
    private let state = Mutex<[VectorIndex]?>(nil)

    /// `nil` before the first look.
    var indexes: [VectorIndex]? { state.withLock { $0 } }

    func replace(_ indexes: [VectorIndex]) { state.withLock { $0 = indexes } }
}
