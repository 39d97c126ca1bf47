internal import ExporterKit

extension Stats {
    /// What redis_exporter does not have: rates the server computes itself, and counters of newer servers.
    static let added: [MetricRow] = [
        .gauge(
            "instantaneous_ops_per_sec", as: "instantaneous_commands_per_second", "Commands per second, of late."),
        .gauge(
            "instantaneous_input_kbps", as: "instantaneous_input_bytes_per_second",
            "Bytes per second read from the network, of late.", in: .kibibytes),
        .gauge(
            "instantaneous_output_kbps", as: "instantaneous_output_bytes_per_second",
            "Bytes per second written to the network, of late.", in: .kibibytes),
        .gauge(
            "instantaneous_input_repl_kbps", as: "instantaneous_input_repl_bytes_per_second",
            "Bytes per second read from the network for replication, of late.", in: .kibibytes),
        .gauge(
            "instantaneous_output_repl_kbps", as: "instantaneous_output_repl_bytes_per_second",
            "Bytes per second written to the network for replication, of late.", in: .kibibytes),
        .counter(
            "total_net_cluster_slot_import_bytes", as: "net_cluster_slot_import_bytes_total",
            "Bytes of slots received from other nodes."),
        .counter(
            "total_net_cluster_slot_export_bytes", as: "net_cluster_slot_export_bytes_total",
            "Bytes of slots sent to other nodes."),
        .counter("total_forks", as: "forks_total", "Child processes for snapshots, rewrites and modules."),
        .counter(
            "expired_keys_active", as: "expired_keys_active_total",
            "Keys removed by the search for expired ones, not because someone asked for them."),
        .counter(
            "expired_subkeys_active", as: "expired_subkeys_active_total",
            "Hash fields removed by the search for expired ones."),
        .counter(
            "total_active_defrag_time", as: "active_defrag_seconds_total",
            "Seconds that memory was too fragmented and defragmentation at work.", in: .milliseconds),
        .gauge(
            "current_active_defrag_time", as: "active_defrag_current_seconds",
            "Seconds that defragmentation has now been at work; 0 when it is not.", in: .milliseconds),
    ]

    /// Threads, pipelines and the slow log.
    static let addedMachinery: [MetricRow] = [
        .counter(
            "io_threaded_total_prefetch_batches", as: "io_threaded_prefetch_batches_total",
            "Batches of commands whose keys were fetched into the cache ahead."),
        .counter(
            "io_threaded_total_prefetch_entries", as: "io_threaded_prefetch_entries_total",
            "Keys fetched into the cache ahead."),
        .counter(
            "io_threaded_freed_objects", as: "io_threaded_freed_objects_total", "Objects freed by I/O threads."),
        .counter(
            "io_threaded_poll_processed", as: "io_threaded_polls_total", "Times I/O threads asked for ready sockets."),
        .counter(
            "io_threaded_accept_processed", as: "io_threaded_accepts_total", "Connections set up by I/O threads."),
        .counter(
            "slowlog_commands_count", as: "slowlog_commands_total", "Commands that came into the slow log."),
        .counter(
            "slowlog_commands_time_ms_sum", as: "slowlog_commands_duration_seconds_total",
            "Seconds of the commands that came into the slow log.", in: .milliseconds),
        .gauge(
            "slowlog_commands_time_ms_max", as: "slowlog_commands_longest_seconds",
            "Seconds of the slowest command that came into the slow log.", in: .milliseconds),
        .counter(
            "total_client_processing_events", as: "client_processing_events_total",
            "Times the commands of a client were worked on."),
        .counter(
            "eventloop_cycles_with_clients_processing", as: "eventloop_cycles_with_clients_total",
            "Turns of the event loop with commands of clients."),
        .counter(
            "avg_pipeline_length_sum", as: "pipeline_commands_total", "Commands that came together with others, summed."
        ),
        .counter("avg_pipeline_length_cnt", as: "pipelines_total", "Reads that brought whole commands."),
    ]
}
