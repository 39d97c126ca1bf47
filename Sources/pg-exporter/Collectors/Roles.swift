internal import ExporterKit

extension TableCollector {
    /// Source: https://www.postgresql.org/docs/current/view-pg-roles.html
    static let roles = TableCollector(
        "roles", "Connection limit of each role.",
        tables: [
            SQLTable(
                prefix: "pg_roles", from: "pg_roles", labels: [.column("rolname")],
                rows: [
                    .gauge(
                        "rolconnlimit", as: "connection_limit",
                        "Largest number of connections the role may have; -1 is no limit.")
                ])
        ])
}
