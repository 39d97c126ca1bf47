internal import ExporterKit

/// A label of `pg_stat_activity_count`, and what it is called in the source.
enum ActivityLabel: String, CaseIterable, Sendable {
    case datname, state, usename
    case applicationName = "application_name"
    case backendType = "backend_type"
    case waitEventType = "wait_event_type"
    case waitEvent = "wait_event"

    fileprivate var expression: String {
        switch self {
        case .datname: "d.datname"
        case .state: "s.state"
        default: "a.\(rawValue)"
        }
    }
}

extension TableCollector {
    /// Sessions by everything that tells them apart, without the exporter's own. A state that no session of a database
    /// is in has one series of 0 with the other labels empty. With fewer labels, sessions that look the same are summed.
    /// Source: https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-ACTIVITY-VIEW
    static func statActivity(labels: [ActivityLabel] = ActivityLabel.allCases) -> TableCollector {
        let isWhole = labels == ActivityLabel.allCases
        let list = labels.map(\.expression).joined(separator: ", ")
        let groups = isWhole ? "ORDER BY d.oid, s.state" : labels.isEmpty ? "" : "GROUP BY \(list)"
        return TableCollector(
            "stat_activity", "Sessions by database, state, user, application and wait event.",
            tables: [
                SQLTable(
                    prefix: "pg_stat_activity", from: "\(sessions) \(groups)",
                    labels: labels.map { .expression($0.rawValue, $0.expression) },
                    rows: [
                        .gauge(
                            isWhole ? "coalesce(a.number, 0)" : "sum(coalesce(a.number, 0))", as: "count",
                            "Sessions in this state, from pg_stat_activity."),
                        .gauge(
                            isWhole ? "coalesce(a.age, 0)" : "max(coalesce(a.age, 0))", as: "max_tx_duration",
                            "Age in seconds of the oldest open transaction of these sessions; 0 when none is open."),
                    ])
            ])
    }

    private static let sessions = """
        pg_database d CROSS JOIN (VALUES ('active'), ('idle'), ('idle in transaction'), \
        ('idle in transaction (aborted)'), ('fastpath function call'), ('disabled')) s (state) \
        LEFT JOIN (SELECT datid, state, usename, application_name, backend_type, wait_event_type, \
        wait_event, count(*) AS number, extract(epoch FROM max(now() - xact_start)) AS age \
        FROM pg_stat_activity WHERE pid <> pg_backend_pid() GROUP BY 1, 2, 3, 4, 5, 6, 7) a \
        ON a.datid = d.oid AND a.state = s.state
        """
}
