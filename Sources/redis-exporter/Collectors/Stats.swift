internal import ExporterKit

/// Section `Stats`. Kinds are those of redis_exporter, which types some counters as gauges.
/// Source: https://redis.io/docs/latest/commands/info/#stats
enum Stats {
    static func collector(_ namespace: String) -> FieldsCollector {
        FieldsCollector(
            "stats", "Commands, traffic, keys, errors and the event loop, from INFO section Stats.",
            namespace: namespace,
            rows: traffic + keys + replication + errors + machinery + added + addedMachinery)
    }

    private static let traffic: [MetricRow] = [
        .counter("total_connections_received", as: "connections_received_total", "Connections accepted."),
        .counter(
            "rejected_connections", as: "rejected_connections_total", "Connections refused because of maxclients."),
        .counter("total_commands_processed", as: "commands_processed_total", "Commands executed."),
        .counter("total_net_input_bytes", as: "net_input_bytes_total", "Bytes read from the network."),
        .counter("total_net_output_bytes", as: "net_output_bytes_total", "Bytes written to the network."),
        .counter(
            "total_net_repl_input_bytes", as: "net_repl_input_bytes_total",
            "Bytes read from the network for replication."),
        .counter(
            "total_net_repl_output_bytes", as: "net_repl_output_bytes_total",
            "Bytes written to the network for replication."),
        .counter("total_reads_processed", "Reads from connections."),
        .counter("total_writes_processed", "Writes to connections."),
        .counter("io_threaded_reads_processed", "Reads done by I/O threads."),
        .counter("io_threaded_writes_processed", "Writes done by I/O threads."),
        .counter("reply_buffer_shrinks", as: "reply_buffer_shrinks_total", "Times an output buffer was made smaller."),
        .counter("reply_buffer_expands", as: "reply_buffer_expands_total", "Times an output buffer was made larger."),
        .gauge("pubsub_channels", "Channels with subscribers."),
        .gauge("pubsub_patterns", "Patterns with subscribers."),
        .gauge("pubsubshard_channels", "Shard channels with subscribers."),
        .gauge("tracking_total_keys", "Keys whose readers are told of changes."),
        .gauge("tracking_total_items", "Sum of clients over the keys whose readers are told of changes."),
        .gauge("tracking_total_prefixes", "Prefixes whose subscribers are told of changes."),
    ]

    private static let keys: [MetricRow] = [
        .counter("keyspace_hits", as: "keyspace_hits_total", "Lookups that found their key."),
        .counter("keyspace_misses", as: "keyspace_misses_total", "Lookups that found no key."),
        .counter("expired_keys", as: "expired_keys_total", "Keys removed because their time was over."),
        .counter(
            "expired_subkeys", as: "expired_subkeys_total", "Hash fields removed because their time was over; Redis."),
        .counter(
            "expired_fields", as: "expired_fields_total", "Hash fields removed because their time was over; Valkey."),
        .gauge(
            "expired_stale_perc", as: "expired_stale_percentage",
            "Estimated share of keys that have expired and are still there, in percent."),
        .gauge(
            "expired_keys_with_volatile_items_stale_perc", as: "expired_keys_with_volatile_items_stale_percentage",
            "Estimated share of hashes with expired fields that are still there, in percent."),
        .counter(
            "expired_time_cap_reached_count", as: "expired_time_cap_reached_total",
            "Times the search for expired keys ended early because of its time limit."),
        .counter(
            "expire_cycle_cpu_milliseconds", as: "expire_cycle_cpu_time_ms_total",
            "Milliseconds spent searching for expired keys."),
        .counter("evicted_keys", as: "evicted_keys_total", "Keys evicted because of maxmemory."),
        .counter("evicted_clients", as: "evicted_clients_total", "Clients disconnected because of maxmemory-clients."),
        .counter("evicted_scripts", as: "evicted_scripts_total", "EVAL scripts dropped to bound the cache of scripts."),
        .counter(
            "total_eviction_exceeded_time", as: "eviction_exceeded_time_ms_total",
            "Milliseconds that memory was above maxmemory."),
        .gauge(
            "current_eviction_exceeded_time", as: "current_eviction_exceeded_time_ms",
            "Milliseconds that memory has now been above maxmemory; 0 when it is not."),
        .counter("cached_keys", as: "cached_keys_total", "Keys held in memory; KeyDB only."),
        .counter("storage_provider_read_hits", "Reads that found their key in the storage provider; KeyDB only."),
        .counter("storage_provider_read_misses", "Reads that found no key in the storage provider; KeyDB only."),
    ]

