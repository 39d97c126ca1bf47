internal import ExporterKit

extension TableCollector {
    /// Files of the WAL directory; the user needs `pg_monitor`, or EXECUTE on `pg_ls_waldir`.
    /// Source: https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-ADMIN-GENFILE
    static let wal = TableCollector(
        "wal", "Number and size of the WAL segments on disk.",
        tables: [
            SQLTable(
                prefix: "pg_wal", from: "pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}$'",
                rows: [
                    .gauge("count(*)", as: "segments", "WAL segment files on disk."),
                    .gauge("sum(size)", as: "size_bytes", "Bytes of all WAL segment files on disk."),
                ])
        ])
}
