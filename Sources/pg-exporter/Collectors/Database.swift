internal import ExporterCommand
internal import ExporterKit
internal import PostgresClient

extension TableCollector {
    /// Size and connection limit of every database. Sizes are a question of their own: the server looks at every file of
    /// a database for them.
    ///
    /// A database whose size the user may not see has no size and costs the others nothing: asking for it would be an
    /// error.
    ///
    /// - Parameters:
    ///   - names: databases that are left out, as shell patterns.
    ///   - freshFor: how long sizes are served again.
    /// Source: https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-ADMIN-DBSIZE
    static func database(excluding names: [String] = [], sizesFreshFor freshFor: Duration? = nil) -> TableCollector {
        let size = """
            CASE WHEN has_database_privilege(d.oid, 'CONNECT') OR pg_has_role('pg_read_all_stats', 'USAGE') \
            THEN pg_database_size(d.oid) END
            """
        func table(_ row: MetricRow, freshFor: Duration?) -> SQLTable {
            SQLTable(
                prefix: "pg_database", from: "pg_database d WHERE d.datname::text NOT LIKE ALL ($1::text[])",
                parameters: [SQLText.array(names.map { ShellPattern(simple: $0).like })],
                labels: [.expression("datname", "d.datname")], rows: [row], freshFor: freshFor)
        }
        return TableCollector(
            "database", "Size and connection limit of each database.",
            tables: [
                table(
                    .gauge(size, as: "size_bytes", "Disk space that the database uses, from pg_database_size()."),
                    freshFor: freshFor),
                table(
                    .gauge(
                        "d.datconnlimit", as: "connection_limit",
                        "Largest number of connections the database allows; -1 is no limit."), freshFor: nil),
            ])
    }
}
