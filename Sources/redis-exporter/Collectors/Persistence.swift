internal import ExporterKit

/// Section `Persistence`. Durations of -1 mean that it has not happened yet or does not happen now.
/// Source: https://redis.io/docs/latest/commands/info/#persistence
enum Persistence {
    static func collector(_ namespace: String) -> FieldsCollector {
        FieldsCollector(
            "persistence", "Snapshots and append-only file, from INFO section Persistence.", namespace: namespace,
            rows: snapshot + appendOnly + added)
    }

    private static let snapshot: [MetricRow] = [
        .gauge("loading", as: "loading_dump_file", "Whether the server is loading its data."),
        .gauge("async_loading", "Whether a replica loads new data while it still serves the old."),
        .gauge("rdb_changes_since_last_save", "Changes since the last snapshot."),
        .gauge("rdb_bgsave_in_progress", "Whether a snapshot is being written."),
        .gauge(
            "rdb_last_save_time", as: "rdb_last_save_timestamp_seconds",
            "When the last snapshot succeeded, as seconds since 1970."),
        .gauge("rdb_last_bgsave_status", "Whether the last snapshot succeeded."),
        .gauge(
            "rdb_last_bgsave_time_sec", as: "rdb_last_bgsave_duration_sec",
            "Seconds the last snapshot took; -1 before the first."),
        .gauge(
            "rdb_current_bgsave_time_sec", as: "rdb_current_bgsave_duration_sec",
            "Seconds the running snapshot has taken; -1 for none."),
        .gauge("rdb_saves", as: "rdb_saves_total", "Snapshots written since the start."),
        .gauge(
            "rdb_last_cow_size", as: "rdb_last_cow_size_bytes",
            "Bytes copied because of changes during the last snapshot."),
        .gauge(
            "rdb_last_load_keys_expired", as: "rdb_last_load_expired_keys",
            "Keys dropped as expired when the snapshot was loaded."),
        .gauge("rdb_last_load_keys_loaded", as: "rdb_last_load_loaded_keys", "Keys loaded from the snapshot."),
        .gauge("module_fork_in_progress", "Whether a child process of a module is at work."),
        .gauge(
            "module_fork_last_cow_size", "Bytes copied because of changes during the last child process of a module."),
    ]

    private static let appendOnly: [MetricRow] = [
        .gauge("aof_enabled", "Whether the append-only file is on."),
        .gauge("aof_rewrite_in_progress", "Whether the append-only file is being rewritten."),
        .gauge("aof_rewrite_scheduled", "Whether a rewrite starts once the running snapshot is done."),
        .gauge(
            "aof_last_rewrite_time_sec", as: "aof_last_rewrite_duration_sec",
            "Seconds the last rewrite took; -1 before the first."),
        .gauge(
            "aof_current_rewrite_time_sec", as: "aof_current_rewrite_duration_sec",
            "Seconds the running rewrite has taken; -1 for none."),
        .gauge("aof_last_bgrewrite_status", "Whether the last rewrite succeeded."),
        .gauge("aof_last_write_status", "Whether the last write to the append-only file succeeded."),
        .gauge(
            "aof_last_cow_size", as: "aof_last_cow_size_bytes",
            "Bytes copied because of changes during the last rewrite."),
        .gauge("aof_current_size", as: "aof_current_size_bytes", "Bytes of the append-only file."),
        .gauge(
            "aof_base_size", as: "aof_base_size_bytes", "Bytes of the append-only file after the last start or rewrite."
        ),
        .gauge("aof_pending_rewrite", "Whether a rewrite waits for the running snapshot."),
        .gauge("aof_buffer_length", "Bytes that wait to be written to the append-only file."),
        .gauge("aof_rewrite_buffer_length", "Bytes that wait for the end of the running rewrite."),
        .gauge("aof_pending_bio_fsync", "Calls of fsync that wait in the background queue."),
        .gauge("aof_delayed_fsync", "Calls of fsync that were delayed since the start."),
    ]
}
