internal import ExporterKit

extension Memory {
    /// What redis_exporter does not have.
    static let added: [MetricRow] = [
        .gauge("rss_overhead_ratio", "Physical memory over what the allocator holds."),
        .gauge("rss_overhead_bytes", "Physical memory less what the allocator holds, in bytes."),
        .gauge(
            "used_memory_peak_perc", as: "memory_used_peak_ratio", "Allocated now over the most ever.", in: .percent),
        .gauge(
            "used_memory_dataset_perc", as: "memory_used_dataset_ratio",
            "Share of the data itself in what was allocated since the start.", in: .percent),
        .gauge(
            "used_memory_peak_time", as: "memory_used_peak_timestamp_seconds",
            "When the most bytes were allocated, as seconds since 1970."),
        .gauge(
            "allocator_allocated_lua", as: "allocator_allocated_lua_bytes",
            "Bytes the allocator has given out to Lua."),
        .gauge(
            "allocator_active_lua", as: "allocator_active_lua_bytes", "Bytes in the pages the allocator uses for Lua."),
        .gauge(
            "allocator_resident_lua", as: "allocator_resident_lua_bytes",
            "Bytes the allocator holds in physical memory for Lua."),
        .gauge("allocator_frag_bytes_lua", "Active less allocated bytes of Lua's allocations."),
        .gauge(
            "mem_replica_full_sync_buffer", as: "mem_replica_full_sync_buffer_bytes",
            "Bytes a replica holds back while it takes all the data of its primary."),
        .gauge(
            "mem_cluster_slot_import", as: "mem_cluster_slot_import_bytes", "Bytes of slots that are being imported."),
        .gauge(
            "mem_cluster_slot_export", as: "mem_cluster_slot_export_bytes", "Bytes of slots that are being exported."),
        .gauge(
            "available_system_memory", as: "available_system_memory_bytes",
            "Bytes of memory the machine has left; KeyDB only."),
    ]
}
