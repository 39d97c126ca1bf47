internal import ExporterKit

extension TableCollector {
    /// Replication slots under upstream's three label sets.
    ///
    /// `slot_confirmed_flush_lsn` is there for every logical slot, also for one that nobody reads from: upstream leaves it
    /// out just when it matters, and shows 0 for physical slots, which confirm nothing.
    /// Source: https://www.postgresql.org/docs/current/view-pg-replication-slots.html
    static let replicationSlots = TableCollector(
        "replication_slots", "State of each replication slot and how much WAL it holds.",
        tables: [
            SQLTable(
                prefix: "pg_replication_slots", from: "pg_replication_slots",
                labels: [.column("slot_name"), .column("database")],
                rows: [
                    .gauge("active::int", as: "active", isActive),
                    .gauge(
                        "(\(SQLText.currentWAL)) - restart_lsn", as: "pg_wal_lsn_diff",
                        "Bytes of WAL from the oldest that the slot needs to the newest of this server."),
                ]),
            SQLTable(
                prefix: "pg_replication_slots", from: "pg_replication_slots",
                labels: [.column("slot_name"), .column("slot_type")],
                rows: [
                    .gauge(
                        "(\(SQLText.currentWAL)) - '0/0'", as: "slot_current_wal_lsn",
                        "WAL position of this server, in bytes."),
                    .gauge(
                        "confirmed_flush_lsn - '0/0'", as: "slot_confirmed_flush_lsn",
                        "WAL position up to which the reader of a logical slot has confirmed everything, in bytes."),
                    .gauge("active::int", as: "slot_is_active", isActive),
                    .gauge(
                        "safe_wal_size", as: "safe_wal_size_bytes",
                        "Bytes of WAL that can be written before the slot may be lost; absent without a limit."),
                ]),
            SQLTable(
                prefix: "pg_replication_slots", from: "pg_replication_slots WHERE wal_status IS NOT NULL",
                labels: [.column("slot_name"), .column("slot_type"), .column("wal_status")],
                rows: [
                    .gauge("1", as: "wal_status", "1 for what the label says of the WAL that the slot needs.")
                ]),
        ])

    private static let isActive = "1 when something reads from the slot now, else 0."
}
