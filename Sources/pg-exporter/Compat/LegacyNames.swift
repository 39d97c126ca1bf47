/// What older releases called their metrics. Each table is what one release changed, so that a release's names are those of
/// all tables that reach to it.
enum LegacyNames {
    static let all =
        slots + slotsOf12 + checkpoints + tableSizes + bgwriter + queriesFile + queriesFileBlocks
        + queriesFileStatements

    /// 0.20 renamed the collector `replication_slot`.
    private static let slots: [LegacyName] = [
        slot("slot_current_wal_lsn", 13...19), slot("slot_confirmed_flush_lsn", 13...19),
        slot("slot_is_active", 13...19), slot("safe_wal_size_bytes", 16...19), slot("wal_status", 16...19),
    ]

    /// 0.13 put `slot_` before them.
    private static let slotsOf12: [LegacyName] = ["current_wal_lsn", "confirmed_flush_lsn", "is_active"].map {
        same("pg_replication_slot_\($0)", as: "pg_replication_slots_slot_\($0)", 12...12)
    }

    /// A server from version 17 on has them elsewhere, where no release looked for them under these names.
    private static let checkpoints: [LegacyName] = [
        same("pg_stat_bgwriter_checkpoints_timed_total", as: "pg_stat_checkpointer_num_timed_total", 11...19),
        same("pg_stat_bgwriter_checkpoints_req_total", as: "pg_stat_checkpointer_num_requested_total", 11...19),
        same("pg_stat_bgwriter_checkpoint_write_time_total", as: "pg_stat_checkpointer_write_time_total", 11...19),
        same("pg_stat_bgwriter_checkpoint_sync_time_total", as: "pg_stat_checkpointer_sync_time_total", 11...19),
        same("pg_stat_bgwriter_buffers_checkpoint_total", as: "pg_stat_checkpointer_buffers_written_total", 11...19),
    ]

    /// 0.18 tells table and indexes apart.
    private static let tableSizes: [LegacyName] = [
        LegacyName(
            name: "pg_stat_user_tables_size_bytes",
            origin: .sum(["pg_stat_user_tables_table_size_bytes", "pg_stat_user_tables_index_size_bytes"]),
            releases: 14...17)
    ]

    /// 0.11 put `_total` behind them and dropped `server`.
    private static let bgwriter: [LegacyName] = [
        bgwriter("checkpoints_timed", "num_timed"), bgwriter("checkpoints_req", "num_requested"),
        bgwriter("checkpoint_write_time", "write_time"), bgwriter("checkpoint_sync_time", "sync_time"),
        bgwriter("buffers_checkpoint", "buffers_written"), bgwriter("buffers_clean"), bgwriter("maxwritten_clean"),
        bgwriter("buffers_backend"), bgwriter("buffers_backend_fsync"), bgwriter("buffers_alloc"),
        bgwriter("stats_reset"),
    ]

    /// 0.13 made collectors of what came as `queries.yaml`, the file of custom queries that most people used.
    private static let queriesFile: [LegacyName] = [
        same("pg_replication_lag", as: "pg_replication_lag_seconds", 10...12),
        same("pg_database_size", as: "pg_database_size_bytes", 10...12),
    ]

    private static let queriesFileBlocks: [LegacyName] = ["heap", "idx", "toast", "tidx"].flatMap { part in
        ["read", "hit"].map { what in
            same(
                "pg_statio_user_tables_\(part)_blks_\(what)", as: "pg_statio_user_tables_\(part)_blocks_\(what)",
                10...12)
        }
    }

    private static let queriesFileStatements: [LegacyName] = [
        same("pg_stat_statements_calls", as: "pg_stat_statements_calls_total", 10...12),
        same("pg_stat_statements_total_time_seconds", as: "pg_stat_statements_seconds_total", 10...12),
        same("pg_stat_statements_rows", as: "pg_stat_statements_rows_total", 10...12),
        same("pg_stat_statements_blk_read_time_seconds", as: "pg_stat_statements_block_read_seconds_total", 10...12),
        same("pg_stat_statements_blk_write_time_seconds", as: "pg_stat_statements_block_write_seconds_total", 10...12),
    ]

    private static func same(_ name: String, as today: String, _ releases: ClosedRange<Int>) -> LegacyName {
        LegacyName(name: name, origin: .first([today]), releases: releases)
    }

    private static func slot(_ field: String, _ releases: ClosedRange<Int>) -> LegacyName {
        same("pg_replication_slot_\(field)", as: "pg_replication_slots_\(field)", releases)
    }

    /// - Parameter checkpointer: its name where the checkpointer has it.
    private static func bgwriter(_ field: String, _ checkpointer: String? = nil) -> LegacyName {
        let names =
            ["pg_stat_bgwriter_\(field)_total"] + (checkpointer.map { ["pg_stat_checkpointer_\($0)_total"] } ?? [])
        return LegacyName(
            name: "pg_stat_bgwriter_\(field)", origin: .first(names), releases: 10...10, hasServer: true)
    }
}

/// Metrics that had the label `server` once and are called the same today.
struct LegacyServerLabel: Sendable {
    /// The name, or with `*` at its end how it begins.
    let pattern: String
    let releases: ClosedRange<Int>

    /// Whether a metric is meant.
    func matches(_ name: String) -> Bool {
        pattern.last == "*" ? name.hasPrefix(pattern.dropLast()) : name == pattern
    }

    static let all: [LegacyServerLabel] = [
        LegacyServerLabel(pattern: "pg_settings_*", releases: 10...19),
        LegacyServerLabel(pattern: "pg_stat_activity_count", releases: 10...19),
        LegacyServerLabel(pattern: "pg_stat_activity_max_tx_duration", releases: 10...19),
        LegacyServerLabel(pattern: "pg_stat_archiver_*", releases: 10...19),
        LegacyServerLabel(pattern: "pg_stat_replication_*", releases: 10...19),
        LegacyServerLabel(pattern: "pg_replication_slots_active", releases: 10...19),
        LegacyServerLabel(pattern: "pg_replication_slots_pg_wal_lsn_diff", releases: 10...19),
        LegacyServerLabel(pattern: "pg_locks_count", releases: 10...13),
        LegacyServerLabel(pattern: "pg_stat_database_*", releases: 10...12),
    ]
}
