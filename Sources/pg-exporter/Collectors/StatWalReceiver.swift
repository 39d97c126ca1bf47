internal import ExporterKit

extension TableCollector {
    /// One row on a standby that streams, none elsewhere. A receiver without a slot has an empty `slot_name`; upstream
    /// leaves it out.
    /// Source: https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-WAL-RECEIVER-VIEW
    static let statWalReceiver = TableCollector(
        "stat_wal_receiver", "What a standby has received from its upstream server.", enabledByDefault: false,
        tables: [
            SQLTable(
                prefix: "pg_stat_wal_receiver", from: "pg_stat_wal_receiver WHERE pid IS NOT NULL",
                labels: [
                    .expression("upstream_host", "sender_host"), .column("slot_name"), .column("status"),
                ], rows: statWalReceiverRows)
        ])

    private static let statWalReceiverRows: [MetricRow] = [
        .counter(
            position("receive_start_lsn"), as: "receive_start_lsn",
            "WAL position at which the receiver started: the low 52 bits, in bytes."),
        .gauge("receive_start_tli", "Timeline at which the receiver started."),
        .counter(
            position("flushed_lsn"), as: "flushed_lsn",
            "WAL position received and flushed to disk: the low 52 bits, in bytes."),
        .gauge("received_tli", "Timeline of the last WAL received and flushed to disk."),
        .counter(
            "extract(epoch FROM last_msg_send_time)", as: "last_msg_send_time",
            "Unix time at which the last message was sent, by the sender's clock."),
        .counter(
            "extract(epoch FROM last_msg_receipt_time)", as: "last_msg_receipt_time",
            "Unix time at which the last message was received."),
        .counter(
            position("latest_end_lsn"), as: "latest_end_lsn",
            "WAL position last reported to the sender: the low 52 bits, in bytes."),
        .counter(
            "extract(epoch FROM latest_end_time)", as: "latest_end_time",
            "Unix time of the last report of a WAL position to the sender."),
        .gauge(
            "substring(slot_name from 'repmgr_slot_([0-9]+)')", as: "upstream_node",
            "Node id of the sender; only with slots named by repmgr."),
    ]

    private static func position(_ column: String) -> String { "(\(column) - '0/0') % (2^52)::bigint" }
}
