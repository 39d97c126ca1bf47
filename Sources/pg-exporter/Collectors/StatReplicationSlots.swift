internal import ExporterKit

extension TableCollector {
    /// Logical decoding on the publisher, one row per logical slot.
    /// Source: https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-REPLICATION-SLOTS-VIEW
    static let statReplicationSlots = TableCollector(
        "stat_replication_slots", "Work of logical decoding by replication slot, from version 14.",
        tables: [
            SQLTable(
                prefix: "pg_stat_replication_slots", from: "pg_stat_replication_slots",
                labels: [.column("slot_name")], rows: statReplicationSlotsRows)
        ])

    private static let statReplicationSlotsRows: [MetricRow] = [
        .counter(
            "spill_txns", as: "spill_txns_total",
            "Transactions spilled to disk because they did not fit into logical_decoding_work_mem.", since: .v14),
        .counter("spill_count", as: "spills_total", "Times transactions were spilled to disk.", since: .v14),
        .counter("spill_bytes", as: "spill_bytes_total", "Bytes of decoded changes spilled to disk.", since: .v14),
        .counter(
            "stream_txns", as: "stream_txns_total", "Transactions streamed before they were committed.", since: .v14),
        .counter("stream_count", as: "streams_total", "Times transactions were streamed.", since: .v14),
        .counter("stream_bytes", as: "stream_bytes_total", "Bytes of decoded changes streamed.", since: .v14),
        .counter("total_txns", as: "txns_total", "Transactions sent to the output plugin.", since: .v14),
        .counter("total_bytes", as: "bytes_total", "Bytes of changes decoded for the output plugin.", since: .v14),
    ]
}
