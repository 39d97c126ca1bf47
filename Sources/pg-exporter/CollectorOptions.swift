internal import ExporterCommand

/// What the flags say about collectors, besides which of them run.
struct CollectorOptions: Sendable {
    /// Databases that the `database` collector leaves out.
    var excludedDatabases: [String] = []

    /// What runs without a flag.
    init() {}

    /// As the flags say.
    init(_ flags: FlagValues) {
        excludedDatabases = flags.list("exclude-databases")
    }
}
