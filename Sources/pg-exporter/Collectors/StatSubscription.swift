internal import ExporterKit

extension TableCollector {
    /// Subscriptions to other servers: one row each, the workers of one taken together. Before version 14 only superusers
    /// may know of them.
    /// Source: https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-SUBSCRIPTION
    static let statSubscription = TableCollector(
        "stat_subscription", "Logical replication as the subscriber sees it.",
        tables: [
            SQLTable(
                prefix: "pg_stat_subscription",
                from: """
                    pg_subscription c JOIN pg_database d ON d.oid = c.subdbid \
                    JOIN (SELECT subid, count(pid) AS workers, max(received_lsn) AS received_lsn, \
                    max(latest_end_lsn) AS latest_end_lsn, max(last_msg_send_time) AS last_msg_send_time, \
                    max(last_msg_receipt_time) AS last_msg_receipt_time, max(latest_end_time) AS latest_end_time \
                    FROM pg_stat_subscription GROUP BY 1) s ON s.subid = c.oid
                    """,
                labels: subscriptionLabels, rows: statSubscriptionRows),
            SQLTable(
                prefix: "pg_stat_subscription_stats",
                from: "pg_stat_subscription_stats s JOIN pg_subscription c ON c.oid = s.subid "
                    + "JOIN pg_database d ON d.oid = c.subdbid",
                labels: subscriptionLabels, rows: statSubscriptionStatsRows),
            SQLTable(
                prefix: "pg_stat_subscription_stats", from: subscriptionConflicts,
                labels: subscriptionLabels + [.expression("conflict", "k.conflict")],
                rows: [
                    .counter(
                        "k.number", as: "conflicts_total",
                        "Changes that conflicted with what the subscriber has, by kind.", since: .v18)
                ]),
            SQLTable(
                prefix: "pg_subscription",
                from: """
                    (SELECT c.subname, r.srsubstate, count(*) AS number FROM pg_subscription_rel r \
                    JOIN pg_subscription c ON c.oid = r.srsubid GROUP BY 1, 2) r
                    """,
                labels: [
                    .expression("datname", "current_database()"), .expression("subname", "r.subname"),
                    .expression(
                        "state",
                        """
                        CASE r.srsubstate WHEN 'i' THEN 'initialize' WHEN 'd' THEN 'data' \
                        WHEN 'f' THEN 'finished' WHEN 's' THEN 'synchronized' WHEN 'r' THEN 'ready' \
                        ELSE r.srsubstate::text END
                        """),
                ],
                rows: [
                    .gauge(
                        "r.number", as: "relations", "Tables of the subscription by state of their first copy.",
                        since: .v14)
                ], scope: .database),
        ])

    private static let subscriptionLabels: [SQLTable.Label] = [
        .expression("datname", "d.datname"), .expression("subname", "c.subname"),
    ]

    private static let subscriptionConflicts = """
        pg_stat_subscription_stats s JOIN pg_subscription c ON c.oid = s.subid \
        JOIN pg_database d ON d.oid = c.subdbid, LATERAL (VALUES \
        ('insert_exists', s.confl_insert_exists), ('update_origin_differs', s.confl_update_origin_differs), \
        ('update_exists', s.confl_update_exists), ('update_missing', s.confl_update_missing), \
        ('delete_origin_differs', s.confl_delete_origin_differs), ('delete_missing', s.confl_delete_missing), \
        ('multiple_unique_conflicts', s.confl_multiple_unique_conflicts)) k (conflict, number)
        """

    private static let statSubscriptionRows: [MetricRow] = [
        .gauge("c.subenabled::int", as: "enabled", "1 when the subscription is enabled, else 0.", since: .v14),
        .gauge("s.workers", as: "workers", "Worker processes of the subscription that run.", since: .v14),
        .gauge(
            "s.received_lsn - '0/0'", as: "received_lsn_bytes", "Last position received from the publisher.",
            since: .v14),
        .gauge(
            "s.latest_end_lsn - '0/0'", as: "latest_end_lsn_bytes", "Last position reported back to the publisher.",
            since: .v14),
        .gauge(
            "extract(epoch FROM s.last_msg_send_time)", as: "last_msg_send_timestamp_seconds",
            "Unix time at which the publisher sent the last message.", since: .v14),
        .gauge(
            "extract(epoch FROM s.last_msg_receipt_time)", as: "last_msg_receipt_timestamp_seconds",
            "Unix time at which the last message of the publisher came.", since: .v14),
        .gauge(
            "extract(epoch FROM s.latest_end_time)", as: "latest_end_timestamp_seconds",
            "Unix time of the last position reported back to the publisher.", since: .v14),
    ]

    private static let statSubscriptionStatsRows: [MetricRow] = [
        .counter("s.apply_error_count", as: "apply_errors_total", "Errors while changes were applied.", since: .v15),
        .counter("s.sync_error_count", as: "sync_errors_total", "Errors while tables were first copied.", since: .v15),
    ]
}
