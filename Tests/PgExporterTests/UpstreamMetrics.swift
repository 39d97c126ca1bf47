/// What the official exporter gives on servers from version 13: collector, name, type, labels, server versions.
/// Recorded from its release 0.20.1; settings follow rules and are tested by their own table.
///
/// Two lines are as they are right, not as they are there: `max_dead_tuples` is in bytes from version 17 on, and
/// `pg_xlog_location_bytes` ends with version 9.6. The label `pid` of `stat_replication` is younger than 0.20.1.
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
            case "16...": major >= 16
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
        buffercache_summary pg_buffercache_summary_buffers_used gauge - 16...
        buffercache_summary pg_buffercache_summary_buffers_unused gauge - 16...
        buffercache_summary pg_buffercache_summary_buffers_dirty gauge - 16...
        buffercache_summary pg_buffercache_summary_buffers_pinned gauge - 16...
        buffercache_summary pg_buffercache_summary_usagecount_avg gauge - 16...
        database pg_database_size_bytes gauge datname all
        database pg_database_connection_limit gauge datname all
        database_wraparound pg_database_wraparound_age_datfrozenxid_seconds gauge datname all
        database_wraparound pg_database_wraparound_age_datminmxid_seconds gauge datname all
        locks pg_locks_count gauge datname,mode all
        long_running_transactions pg_long_running_transactions gauge - all
        long_running_transactions pg_long_running_transactions_oldest_timestamp_seconds gauge - all
        postmaster pg_postmaster_start_time_seconds gauge - all
        process_idle pg_process_idle_seconds histogram state,application_name all
        replication pg_replication_lag_seconds gauge - all
        replication pg_replication_is_replica gauge - all
        replication pg_replication_last_replay_seconds gauge - all
        replication_slots pg_replication_slots_active gauge slot_name,database all
        replication_slots pg_replication_slots_pg_wal_lsn_diff gauge slot_name,database all
        replication_slots pg_replication_slots_slot_current_wal_lsn gauge slot_name,slot_type all
        replication_slots pg_replication_slots_slot_confirmed_flush_lsn gauge slot_name,slot_type all
        replication_slots pg_replication_slots_slot_is_active gauge slot_name,slot_type all
        replication_slots pg_replication_slots_safe_wal_size_bytes gauge slot_name,slot_type all
        replication_slots pg_replication_slots_wal_status gauge slot_name,slot_type,wal_status all
        roles pg_roles_connection_limit gauge rolname all
        stat_activity pg_stat_activity_count gauge datname,state,usename,application_name,backend_type,wait_event_type,wait_event all
        stat_activity pg_stat_activity_max_tx_duration gauge datname,state,usename,application_name,backend_type,wait_event_type,wait_event all
        stat_activity_autovacuum pg_stat_activity_autovacuum_timestamp_seconds gauge relname all
        stat_archiver pg_stat_archiver_archived_count counter - all
        stat_archiver pg_stat_archiver_failed_count counter - all
        stat_archiver pg_stat_archiver_last_archive_age gauge - all
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
        stat_database_conflicts pg_stat_database_conflicts_confl_tablespace counter datid,datname,server all
        stat_database_conflicts pg_stat_database_conflicts_confl_lock counter datid,datname,server all
        stat_database_conflicts pg_stat_database_conflicts_confl_snapshot counter datid,datname,server all
        stat_database_conflicts pg_stat_database_conflicts_confl_bufferpin counter datid,datname,server all
        stat_database_conflicts pg_stat_database_conflicts_confl_deadlock counter datid,datname,server all
        stat_database_conflicts pg_stat_database_conflicts_confl_active_logicalslot unknown datid,datname,server 16...
        stat_progress_vacuum pg_stat_progress_vacuum_phase gauge datname,relname,phase all
        stat_progress_vacuum pg_stat_progress_vacuum_heap_blks gauge datname,relname all
        stat_progress_vacuum pg_stat_progress_vacuum_heap_blks_scanned gauge datname,relname all
        stat_progress_vacuum pg_stat_progress_vacuum_heap_blks_vacuumed gauge datname,relname all
        stat_progress_vacuum pg_stat_progress_vacuum_index_vacuums gauge datname,relname all
        stat_progress_vacuum pg_stat_progress_vacuum_max_dead_tuples gauge datname,relname ..<17
        stat_progress_vacuum pg_stat_progress_vacuum_num_dead_tuples gauge datname,relname all
        stat_replication pg_stat_replication_pg_current_wal_lsn_bytes gauge application_name,client_addr,state,slot_name all
        stat_replication pg_stat_replication_pg_wal_lsn_diff gauge application_name,client_addr,state,slot_name all
        stat_statements pg_stat_statements_calls_total counter user,datname,queryid all
        stat_statements pg_stat_statements_seconds_total counter user,datname,queryid all
        stat_statements pg_stat_statements_rows_total counter user,datname,queryid all
        stat_statements pg_stat_statements_block_read_seconds_total counter user,datname,queryid all
        stat_statements pg_stat_statements_block_write_seconds_total counter user,datname,queryid all
        stat_statements pg_stat_statements_query_id counter queryid,query all
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
        stat_wal_receiver pg_stat_wal_receiver_receive_start_lsn counter upstream_host,slot_name,status all
        stat_wal_receiver pg_stat_wal_receiver_receive_start_tli gauge upstream_host,slot_name,status all
        stat_wal_receiver pg_stat_wal_receiver_flushed_lsn counter upstream_host,slot_name,status all
        stat_wal_receiver pg_stat_wal_receiver_received_tli gauge upstream_host,slot_name,status all
        stat_wal_receiver pg_stat_wal_receiver_last_msg_send_time counter upstream_host,slot_name,status all
        stat_wal_receiver pg_stat_wal_receiver_last_msg_receipt_time counter upstream_host,slot_name,status all
        stat_wal_receiver pg_stat_wal_receiver_latest_end_lsn counter upstream_host,slot_name,status all
        stat_wal_receiver pg_stat_wal_receiver_latest_end_time counter upstream_host,slot_name,status all
        stat_wal_receiver pg_stat_wal_receiver_upstream_node gauge upstream_host,slot_name,status all
        statio_user_indexes pg_statio_user_indexes_idx_blks_read_total counter schemaname,relname,indexrelname all
        statio_user_indexes pg_statio_user_indexes_idx_blks_hit_total counter schemaname,relname,indexrelname all
        statio_user_tables pg_statio_user_tables_heap_blocks_read counter datname,schemaname,relname all
        statio_user_tables pg_statio_user_tables_heap_blocks_hit counter datname,schemaname,relname all
        statio_user_tables pg_statio_user_tables_idx_blocks_read counter datname,schemaname,relname all
        statio_user_tables pg_statio_user_tables_idx_blocks_hit counter datname,schemaname,relname all
        statio_user_tables pg_statio_user_tables_toast_blocks_read counter datname,schemaname,relname all
        statio_user_tables pg_statio_user_tables_toast_blocks_hit counter datname,schemaname,relname all
        statio_user_tables pg_statio_user_tables_tidx_blocks_read counter datname,schemaname,relname all
        statio_user_tables pg_statio_user_tables_tidx_blocks_hit counter datname,schemaname,relname all
        wal pg_wal_segments gauge - all
        wal pg_wal_size_bytes gauge - all
        xlog_location pg_xlog_location_bytes gauge - all
        """
}