    private static let replication: [MetricRow] = [
        .gauge("sync_full", as: "replica_resyncs_full", "Full resynchronisations with replicas since the start."),
        .gauge(
            "sync_partial_ok", as: "replica_partial_resync_accepted",
            "Partial resynchronisations granted since the start."),
        .gauge(
            "sync_partial_err", as: "replica_partial_resync_denied",
            "Partial resynchronisations denied since the start."),
        .gauge("slave_expires_tracked_keys", "Keys with a time limit that a writable replica keeps track of."),
        .gauge("migrate_cached_sockets", as: "migrate_cached_sockets_total", "Open connections for MIGRATE."),
    ]

    private static let errors: [MetricRow] = [
        .counter("total_error_replies", "Errors sent to clients."),
        .counter("unexpected_error_replies", "Unexpected errors, such as those of loading an append-only file."),
        .counter("dump_payload_sanitizations", "Deep checks of payloads given to RESTORE."),
        .counter("acl_access_denied_auth", as: "acl_access_denied_auth_total", "Failed authentications."),
        .counter(
            "acl_access_denied_cmd", as: "acl_access_denied_cmd_total", "Commands denied by the rules about commands."),
        .counter(
            "acl_access_denied_key", as: "acl_access_denied_key_total", "Commands denied by the rules about keys."),
        .counter(
            "acl_access_denied_channel", as: "acl_access_denied_channel_total",
            "Commands denied by the rules about channels."),
        .counter(
            "acl_access_denied_db", as: "acl_access_denied_db_total", "Commands denied by the rules about databases."),
        .counter(
            "acl_access_denied_tls_cert", as: "acl_access_denied_tls_cert_total",
            "Authentications by client certificate that were denied."),
        .counter(
            "client_query_buffer_limit_disconnections", as: "client_query_buffer_limit_disconnections_total",
            "Clients disconnected because their query buffer was too large."),
        .counter(
            "client_output_buffer_limit_disconnections", as: "client_output_buffer_limit_disconnections_total",
            "Clients disconnected because their output buffer was too large."),
    ]

    private static let machinery: [MetricRow] = [
        .gauge("latest_fork_usec", as: "latest_fork_seconds", "Seconds the last fork took.", in: .microseconds),
        .gauge("active_defrag_hits", as: "defrag_hits", "Values moved by defragmentation since the start."),
        .gauge(
            "active_defrag_misses", as: "defrag_misses",
            "Values defragmentation looked at and did not move, since the start."),
        .gauge("active_defrag_key_hits", as: "defrag_key_hits", "Keys defragmented since the start."),
        .gauge("active_defrag_key_misses", as: "defrag_key_misses", "Keys defragmentation skipped since the start."),
        .counter("eventloop_cycles", as: "eventloop_cycles_total", "Turns of the event loop."),
        .counter(
            "eventloop_duration_sum", as: "eventloop_duration_sum_usec_total",
            "Microseconds spent in the event loop, waiting left out."),
        .counter(
            "eventloop_duration_cmd_sum", as: "eventloop_duration_cmd_sum_usec_total",
            "Microseconds of the event loop spent executing commands."),
        .gauge("instantaneous_eventloop_cycles_per_sec", "Turns of the event loop per second, of late."),
        .gauge("instantaneous_eventloop_duration_usec", "Microseconds a turn of the event loop takes, of late."),
    ]
}
