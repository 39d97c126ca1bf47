internal import ExporterCommand
internal import PostgresClient

/// What the `tags` of an entry say.
struct QueryTags {
    var conditions = QueryConditions()
    /// Names of databases, each as a pattern without wildcards.
    var databases: [ShellPattern] = []
    /// What is the same in every database.
    var isForCluster = false
    var predicates: [Predicate] = []

    private static let prefixes = ["dbname", "username", "extension", "schema", "not"]
    private static let schemaKeptFor = Duration.seconds(60)

    /// - Parameter node: a list of words; `nil` is none.
    init(_ node: YAMLNode?) throws(ConfigurationError) {
        guard let node else { return }
        for item in try node.sequence() { try take(item) }
    }

    private mutating func take(_ node: YAMLNode) throws(ConfigurationError) {
        let tag = try node.string()
        let parts = tag.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        if parts.count == 2 {
            guard !parts[1].isEmpty else { throw node.error("the tag \(tag) has nothing behind the colon") }
            try take(try prefix(parts[0], node), parts[1])
        } else {
            try take(word: tag, node)
        }
    }

    private func prefix(_ text: String, _ node: YAMLNode) throws(ConfigurationError) -> String {
        if Self.prefixes.contains(text) { return text }
        let hint = Nearest.hint(text, among: Self.prefixes)
        throw node.error(
            "unknown tag \(text):…\(hint); known are \(Self.prefixes.map { "\($0):" }.joined(separator: ", "))")
    }

    private mutating func take(_ prefix: String, _ value: String) throws(ConfigurationError) {
        switch prefix {
        case "dbname": databases.append(ShellPattern(name: value))
        case "username": conditions.users.append(value)
        case "extension": conditions.extensions.append(value)
        case "not": conditions.refusedTags.append(value)
        default:
            let sql = "SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1)"
            predicates.append(Predicate(statement: Statement(sql, [value]), keptFor: Self.schemaKeptFor))
        }
    }

    private mutating func take(word: String, _ node: YAMLNode) throws(ConfigurationError) {
        let role: QueryConditions.Role
        switch word {
        case "cluster":
            isForCluster = true
            return
        case "pgbouncer":
            conditions.isForPgBouncer = true
            return
        case "primary", "master", "leader": role = .primary
        case "standby", "replica", "slave": role = .standby
        default:
            conditions.tags.append(word)
            return
        }
        guard conditions.role == nil || conditions.role == role else {
            throw node.error("the tags ask for a primary and for a standby; no server is both")
        }
        conditions.role = role
    }
}
