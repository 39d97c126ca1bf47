internal import ExporterKit

/// What the collectors of the `pg_stat_progress_*` views share: who works on which relation. Sessions that do the same
/// to the same relation are one series.
enum Progress {
    /// The labels, in the order of `GROUP BY`. A relation of another database than the connected one has its OID for a
    /// name.
    static let relation: [SQLTable.Label] = [
        .expression("datname", "p.datname"), .expression("schemaname", "n.nspname"),
        .expression("relname", "coalesce(c.relname::text, p.relid::text)"), .expression("phase", "p.phase"),
    ]

    /// What follows FROM.
    ///
    /// - Parameters:
    ///   - view: without `pg_stat_progress_`.
    ///   - labels: how many labels there are.
    static func source(_ view: String, labels: Int) -> String {
        """
        pg_stat_progress_\(view) p LEFT JOIN pg_class c ON c.oid = p.relid \
        AND p.datid = (SELECT oid FROM pg_database WHERE datname = current_database()) \
        LEFT JOIN pg_namespace n ON n.oid = c.relnamespace \
        GROUP BY \((1...labels).map(String.init).joined(separator: ", "))
        """
    }
}
