internal import ExporterKit
internal import PostgresClient

/// The statements behind `PostgresFacts`.
enum FactQuestions {
    /// Needs no table, so it never waits for a lock: also the sign that the server lives.
    static let role = Statement("SELECT pg_catalog.pg_is_in_recovery()")
    private static let version = Statement("SELECT pg_catalog.version()", prepared: false)
    private static let extensions = Statement(
        """
        SELECT e.extname, pg_catalog.quote_ident(n.nspname), e.extversion \
        FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
        """)
    private static let databases = Statement(
        """
        SELECT datname FROM pg_catalog.pg_database WHERE datallowconn AND NOT datistemplate \
        AND pg_catalog.has_database_privilege(oid, 'CONNECT') ORDER BY oid
        """)

    /// Asked once per connection.
    static let all = [role, version, extensions, databases]
    /// Asked again now and then.
    static let refreshed = [extensions, databases]

    /// The facts of a new connection.
    ///
    /// - Parameter replies: to `all`.
    /// - Throws: why the server does not tell its role. What else it does not tell stays empty.
    static func facts(
        of server: PostgresServer, from replies: [Result<ResultTable, CollectorError>]
    ) throws(CollectorError) -> PostgresFacts {
        var facts: PostgresFacts? = PostgresFacts(server: server)
        guard replies.count == all.count else { throw CollectorError(.decode, "the server's role: no answer") }
        facts?.isStandby = try replies[0].get().boolean(0, 0) ?? false
        if case .success(let table) = replies[1] { facts?.versionText = table.text(0, 0) ?? "" }
        refresh(&facts, from: Array(replies[2...]))
        return facts ?? PostgresFacts(server: server)
    }

    /// Takes the replies to `refreshed`.
    ///
    /// - Returns: whether both came.
    @discardableResult
    static func refresh(_ facts: inout PostgresFacts?, from replies: [Result<ResultTable, CollectorError>]) -> Bool {
        guard replies.count == refreshed.count, case .success(let extensions) = replies[0],
            case .success(let databases) = replies[1]
        else { return false }
        facts?.extensions = [:]
        for row in 0..<extensions.rowCount {
            guard let name = extensions.text(row, 0), let schema = extensions.text(row, 1) else { continue }
            facts?.extensions[name] = PostgresFacts.Extension(
                schema: schema, version: ServerVersion(extensions.text(row, 2) ?? "") ?? ServerVersion(0))
        }
        facts?.databases = (0..<databases.rowCount).compactMap { databases.text($0, 0) }
        return true
    }
}
