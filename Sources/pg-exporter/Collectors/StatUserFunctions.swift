internal import ExporterKit

extension TableCollector {
    /// Functions of the connected database, those of one name taken together. The server counts them only when
    /// `track_functions` is on.
    /// Source: https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-USER-FUNCTIONS-VIEW
    static let statUserFunctions = TableCollector(
        "stat_user_functions", "Calls and time of each function; needs track_functions.", enabledByDefault: false,
        tables: [
            SQLTable(
                prefix: "pg_stat_user_functions",
                from: """
                    (SELECT schemaname, funcname, sum(calls) AS calls, sum(total_time) AS total_time, \
                    sum(self_time) AS self_time FROM pg_stat_user_functions GROUP BY 1, 2) f
                    """,
                labels: [
                    .expression("datname", "current_database()"), .expression("schemaname", "f.schemaname"),
                    .expression("funcname", "f.funcname"),
                ],
                rows: [
                    .counter("f.calls", as: "calls_total", "Calls."),
                    .counter(
                        "f.total_time", as: "total_time_seconds_total",
                        "Time spent in the function and in what it calls.", in: .milliseconds),
                    .counter(
                        "f.self_time", as: "self_time_seconds_total", "Time spent in the function itself.",
                        in: .milliseconds),
                ], scope: .database)
        ])
}
