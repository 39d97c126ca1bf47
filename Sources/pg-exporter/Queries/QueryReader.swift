internal import ExporterCommand
internal import PostgresClient

/// Reads one entry of a file of queries, in whichever of the three formats it is written.
///
/// The formats share their frame and differ in keys; two keys mean different things, and there the other keys of the
/// entry tell which format it is.
struct QueryReader {
    /// Where a format comes from.
    enum Dialect {
        case postgresExporter
        case cloudNativePG
        case pigsty
    }

    let key: String
    let dialect: Dialect
    private let entry: YAMLEntry
    private var map: YAMLMapping

    private static let pigstyKeys = [
        "desc", "ttl", "timeout", "tags", "min_version", "max_version", "fatal", "skip", "priority",
        "predicate_queries",
    ]
    private static let cloudNativePGKeys = ["primary", "target_databases", "predicate_query"]

    /// - Throws: the first thing that is wrong, with its place.
    static func read(_ entry: YAMLEntry) throws(ConfigurationError) -> CustomQuery {
        var reader = try QueryReader(entry)
        return try reader.query()
    }

    private init(_ entry: YAMLEntry) throws(ConfigurationError) {
        self.entry = entry
        key = entry.key
        map = try entry.value.mapping("the query \(entry.key)")
        let keys = try entry.value.entries().map(\.key)
        dialect =
            keys.contains(where: Self.pigstyKeys.contains)
            ? .pigsty : keys.contains(where: Self.cloudNativePGKeys.contains) ? .cloudNativePG : .postgresExporter
    }

    private mutating func query() throws(ConfigurationError) -> CustomQuery {
        let sql = try QueryText.read(try map.node("query"))
        let namespace = try map.optionalString("name") ?? key
        _ = try map.optionalString("desc")
        let timeout = try time("timeout", mayBeNegative: true)
        let tags = try QueryTags(map.optionalNode("tags"))
        var conditions = tags.conditions
        try readConditions(&conditions)
        let databases = try databases(tags)
        let predicates = try predicates(tags, timeout: timeout)
        let freshFor = try freshFor()
        let columns = try ColumnReader.read(map.optionalNode("metrics"), of: dialect, namespace)
        let query = CustomQuery(
            key: key, position: entry.position, namespace: namespace, sql: sql, columns: columns,
            conditions: conditions, databases: databases, predicates: predicates, freshFor: freshFor, timeout: timeout,
            priority: try map.optionalInt("priority", in: 0...1_000_000) ?? 500,
            isFatal: try map.optionalBool("fatal") ?? false, isSkipped: try map.optionalBool("skip") ?? false,
            takesUnlisted: dialect != .pigsty)
        try map.finish()
        return query
    }

    // MARK: - Conditions

    private mutating func readConditions(_ conditions: inout QueryConditions) throws(ConfigurationError) {
        for key in ["runonserver", "pg_version"] {
            if let node = map.optionalNode(key) { conditions.versions.append(try Self.versions(node)) }
        }
        let lower = try versionNumber("min_version")
        let upper = try versionNumber("max_version")
        if lower != nil || upper != nil {
            guard lower ?? 0 <= upper ?? .max else {
                throw entry.error("min_version is above max_version in the query \(key); no server has both")
            }
            conditions.versionNumbers = (lower ?? 0)..<(upper ?? .max)
        }
        if try map.optionalBool("primary") ?? false { conditions.role = .primary }
        // In CloudNativePG's format it is another word for `primary`.
        if try isMaster(), dialect == .cloudNativePG { conditions.role = .primary }
    }

    private mutating func isMaster() throws(ConfigurationError) -> Bool { try map.optionalBool("master") ?? false }

    /// - Returns: `nil` for 0, which is no bound.
    private mutating func versionNumber(_ key: String) throws(ConfigurationError) -> Int? {
        guard let node = map.optionalNode(key) else { return nil }
        let number = try node.int()
        guard number == 0 || number >= 1_000 else {
            throw node.error("\(key) must be as server_version_num has it: 100000 for 10, 90600 for 9.6")
        }
        return number == 0 ? nil : number
    }

