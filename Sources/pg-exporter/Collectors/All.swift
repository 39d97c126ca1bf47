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
            TableCollector.archiver,
            TableCollector.blocking,
            TableCollector.index,
            TableCollector.indexBloat,
            TableCollector.preparedTransactions,
            TableCollector.sequence,
            TableCollector.statIO,
            TableCollector.statProgressAnalyze,
            TableCollector.statProgressBasebackup,
            TableCollector.statProgressCluster,
            TableCollector.statProgressCopy,
            TableCollector.statProgressCreateIndex,
            TableCollector.statReplicationSlots,
            TableCollector.statSLRU,
            TableCollector.statSubscription,
            TableCollector.statUserFunctions,
            TableCollector.statWAL,
            TableCollector.tableBloat,
            TableCollector.transactions,
            TableCollector.wraparound,
            TableCollector.xminHorizon,
        ]
    }
}

extension ServerVersion {
    // Versions in which the statistics views changed.
    static let v14 = ServerVersion(14)
    static let v15 = ServerVersion(15)
    static let v16 = ServerVersion(16)
    static let v17 = ServerVersion(17)
    static let v18 = ServerVersion(18)
}
