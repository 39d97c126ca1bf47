internal import ExporterKit

extension Persistence {
    /// What redis_exporter does not have: how far loading and saving are.
    static let added: [MetricRow] = [
        .gauge(
            "loading_start_time", as: "loading_start_timestamp_seconds",
            "When loading began, as seconds since 1970; only while loading."),
        .gauge("loading_total_bytes", as: "loading_size_bytes", "Bytes of the file being loaded; only while loading."),
        .gauge("loading_loaded_bytes", "Bytes loaded so far; only while loading."),
        .gauge(
            "loading_loaded_perc", as: "loading_loaded_ratio", "Share of the file loaded so far; only while loading.",
            in: .percent),
        .gauge("loading_eta_seconds", "Seconds that loading will still take, about; only while loading."),
        .gauge(
            "loading_rdb_used_mem", as: "loading_rdb_used_memory_bytes",
            "Bytes the server had allocated when the file was written; only while loading."),
        .gauge(
            "current_cow_peak", as: "current_cow_peak_bytes",
            "Most bytes copied because of changes while the child process runs."),
        .gauge(
            "current_cow_size", as: "current_cow_size_bytes",
            "Bytes copied because of changes while the child process runs."),
        .gauge(
            "current_cow_size_age", as: "current_cow_size_age_seconds", "Seconds since those bytes were counted."),
        .gauge(
            "current_fork_perc", as: "current_fork_ratio", "How far the child process is, 0 to 1.", in: .percent),
        .gauge("current_save_keys_processed", "Keys the child process has written."),
        .gauge("current_save_keys_total", as: "current_save_keys", "Keys the child process has to write."),
        .gauge("slot_migration_fork_in_progress", "Whether a child process sends slots to another node."),
        .counter("aof_rewrites", as: "aof_rewrites_total", "Rewrites of the append-only file."),
        .gauge(
            "aof_rewrites_consecutive_failures", "Rewrites of the append-only file that failed in a row until now."),
    ]
}
