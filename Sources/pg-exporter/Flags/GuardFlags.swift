internal import ExporterCommand

/// Flags that keep the number of series within bounds.
enum GuardFlags {
    private static let group = "Number of series"

    static let all = relations("tables", "table") + relations("indexes", "index") + others

    private static let others: [Flag] = [
        .duration(
            "sizes.fresh-for", default: .seconds(60), environment: "PG_EXPORTER_SIZES_FRESH_FOR", group: group,
            help:
                "How long sizes of databases, tables and indexes are served before they are asked again; 0s is no time."
        ),
        .string(
            "collector.stat_activity.labels",
            default: ActivityLabel.allCases.map(\.rawValue).joined(separator: ","),
            environment: "PG_EXPORTER_STAT_ACTIVITY_LABELS", group: group,
            help: "Labels of pg_stat_activity_count, separated by commas; sessions that look the same are summed."),
        .int(
            "series-limit", default: 0, in: 0...10_000_000, environment: "PG_EXPORTER_SERIES_LIMIT", group: group,
            help: """
                Most series of the server in one scrape; the largest metrics are cut beyond it and what is dropped is \
                counted. 0 is no limit.
                """),
    ]

    private static func relations(_ plural: String, _ singular: String) -> [Flag] {
        let variable = "PG_EXPORTER_\(plural.uppercased())"
        return [
            .int(
                "\(plural).limit", default: 0, in: 0...1_000_000, environment: "\(variable)_LIMIT", group: group,
                help: """
                    Most \(plural) per database with series of their own, the largest first; the others are summed as \
                    \"other\". 0 is all.
                    """),
            .string(
                "\(plural).min-size", default: "0", environment: "\(variable)_MIN_SIZE", group: group,
                help: """
                    Smallest \(singular) with series of its own, such as 10MB, without TOAST, as VACUUM or ANALYZE last \
                    saw it.
                    """),
            .string(
                "\(plural).include", environment: "\(variable)_INCLUDE", group: group,
                help: """
                    The only \(plural) with series of their own: names, or schema.name, with * and ?, separated by \
                    commas.
                    """),
            .string(
                "\(plural).exclude", environment: "\(variable)_EXCLUDE", group: group,
                help: "What --\(plural).include chooses, but for these; same patterns."),
        ]
    }
}

extension RelationGuard {
    /// As the flags of this kind say.
    ///
    /// - Throws: which flag is wrong, and what to give instead.
    init(_ kind: Kind, _ flags: FlagValues) throws(UsageError) {
        let name = kind == .tables ? "tables" : "indexes"
        self.init(kind)
        limit = flags.int("\(name).limit")
        let text = flags.string("\(name).min-size")
        guard let bytes = ByteSize.parse(text) else {
            throw UsageError(
                "\(flags.origin("\(name).min-size")): \"\(text)\" is no size; give bytes, or kB, MB, GB or TB: 10MB")
        }
        minSize = bytes
        include = try NamePatterns(flags.list("\(name).include"), from: flags.origin("\(name).include"))
        exclude = try NamePatterns(flags.list("\(name).exclude"), from: flags.origin("\(name).exclude"))
    }
}

extension ActivityLabel {
    /// Those that the flag names, in the order of the metric.
    ///
    /// - Throws: which word is none of them.
    static func chosen(_ flags: FlagValues) throws(UsageError) -> [ActivityLabel] {
        var chosen: Set<ActivityLabel> = []
        for word in flags.list("collector.stat_activity.labels") {
            guard let label = ActivityLabel(rawValue: word) else {
                throw UsageError(
                    "\(flags.origin("collector.stat_activity.labels")): \"\(word)\" is no label of "
                        + "pg_stat_activity_count; it has \(allCases.map(\.rawValue).joined(separator: ", "))")
            }
            chosen.insert(label)
        }
        return allCases.filter(chosen.contains)
    }
}
