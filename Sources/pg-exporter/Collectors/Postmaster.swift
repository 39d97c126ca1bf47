internal import ExporterKit

extension TableCollector {
    /// Source: https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-INFO-SESSION
    static let postmaster = TableCollector(
        "postmaster", "When the server started.", enabledByDefault: false,
        tables: [
            SQLTable(
                prefix: "pg_postmaster",
                rows: [
                    .gauge(
                        "extract(epoch FROM pg_postmaster_start_time())", as: "start_time_seconds",
                        "Unix time at which the server started.")
                ])
        ])
}
