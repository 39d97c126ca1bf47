internal import ExporterKit
internal import PostgresClient
internal import Synchronization

/// An index and what is needed to search with it.
struct VectorIndex: Sendable, Equatable {
    let database: String
    let schema: String
    let table: String
    let name: String
    /// `schema.table`, quoted for SQL.
    let relation: String
    /// Column or expression, in SQL.
    let expression: String
    /// Condition of a partial index, in SQL.
    let predicate: String?
    /// `OPERATOR(schema.<->)`
    let distance: String
    /// What a query vector is cast to, in SQL.
    let type: String
    let isValid: Bool
    /// Pages of the table, at least 1.
    let pages: Double
    /// Estimated entries; `nil` when never analysed.
    let rows: Double?

    /// Values of `database`, `schema`, `table`, `index`.
    var labelValues: [String] { [database, schema, table, name] }

    /// The search of the probe: parameter 1 is the query vector.
    func search(k: Int) -> String {
        let condition = predicate.map { " WHERE (\($0))" } ?? ""
        return "SELECT ctid FROM \(relation)\(condition) ORDER BY (\(expression)) \(distance) $1::\(type) LIMIT \(k)"
    }

    /// Stored vectors and their rows, out of a share of the pages.
    func sample(percent: Double, limit: Int) -> String {
        let condition = predicate.map { " AND (\($0))" } ?? ""
        return "SELECT ctid, (\(expression))::text FROM \(relation) TABLESAMPLE SYSTEM (\(percent))"
            + " WHERE (\(expression)) IS NOT NULL\(condition) LIMIT \(limit)"
    }
}

/// The indexes found last, for the probe.
final class VectorIndexBook: Sendable {
    private let state = Mutex<[VectorIndex]?>(nil)

    /// `nil` before the first look.
    var indexes: [VectorIndex]? { state.withLock { $0 } }

    func replace(_ indexes: [VectorIndex]) { state.withLock { $0 = indexes } }
}

/// `schema.table` patterns with `*` for any text.
struct TableFilter: Sendable {
    let patterns: [String]

    /// True when some pattern fits, or there is none.
    func includes(schema: String, table: String) -> Bool {
        patterns.isEmpty
            || patterns.contains { Self.matches(Array($0.utf8)[...], Array("\(schema).\(table)".utf8)[...]) }
    }

    private static func matches(_ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> Bool {
        guard let star = pattern.firstIndex(of: UInt8(ascii: "*")) else { return pattern.elementsEqual(text) }
        let head = pattern[..<star]
        guard text.starts(with: head) else { return false }
        let (rest, tail) = (text.dropFirst(head.count), pattern[(star + 1)...])
        return (0...rest.count).contains { matches(tail, rest.dropFirst($0)) }
    }
}
