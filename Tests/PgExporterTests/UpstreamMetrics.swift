/// What the official exporter gives for these collectors: collector, name, type, labels, server versions.
/// Recorded from its release 0.20; settings follow rules and are tested by their own table.
enum UpstreamMetrics {
    struct Fact: Sendable, CustomStringConvertible {
        let collector: String
        let name: String
        let kind: String
        let labels: [String]
        let versions: String

        var description: String { name }

        /// Whether a server of this major version has it.
        func exists(in major: Int) -> Bool {
            switch versions {
            case "..<17": major < 17
            case "17...": major >= 17
            case "14...": major >= 14
            default: true
            }
        }
    }

    static let facts: [Fact] = table.split(separator: "\n").map { line in
        let fields = line.split(separator: " ").map(String.init)
        let labels = fields[3] == "-" ? [] : fields[3].split(separator: ",").map(String.init)
        return Fact(collector: fields[0], name: fields[1], kind: fields[2], labels: labels, versions: fields[4])
    }

    private static let table = """
        database pg_database_size_bytes gauge datname all
        database pg_database_connection_limit gauge datname all
        locks pg_locks_count gauge datname,mode all
        replication pg_replication_lag_seconds gauge - all
        replication pg_replication_is_replica gauge - all
        replication pg_replication_last_replay_seconds gauge - all
        stat_activity pg_stat_activity_count gauge datname,state,usename,application_name,backend_type,wait_event_type,wait_event all
        stat_activity pg_stat_activity_max_tx_duration gauge datname,state,usename,application_name,backend_type,wait_event_type,wait_event all
        stat_bgwriter pg_stat_bgwriter_checkpoints_timed_total counter - ..<17
        stat_bgwriter pg_stat_bgwriter_checkpoints_req_total counter - ..<17
        stat_bgwriter pg_stat_bgwriter_checkpoint_write_time_total counter - ..<17
        stat_bgwriter pg_stat_bgwriter_checkpoint_sync_time_total counter - ..<17
        stat_bgwriter pg_stat_bgwriter_buffers_checkpoint_total counter - ..<17
        stat_bgwriter pg_stat_bgwriter_buffers_clean_total counter - all
        stat_bgwriter pg_stat_bgwriter_maxwritten_clean_total counter - all
        stat_bgwriter pg_stat_bgwriter_buffers_backend_total counter - ..<17
        stat_bgwriter pg_stat_bgwriter_buffers_backend_fsync_total counter - ..<17
        stat_bgwriter pg_stat_bgwriter_buffers_alloc_total counter - all
        stat_bgwriter pg_stat_bgwriter_stats_reset_total counter - all
        stat_checkpointer pg_stat_checkpointer_num_timed_total counter - 17...
        stat_checkpointer pg_stat_checkpointer_num_requested_total counter - 17...
        stat_checkpointer pg_stat_checkpointer_restartpoints_timed_total counter - 17...
        stat_checkpointer pg_stat_checkpointer_restartpoints_req_total counter - 17...
        stat_checkpointer pg_stat_checkpointer_restartpoints_done_total counter - 17...
        stat_checkpointer pg_stat_checkpointer_write_time_total counter - 17...
        stat_checkpointer pg_stat_checkpointer_sync_time_total counter - 17...
        stat_checkpointer pg_stat_checkpointer_buffers_written_total counter - 17...
        stat_checkpointer pg_stat_checkpointer_stats_reset_total counter - 17...
        stat_database pg_stat_database_numbackends gauge datid,datname all
        stat_database pg_stat_database_xact_commit counter datid,datname all
        stat_database pg_stat_database_xact_rollback counter datid,datname all
        stat_database pg_stat_database_blks_read counter datid,datname all
        stat_database pg_stat_database_blks_hit counter datid,datname all
        stat_database pg_stat_database_tup_returned counter datid,datname all
        stat_database pg_stat_database_tup_fetched counter datid,datname all
        stat_database pg_stat_database_tup_inserted counter datid,datname all
        stat_database pg_stat_database_tup_updated counter datid,datname all
        stat_database pg_stat_database_tup_deleted counter datid,datname all
        stat_database pg_stat_database_conflicts counter datid,datname all
        stat_database pg_stat_database_temp_files counter datid,datname all
        stat_database pg_stat_database_temp_bytes counter datid,datname all
        stat_database pg_stat_database_deadlocks counter datid,datname all
        stat_database pg_stat_database_blk_read_time counter datid,datname all
        stat_database pg_stat_database_blk_write_time counter datid,datname all
        stat_database pg_stat_database_stats_reset counter datid,datname all
        stat_database pg_stat_database_active_time_seconds_total counter datid,datname 14...
        stat_user_tables pg_stat_user_tables_seq_scan counter datname,schemaname,relname all
        stat_user_tables pg_stat_user_tables_seq_tup_read counter datname,schemaname,relname all
        stat_user_tables pg_stat_user_tables_idx_scan counter datname,schemaname,relname all
        stat_user_tables pg_stat_user_tables_idx_tup_fetch counter datname,schemaname,relname all
        stat_user_tables pg_stat_user_tables_n_tup_ins counter datname,schemaname,relname all
        stat_user_tables pg_stat_user_tables_n_tup_upd counter datname,schemaname,relname all
        stat_user_tables pg_stat_user_tables_n_tup_del counter datname,schemaname,relname all
        stat_user_tables pg_stat_user_tables_n_tup_hot_upd counter datname,schemaname,relname all
        stat_user_tables pg_stat_user_tables_n_live_tup gauge datname,schemaname,relname all
        stat_user_tables pg_stat_user_tables_n_dead_tup gauge datname,schemaname,relname all
        stat_user_tables pg_stat_user_tables_n_mod_since_analyze gauge datname,schemaname,relname all
        stat_user_tables pg_stat_user_tables_last_vacuum gauge datname,schemaname,relname all
        stat_user_tables pg_stat_user_tables_last_autovacuum gauge datname,schemaname,relname all
        stat_user_tables pg_stat_user_tables_last_analyze gauge datname,schemaname,relname all
        stat_user_tables pg_stat_user_tables_last_autoanalyze gauge datname,schemaname,relname all
        stat_user_tables pg_stat_user_tables_vacuum_count counter datname,schemaname,relname all
        stat_user_tables pg_stat_user_tables_autovacuum_count counter datname,schemaname,relname all
        stat_user_tables pg_stat_user_tables_analyze_count counter datname,schemaname,relname all
        stat_user_tables pg_stat_user_tables_autoanalyze_count counter datname,schemaname,relname all
        stat_user_tables pg_stat_user_tables_index_size_bytes gauge datname,schemaname,relname all
        stat_user_tables pg_stat_user_tables_table_size_bytes gauge datname,schemaname,relname all
        wal pg_wal_segments gauge - all
        wal pg_wal_size_bytes gauge - all
        """
}
