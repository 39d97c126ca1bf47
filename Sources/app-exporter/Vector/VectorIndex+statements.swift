internal import PostgresClient

/// What is asked of a table with vectors. Every name is qualified, every vector a quoted literal of its type: some versions
/// of RuVector do not survive parameters, and a plan with the vector in it is the one that users get.
extension VectorIndex {
    /// Stands in every statement of the exporter that orders by distance.
    static let mark = "/* app-exporter */"

    /// Address of a row. In partitions the same address occurs more than once.
    private var place: String { isPartitioned ? "ctid, tableoid" : "ctid" }
    /// Columns of `place`.
    var placeWidth: Int { isPartitioned ? 2 : 1 }
    private var condition: String { predicate.map { " WHERE (\($0))" } ?? "" }

    private func ordered(by vector: String, k: Int) -> String {
        " FROM \(relation)\(condition) ORDER BY (\(expression)) \(distance.sql) \(literal(vector)) LIMIT \(k)"
    }

    private func exact(_ vector: String) -> String { adapter.exact(distance, "(\(expression))", literal(vector)) }

    /// A condition of the configuration means its author's schemas; all else names its schema.
    private func statement(_ sql: String, _ settings: [String: String]) -> Statement {
        Statement(sql, prepared: false, searchPath: isNarrowed ? .server : .session, settings: settings)
    }

    private func literal(_ vector: String) -> String { "\(SQLText.quoted(vector))::\(type)" }

    /// The search of the probe: addresses of the nearest rows.
    func search(_ vector: String, k: Int) -> Statement {
        statement("SELECT \(Self.mark) \(place)\(ordered(by: vector, k: k))", settings)
    }

    /// How the planner would do that search.
    func plan(_ vector: String, k: Int) -> Statement {
        statement("EXPLAIN (FORMAT JSON) \(search(vector, k: k).sql)", settings)
    }

    /// The same search with the true distance of each row, behind its address.
    func judgedSearch(_ vector: String, k: Int) -> Statement {
        statement("SELECT \(Self.mark) \(place), \(exact(vector))\(ordered(by: vector, k: k))", settings)
    }

    /// Distances of the truly nearest rows: looks at every row.
    func exactSearch(_ vector: String, k: Int) -> Statement {
        let condition = predicate.map { " AND (\($0))" } ?? ""
        return statement(
            "SELECT \(Self.mark) \(exact(vector)) FROM \(relation) WHERE (\(expression)) IS NOT NULL\(condition)"
                + " ORDER BY 1 LIMIT \(k)", adapter.withoutIndex)
    }

    /// The vector of one row as it is now, and its distance to the one that was sampled.
    func row(of vector: QueryVector) -> Statement {
        let table = vector.table.map { " AND tableoid = \($0)" } ?? ""
        return statement(
            "SELECT (\(expression))::text, \(exact(vector.text)) FROM \(relation)"
                + " WHERE ctid = \(SQLText.quoted(vector.address))::tid\(table)", adapter.withoutIndex)
    }

    /// Stored vectors and their rows, out of a share of the pages. A sample never uses an index.
    ///
    /// - Parameter isMixed: any of the rows of these pages instead of the first ones, for which all must be looked at.
    func sample(percent: Double, limit: Int, isMixed: Bool = false) -> Statement {
        let condition = predicate.map { " AND (\($0))" } ?? ""
        return statement(
            "SELECT (\(expression))::text, \(place) FROM \(relation) TABLESAMPLE SYSTEM (\(percent))"
                + " WHERE (\(expression)) IS NOT NULL\(condition)\(isMixed ? " ORDER BY random()" : "") LIMIT \(limit)",
            adapter.withoutIndex)
    }

    /// Whether a plan in JSON uses the index, or one of its partitions.
    func isUsed(in plan: ResultTable) -> Bool {
        (0..<plan.rowCount).contains { row in
            guard let text = plan.text(row, 0) else { return false }
            return members.contains { name in
                let escaped = name.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
                return text.contains("\"Index Name\": \"\(escaped)\"")
            }
        }
    }

    /// The stored vectors of an answer to `sample`.
    func vectors(in table: ResultTable) -> [QueryVector] {
        (0..<table.rowCount).compactMap { row in
            guard let text = table.text(row, 0), let address = table.text(row, 1), QueryVector.canBeSearched(text)
            else { return nil }
            return QueryVector(address: address, table: isPartitioned ? table.text(row, 2) : nil, text: text)
        }
    }

    /// Addresses of the rows of an answer to a search.
    func places(in table: ResultTable) -> [String] {
        (0..<table.rowCount).compactMap { row in
            let address = table.text(row, 0)
            return isPartitioned ? address.flatMap { first in table.text(row, 1).map { first + $0 } } : address
        }
    }
}

/// A stored vector that is searched for.
struct QueryVector: Sendable, Equatable {
    /// `ctid` of its row.
    let address: String
    /// Number of the partition, where there are any.
    let table: String?
    /// As the type prints it.
    let text: String

    /// Address of the row among all partitions.
    var place: String { address + (table ?? "") }

    /// A vector of nothing but zeros has no direction, and no index on a cosine distance holds it. In the text of a sparse
    /// vector, `{1:0.5}/3`, and of a bit string any other digit is enough too.
    static func canBeSearched(_ text: String) -> Bool {
        let values =
            text.hasPrefix("{") ? text.split(separator: ",").compactMap { $0.split(separator: ":").last } : [text[...]]
        return values.contains { value in
            value.prefix { $0 != "/" && $0 != "}" }.utf8.contains {
                (UInt8(ascii: "1")...UInt8(ascii: "9")).contains($0)
            }
        }
    }

    /// Number of its elements, for types that declare none: `[1,2]`, `{1:0.5}/2`, `(1, 2),(3, 4)`, `01`.
    var dimensions: Int? {
        if text.hasPrefix("{") { return text.split(separator: "/").last.flatMap { Int($0) } }
        if text.hasPrefix("[") || text.hasPrefix("(") {
            let first = text.prefix { $0 != "]" && $0 != ")" }
            return first.count { $0 == "," } + 1
        }
        return text.utf8.allSatisfy { $0 == UInt8(ascii: "0") || $0 == UInt8(ascii: "1") } ? text.utf8.count : nil
    }
}

/// Text as a literal of SQL.
enum SQLText {
    /// Right whatever `standard_conforming_strings` is.
    static func quoted(_ text: String) -> String {
        let doubled = text.replacing("'", with: "''")
        return doubled.contains("\\") ? "E'" + doubled.replacing("\\", with: "\\\\") + "'" : "'\(doubled)'"
    }
}
