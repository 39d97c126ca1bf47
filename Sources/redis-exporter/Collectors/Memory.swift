internal import ExporterKit

/// Section `Memory`.
/// Source: https://redis.io/docs/latest/commands/info/#memory
enum Memory {
    /// - Parameter includesSystem: tell the memory of the machine, too.
    static func collector(_ namespace: String, includesSystem: Bool = false) -> FieldsCollector {
        FieldsCollector(
            "memory", "Memory by purpose, allocator and fragmentation, from INFO section Memory.", namespace: namespace,
            rows: used + overhead + allocator + scripts + azure + added + (includesSystem ? system : []))
    }

    private static let system: [MetricRow] = [
        .gauge("total_system_memory", as: "total_system_memory_bytes", "Bytes of memory of the server's machine.")
    ]

    private static let used: [MetricRow] = [
        .gauge("used_memory", as: "memory_used_bytes", "Bytes allocated by the server."),
        .gauge(
            "used_memory_rss", as: "memory_used_rss_bytes",
            "Bytes of the server in physical memory, as the system sees it."),
        .gauge("used_memory_peak", as: "memory_used_peak_bytes", "Most bytes ever allocated since the start."),
        .gauge(
            "used_memory_overhead", as: "memory_used_overhead_bytes",
            "Bytes for managing the data, such as tables and buffers."),
        .gauge("used_memory_startup", as: "memory_used_startup_bytes", "Bytes allocated right after the start."),
        .gauge("used_memory_dataset", as: "memory_used_dataset_bytes", "Bytes of the data itself: used less overhead."),
        .gauge("maxmemory", as: "memory_max_bytes", "Configured limit of memory in bytes; 0 for none."),
        .gauge("lazyfree_pending_objects", "Objects that wait to be freed in the background."),
        .gauge("lazyfreed_objects", "Objects freed in the background since the start."),
        .gauge(
            "active_defrag_running",
            "Whether defragmentation is at work; newer servers say its share of CPU time in percent."),
    ]

    private static let overhead: [MetricRow] = [
        .gauge("mem_clients_normal", "Bytes of the buffers of ordinary clients."),
        .gauge("mem_clients_slaves", "Bytes of the buffers of replicas, beyond the shared replication buffer."),
        .gauge("mem_cluster_links", as: "mem_cluster_links_bytes", "Bytes of the links to other nodes of the cluster."),
        .gauge("mem_aof_buffer", as: "mem_aof_buffer_bytes", "Bytes of the buffers of the append-only file."),
        .gauge("mem_replication_backlog", as: "mem_replication_backlog_bytes", "Bytes of the replication backlog."),
        .gauge(
            "mem_total_replication_buffers", as: "mem_total_replication_buffers_bytes",
            "Bytes of all replication buffers, backlog included."),
        .gauge(
            "mem_replicas_repl_buffer", as: "mem_replicas_repl_buffer_bytes",
            "Bytes a replica holds back while it loads the data of its primary."),
        .gauge(
            "mem_not_counted_for_evict", as: "mem_not_counted_for_eviction_bytes",
            "Bytes that do not count towards the limit at which keys are evicted."),
        .gauge(
            "mem_overhead_db_hashtable_rehashing", as: "mem_overhead_db_hashtable_rehashing_bytes",
            "Bytes of the tables that are being resized."),
    ]

    private static let allocator: [MetricRow] = [
        .gauge("mem_fragmentation_ratio", "Physical memory over allocated memory."),
        .gauge("mem_fragmentation_bytes", "Physical memory less allocated memory, in bytes; may be negative."),
        .gauge(
            "allocator_allocated", as: "allocator_allocated_bytes",
            "Bytes the allocator has given out, its own losses included."),
        .gauge("allocator_active", as: "allocator_active_bytes", "Bytes in the pages the allocator uses."),
        .gauge("allocator_resident", as: "allocator_resident_bytes", "Bytes the allocator holds in physical memory."),
        .gauge(
            "allocator_muzzy", as: "allocator_muzzy_bytes",
            "Bytes returned to the system that it has not taken back yet."),
        .gauge("allocator_frag_ratio", "Active over allocated bytes of the allocator."),
        .gauge("allocator_frag_bytes", "Active less allocated bytes of the allocator."),
        .gauge("allocator_rss_ratio", "Resident over active bytes of the allocator."),
        .gauge("allocator_rss_bytes", "Resident less active bytes of the allocator."),
    ]

    private static let scripts: [MetricRow] = [
        .gauge("used_memory_lua", as: "memory_used_lua_bytes", "Bytes of the Lua engine for EVAL scripts."),
        .gauge("used_memory_vm_eval", as: "memory_used_vm_eval_bytes", "Bytes of the script engines for EVAL scripts."),
        .gauge(
            "used_memory_vm_functions", as: "memory_used_vm_functions_bytes",
            "Bytes of the script engines for functions."),
        .gauge(
            "used_memory_vm_total", as: "memory_used_vm_total",
            "Bytes of the script engines, EVAL and functions together."),
        .gauge(
            "used_memory_scripts_eval", as: "memory_used_scripts_eval_bytes",
            "Bytes of the EVAL scripts kept by the server."),
        .gauge(
            "used_memory_functions", as: "memory_used_functions_bytes",
            "Bytes of the function libraries kept by the server."),
        .gauge(
            "used_memory_scripts", as: "memory_used_scripts_bytes",
            "Bytes of EVAL scripts and function libraries together."),
        .gauge("number_of_cached_scripts", "EVAL scripts the server keeps."),
        .gauge("number_of_functions", "Functions the server keeps."),
        .gauge("number_of_libraries", "Function libraries the server keeps."),
    ]

    /// Azure Cache for Redis.
    private static let azure: [MetricRow] = [
        .gauge(
            "maxmemory_reservation", as: "memory_max_reservation_bytes",
            "Memory Azure keeps free for its own work, in bytes."),
        .gauge(
            "maxmemory_desired_reservation", as: "memory_max_reservation_desired_bytes",
            "Memory Azure would like to keep free for its own work, in bytes."),
        .gauge(
            "maxfragmentationmemory_reservation", as: "memory_max_fragmentation_reservation_bytes",
            "Memory Azure keeps free for fragmentation, in bytes."),
        .gauge(
            "maxfragmentationmemory_desired_reservation", as: "memory_max_fragmentation_reservation_desired_bytes",
            "Memory Azure would like to keep free for fragmentation, in bytes."),
    ]
}
