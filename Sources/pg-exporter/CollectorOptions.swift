internal import ExporterCommand

/// What the flags say about collectors, besides which of them run.
struct CollectorOptions: Sendable {
    /// Databases that the `database` collector leaves out.
    var excludedDatabases: [String] = []
    /// Discovery is on: what a database has of its own is asked of all.
    var asksEveryDatabase = false
    /// What `stat_statements` shows.
    var statements = StatementOptions()

    /// What runs without a flag.
    init() {}

    /// As the flags say.
    init(_ flags: FlagValues) {
        excludedDatabases = flags.list("exclude-databases")
        asksEveryDatabase = flags.bool("auto-discover-databases")
        statements = StatementOptions(flags)
    }
}

extension FlagValues {
    /// The words of a flag that takes a list, split at commas; white space around them does not count.
    func list(_ name: String) -> [String] {
        string(name).split(separator: ",").map { DataSourcePieces.trimmed($0) }.filter { !$0.isEmpty }
    }
}
