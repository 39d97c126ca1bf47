internal import ExporterKit

extension TableCollector {
    /// How much of the transaction and multixact numbers is used up, for every database of the server and for the worst
    /// tables of the connected one. Ratios are of the point where the server stops taking writes; `autovacuum_ratio` is
    /// of the point where autovacuum begins to freeze by force.
    /// Source: https://www.postgresql.org/docs/current/routine-vacuuming.html#VACUUM-FOR-WRAPAROUND
    static let wraparound = TableCollector(
        "wraparound", "Age of the oldest transaction and multixact of each database and of the worst tables.",
        tables: [
            SQLTable(
                prefix: "pg_wraparound", from: "pg_database d", labels: [.expression("datname", "d.datname")],
                rows: [
                    .gauge("age(d.datfrozenxid)", as: "xid_age", "Transactions since the oldest that is not frozen."),
                    .gauge(
                        "age(d.datfrozenxid) / \(limit)", as: "xid_usage_ratio",
                        "Share of the transaction numbers in use; the server stops taking writes near 1."),
                    .gauge(
                        "age(d.datfrozenxid) / current_setting('autovacuum_freeze_max_age')::float8",
                        as: "xid_autovacuum_ratio",
                        "Age relative to autovacuum_freeze_max_age; autovacuum freezes by force from 1 on."),
                    .gauge(
                        "mxid_age(d.datminmxid)", as: "multixact_age", "Multixacts since the oldest that is not frozen."
                    ),
                    .gauge(
                        "mxid_age(d.datminmxid) / \(limit)", as: "multixact_usage_ratio",
                        "Share of the multixact numbers in use; the server stops taking writes near 1."),
                    .gauge(
                        "mxid_age(d.datminmxid) / current_setting('autovacuum_multixact_freeze_max_age')::float8",
                        as: "multixact_autovacuum_ratio",
                        "Age relative to autovacuum_multixact_freeze_max_age; autovacuum freezes by force from 1 on."),
                ]),
            SQLTable(
                prefix: "pg_wraparound_table", from: oldestTables,
                labels: [
                    .expression("datname", "current_database()"), .expression("schemaname", "t.nspname"),
                    .expression("relname", "t.relname"),
                ],
                rows: [
                    .gauge(
                        "t.xid_age", as: "xid_age",
                        "Transactions since the oldest that is not frozen in the table or its TOAST; ten oldest tables."
                    ),
                    .gauge(
                        "t.multixact_age", as: "multixact_age",
                        "Multixacts since the oldest that is not frozen in the table or its TOAST; same tables."),
                ], scope: .database, freshFor: .seconds(60)),
        ])

    private static let limit = "2147483647::float8"

    private static let oldestTables = """
        (SELECT n.nspname, c.relname, greatest(age(c.relfrozenxid), age(t.relfrozenxid)) AS xid_age, \
        greatest(mxid_age(c.relminmxid), mxid_age(t.relminmxid)) AS multixact_age \
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_class t ON t.oid = c.reltoastrelid \
        WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't' ORDER BY 3 DESC, c.oid LIMIT 10) t
        """
}
