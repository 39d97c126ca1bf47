internal import ExporterCommand
internal import ExporterKit
internal import PostgresClient

extension TableCollector {
    /// Size and connection limit of every database, in one question.
    ///
    /// A database whose size the user may not see has no size and costs the others nothing: asking for it would be an
    /// error.
    /// Source: https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-ADMIN-DBSIZE
    static func database(excluding names: [String] = []) -> TableCollector {
        let size = """
            CASE WHEN has_database_privilege(d.oid, 'CONNECT') OR pg_has_role('pg_read_all_stats', 'USAGE') \
            THEN pg_database_size(d.oid) END
            """
        return TableCollector(
            "database", "Size and connection limit of each database.",
            tables: [
                SQLTable(
                    prefix: "pg_database", from: "pg_database d WHERE d.datname::text NOT LIKE ALL ($1::text[])",
                    parameters: [SQLText.array(names.map { ShellPattern($0).like })],
                    labels: [.expression("datname", "d.datname")],
                    rows: [
                        .gauge(size, as: "size_bytes", "Disk space that the database uses, from pg_database_size()."),
                        .gauge(
                            "d.datconnlimit", as: "connection_limit",
                            "Largest number of connections the database allows; -1 is no limit."),
                    ])
            ])
    }
}

/// Swift values as PostgreSQL reads them.
enum SQLText {
    /// An array literal of texts: `{"a","b"}`.
    static func array(_ elements: [String]) -> String {
        let quoted = elements.map { element in
            "\"" + element.flatMap { $0 == "\"" || $0 == "\\" ? ["\\", $0] : [$0] } + "\""
        }
        return "{" + quoted.joined(separator: ",") + "}"
    }
}