    /// A range of versions.
    static func versions(_ node: YAMLNode) throws(ConfigurationError) -> VersionRange {
        guard let range = VersionRange(try node.string()) else {
            throw node.error("\(node.label ?? "it") must be a range of versions such as \">=10.0.0 <14.0.0 || 15\"")
        }
        return range
    }

    // MARK: - Where and when

    private mutating func databases(_ tags: QueryTags) throws(ConfigurationError) -> CustomQuery.Databases {
        var patterns: [ShellPattern] = []
        for node in try map.optionalSequence("target_databases") {
            guard let pattern = ShellPattern(try node.string()) else {
                throw node.error("it must be the name of a database or a pattern such as app_*")
            }
            patterns.append(pattern)
        }
        if !patterns.isEmpty { return .matching(patterns) }
        if !tags.databases.isEmpty { return .matching(tags.databases) }
        let isMaster = try isMaster()
        return isMaster || tags.isForCluster || dialect == .cloudNativePG ? .main : .every
    }

    private mutating func predicates(
        _ tags: QueryTags, timeout: Duration?
    ) throws(ConfigurationError) -> [Predicate] {
        var predicates = tags.predicates
        if let node = map.optionalNode("predicate_query") {
            predicates.append(
                Predicate(statement: CustomQuery.statement(try QueryText.read(node), timeout: timeout)))
        }
        for node in try map.optionalSequence("predicate_queries") {
            var item = try node.mapping("a predicate of the query \(key)")
            _ = try item.optionalString("name")
            let sql = try QueryText.read(try item.node("predicate_query"))
            let keptFor = try item.optionalNode("ttl").map { node throws(ConfigurationError) in try Self.time(node) }
            try item.finish()
            predicates.append(
                Predicate(statement: CustomQuery.statement(sql, timeout: timeout), keptFor: keptFor ?? nil))
        }
        return predicates
    }

    private mutating func freshFor() throws(ConfigurationError) -> Duration? {
        let seconds = try map.optionalInt("cache_seconds", in: 0...1_000_000_000)
        let time = try time("ttl")
        guard seconds == nil || time == nil else {
            throw entry.error("the query \(key) has cache_seconds and ttl; they mean the same, keep one")
        }
        return time ?? seconds.flatMap { $0 > 0 ? .seconds($0) : nil }
    }

    /// - Returns: `nil` for 0, and for less where that is a way to say "none".
    private mutating func time(
        _ key: String, mayBeNegative: Bool = false
    ) throws(ConfigurationError) -> Duration? {
        guard let node = map.optionalNode(key) else { return nil }
        return try Self.time(node, mayBeNegative: mayBeNegative)
    }

    /// Seconds, or a time with its unit.
    private static func time(
        _ node: YAMLNode, mayBeNegative: Bool = false
    ) throws(ConfigurationError) -> Duration? {
        let text = try node.string()
        let time: Duration
        if let seconds = Double(text), seconds.isFinite, seconds.magnitude < 1e9 {
            time = .seconds(seconds)
        } else if let read = DurationText.parse(text) {
            time = read
        } else {
            throw node.error("\(node.label ?? "it") must be seconds such as 0.1, or a time such as 100ms")
        }
        guard time >= .zero || mayBeNegative else {
            throw node.error("\(node.label ?? "it") must not be negative")
        }
        return time > .zero ? time : nil
    }
}

/// The text of a query.
enum QueryText {
    /// - Throws: what keeps the text from being one query.
    static func read(_ node: YAMLNode) throws(ConfigurationError) -> String {
        let sql = try node.string()
        do throws(SingleStatement.Flaw) { try SingleStatement.check(sql) } catch {
            let name = node.label ?? "query"
            switch error {
            case .empty: throw node.error("\(name) is empty; write a SELECT")
            case .several: throw node.error("\(name) has several statements; keep one, and make entries of the others")
            case .unfinished(let mark): throw node.error("\(name) has a \(mark) that does not end")
            case .noQuery(let word):
                throw node.error(
                    "\(name) begins with \(word.prefix(20)); it must be a query: \(SingleStatement.queries.joined(separator: ", "))"
                )
            }
        }
        return sql
    }
}
