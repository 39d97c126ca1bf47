internal import ExporterCommand
internal import Logging

/// The flags about custom queries.
enum QueryFlags {
    private static let path = "extend.query-path"
    private static let tag = "extend.query-tag"

    static let flags: [Flag] = [
        .strings(
            path, environment: "PG_EXPORTER_EXTEND_QUERY_PATH",
            help: "File of custom queries, or folder of such files. Repeatable, or separated by commas."),
        .strings(
            tag, environment: "PG_EXPORTER_TAG",
            help: "Tag of this exporter that custom queries may ask for. Repeatable, or separated by commas."),
        .action(
            "explain", help: "Ask the server once, print which collector and which query runs and why not, and exit."),
        .action("dumpmaps", help: "Print the columns of all tables and custom queries, and exit."),
    ]

    /// The custom queries that the flags name; `nil` without any.
    static func load(
        _ flags: FlagValues, logger: Logger? = nil
    ) throws(ConfigurationError) -> LiveQueries? {
        let paths = words(flags, path)
        guard !paths.isEmpty else { return nil }
        let options = LiveQueries.Options(
            prefix: flags.string("metric-prefix"), tags: Set(words(flags, tag)), logger: logger)
        return try LiveQueries(paths, options: options)
    }

    private static func words(_ flags: FlagValues, _ name: String) -> [String] {
        flags.strings(name).flatMap { $0.split(separator: ",") }.map { DataSourcePieces.trimmed($0) }
            .filter { !$0.isEmpty }
    }
}
