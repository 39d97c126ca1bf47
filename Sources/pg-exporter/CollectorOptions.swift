internal import ExporterCommand

/// What the flags say about collectors, besides which of them run.
struct CollectorOptions: Sendable {
    /// Databases that the `database` collector leaves out.
    var excludedDatabases: [String] = []
    /// Discovery is on: what a database has of its own is asked of all.
    var asksEveryDatabase = false
    /// What `stat_statements` shows.
    var statements = StatementOptions()
    /// Which tables have series of their own.
    var tables = RelationGuard(.tables)
    /// Which indexes have.
    var indexes = RelationGuard(.indexes)
    /// How long sizes of relations are served again; `nil` asks in every scrape.
    var sizesFreshFor: Duration? = .seconds(60)
    /// Labels of `pg_stat_activity_count`.
    var activityLabels = ActivityLabel.allCases

    /// What runs without a flag.
    init() {}

    /// As the flags say.
    ///
    /// - Throws: which flag does not make sense, and what to give instead.
    init(_ flags: FlagValues) throws(UsageError) {
        excludedDatabases = flags.list("exclude-databases")
        asksEveryDatabase = flags.bool("auto-discover-databases")
        statements = StatementOptions(flags)
        tables = try RelationGuard(.tables, flags)
        indexes = try RelationGuard(.indexes, flags)
        let sizes = flags.duration("sizes.fresh-for")
        sizesFreshFor = sizes > .zero ? sizes : nil
        activityLabels = try ActivityLabel.chosen(flags)
    }
}
