internal import ExporterKit

/// Every collector of the exporter.
enum Collectors {
    /// In the order of `--help` and of the output.
    static func all(_ options: CollectorOptions = CollectorOptions()) -> [any Collector<PostgresSession>] {
        [
            TableCollector.database(excluding: options.excludedDatabases),
            TableCollector.locks,
            TableCollector.replication,
            SettingsCollector(),
            TableCollector.statActivity,
            TableCollector.statBgwriter,
            TableCollector.statCheckpointer,
            TableCollector.statDatabase,
            TableCollector.statUserTables,
            TableCollector.wal,
        ]
    }
}

extension ServerVersion {
    // Versions in which the statistics views changed.
    static let v14 = ServerVersion(14)
    static let v17 = ServerVersion(17)
    static let v18 = ServerVersion(18)
}
