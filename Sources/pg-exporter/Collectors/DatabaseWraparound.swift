internal import ExporterKit

extension TableCollector {
    /// One row per database that takes connections. Upstream's names say seconds; the values are numbers of transactions
    /// all the same.
    /// Source: https://www.postgresql.org/docs/current/routine-vacuuming.html#VACUUM-FOR-WRAPAROUND
    static let databaseWraparound = TableCollector(
        "database_wraparound", "Age of the oldest transaction that is not frozen, by database.",
        enabledByDefault: false,
        tables: [
            SQLTable(
                prefix: "pg_database_wraparound", from: "pg_database WHERE datallowconn", labels: [.column("datname")],
                rows: [
                    .gauge(
                        "age(datfrozenxid)", as: "age_datfrozenxid_seconds",
                        "Transactions, not seconds, since the oldest one that is not frozen."),
                    .gauge(
                        "mxid_age(datminmxid)", as: "age_datminmxid_seconds",
                        "Multixact ids, not seconds, given out since the oldest one in use."),
                ])
        ])
}
