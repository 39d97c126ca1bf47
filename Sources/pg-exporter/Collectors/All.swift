internal import ExporterKit

/// Every collector of the exporter.
enum Collectors {
    /// In the order of `--help` and of the output.
    static func all(_ options: CollectorOptions = CollectorOptions()) -> [any Collector<PostgresSession>] {
        [
            TableCollector.buffercacheSummary,
            TableCollector.database(excluding: options.excludedDatabases, sizesFreshFor: options.sizesFreshFor),
            TableCollector.databaseWraparound,
            TableCollector.locks,
            TableCollector.longRunningTransactions,
            TableCollector.postmaster,
            ProcessIdleCollector(),
            TableCollector.replication,
            TableCollector.replicationSlots,
            TableCollector.roles,
            SettingsCollector(),
            TableCollector.statActivity(labels: options.activityLabels),
            TableCollector.statActivityAutovacuum,
            TableCollector.statArchiver,
            TableCollector.statBgwriter,
            TableCollector.statCheckpointer,
            TableCollector.statDatabase,
            TableCollector.statDatabaseConflicts,
            TableCollector.statProgressVacuum,
            TableCollector.statReplication,
            StatStatementsCollector(options.statements),
            TableCollector.statUserTables(options),
            TableCollector.statWalReceiver,
            TableCollector.statioUserIndexes(options.indexes, withDatabase: options.asksEveryDatabase),
            TableCollector.statioUserTables(options.tables),
            TableCollector.wal,
            TableCollector.xlogLocation,
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
            TableCollector.statUserIndexes(options),
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
