internal import ExporterCommand

/// What `stat_statements` shows.
struct StatementOptions: Sendable {
    /// Also the text of each statement, cut to `queryLength` characters.
    var includesQuery = false
    var queryLength = 120
    /// Most statements shown.
    var limit = 100
    var excludedDatabases: [String] = []
    var excludedUsers: [String] = []

    /// What runs without a flag.
    init() {}

    /// As the flags say.
    init(_ flags: FlagValues) {
        includesQuery = flags.bool("\(Self.prefix).include_query")
        // As in postgres_exporter 0 stands for the default.
        queryLength = Self.number(flags.int("\(Self.prefix).query_length"), or: queryLength)
        limit = Self.number(flags.int("\(Self.prefix).limit"), or: limit)
        excludedDatabases = flags.list("\(Self.prefix).exclude_databases")
        excludedUsers = flags.list("\(Self.prefix).exclude_users")
    }

    private static func number(_ number: Int, or standard: Int) -> Int { number == 0 ? standard : number }

    private static let prefix = "collector.stat_statements"
    private static let group = "Statements"

    /// The flags, under the names of postgres_exporter.
    static let flags: [Flag] = [
        .bool("\(prefix).include_query", group: group, help: "Also show the text of each statement, as a label."),
        .int(
            "\(prefix).query_length", default: 120, in: 0...1_000_000, group: group,
            help: "Characters of a statement's text to show."),
        .int(
            "\(prefix).limit", default: 100, in: 0...100_000, group: group,
            help: "Statements to show: those that took most time."),
        .string(
            "\(prefix).exclude_databases", group: group,
            help: "Databases whose statements are left out, separated by commas."),
        .string(
            "\(prefix).exclude_users", group: group, help: "Users whose statements are left out, separated by commas."),
    ]
}
