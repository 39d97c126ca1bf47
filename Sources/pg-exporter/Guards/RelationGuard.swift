/// Which tables, or indexes, have series of their own; the others are summed into one whose labels say `other`.
///
/// The server chooses and sums, and sends only what is served. The choice stays the same from scrape to scrape: it goes
/// by the size class (a power of two) that VACUUM and ANALYZE wrote down, older relations first in each, and not by
/// activity. A relation that changes sides would look like a reset of the sum.
struct RelationGuard: Sendable, Equatable {
    /// What is guarded.
    enum Kind: Sendable {
        /// Tables, materialised views, partitioned tables.
        case tables
        /// Indexes.
        case indexes

        fileprivate var relkinds: String {
            switch self {
            case .tables: "'r', 't', 'm', 'p'"
            case .indexes: "'i'"
            }
        }
    }

    let kind: Kind
    /// Most that have series of their own; 0 for all.
    var limit = 0
    /// Smallest size in bytes that has.
    var minSize = 0
    /// Names that have; none is all.
    var include = NamePatterns.none
    /// Names that have not, even when included.
    var exclude = NamePatterns.none

    init(_ kind: Kind) {
        self.kind = kind
    }

    /// False when every relation is served as it is.
    var isActive: Bool { limit > 0 || minSize > 0 || !include.isEmpty || !exclude.isEmpty }

    /// The value of labels that name a relation, in the series of the others.
    static let other = "other"

    /// The OIDs of those that are chosen, as a relation of one column `oid`.
    var chosen: String {
        var conditions = [
            "c.relkind IN (\(kind.relkinds))", "n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')",
        ]
        if minSize > 0 {
            conditions.append("c.relpages::bigint * current_setting('block_size')::bigint >= \(minSize)")
        }
        if !include.isEmpty { conditions.append(include.condition(schema: "n.nspname", name: "c.relname")) }
        if !exclude.isEmpty { conditions.append("NOT " + exclude.condition(schema: "n.nspname", name: "c.relname")) }
        let order = "ORDER BY floor(log(greatest(c.relpages, 1))/log(2)) DESC, c.oid LIMIT \(limit)"
        return """
            (SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
            WHERE \(conditions.joined(separator: " AND "))\(limit > 0 ? " " + order : ""))
            """
    }
}

/// A guard as one table of metrics applies it.
struct GuardedRelations: Sendable {
    let `guard`: RelationGuard
    /// SQL of the relation's OID in the table's source.
    let oid: String
    /// Names of rows that a sum would make meaningless, such as times; they are left out of the series of the others.
    let unsummed: Set<String>

    /// A guard from its parts.
    ///
    /// - Parameter oid: SQL of the relation's OID. The source that it is of ends without a WHERE.
    init(_ guard: RelationGuard, oid: String, unsummed: Set<String> = []) {
        self.guard = `guard`
        self.oid = oid
        self.unsummed = unsummed
    }

    /// The statement: each chosen relation is a group of its own, the others are one together.
    ///
    /// - Parameters:
    ///   - labels: SQL of the labels; those that tell the database are kept for the others.
    ///   - rows: SQL and name of the values.
    func statement(labels: [String], rows: [(field: String, name: String)], from source: String) -> String {
        let own = labels.map { label in
            label == "current_database()"
                ? label : "CASE WHEN chosen.oid IS NULL THEN '\(RelationGuard.other)' ELSE \(label)::text END"
        }
        let values = rows.map { row in
            unsummed.contains(row.name)
                ? "max(\(row.field)) FILTER (WHERE chosen.oid IS NOT NULL)" : "sum(\(row.field))"
        }
        let groups = ((1...max(1, own.count)).map(String.init) + ["chosen.oid"]).joined(separator: ", ")
        return """
            SELECT \((own + values).joined(separator: ", ")) FROM \(source) \
            LEFT JOIN \(`guard`.chosen) chosen ON chosen.oid = \(oid) GROUP BY \(groups)
            """
    }
}
