internal import ExporterKit

extension ModulesCollector {
    /// Sizes and states of Redis' search module; names of its versions 2.10 and 8.
    static let redisSearch: [MetricRow] = [
        .gauge("search_number_of_indexes", "Search indexes."),
        .gauge("search_number_of_active_indexes", "Search indexes at work for a query or for indexing."),
        .gauge("search_number_of_active_indexes_running_queries", "Search indexes with running queries."),
        .gauge("search_number_of_active_indexes_indexing", "Search indexes being built."),
        .gauge("search_total_active_write_threads", "Threads that write to search indexes."),
        .gauge("search_total_num_docs_in_indexes", "Documents in all search indexes."),
        .gauge("search_used_memory_indexes", as: "search_used_memory_indexes_bytes", "Bytes of all search indexes."),
        .gauge(
            "search_smallest_memory_index", as: "search_smallest_memory_index_bytes",
            "Bytes of the smallest search index."),
        .gauge(
            "search_largest_memory_index", as: "search_largest_memory_index_bytes", "Bytes of the largest search index."
        ),
        .gauge(
            "search_used_memory_vector_index", as: "search_used_memory_vector_index_bytes",
            "Bytes of the vector indexes."),
        .gauge("search_dialect_1", "Whether a query used dialect 1."),
        .gauge("search_dialect_2", "Whether a query used dialect 2."),
        .gauge("search_dialect_3", "Whether a query used dialect 3."),
        .gauge("search_dialect_4", "Whether a query used dialect 4."),
        .gauge("search_global_idle", "Cursors of searches that wait for their reader."),
        .gauge("search_global_total", "Cursors of searches that are open."),
        .gauge("search_global_idle_user", "Cursors of users' searches that wait for their reader."),
        .gauge("search_global_idle_internal", "Cursors between shards that wait for their reader."),
        .gauge("search_global_total_user", "Cursors of users' searches that are open."),
        .gauge("search_global_total_internal", "Cursors between shards that are open."),
        .gauge(
            "search_bytes_collected", as: "search_collected_bytes",
            "Bytes freed by the garbage collection of search indexes since the start."),
        .gauge(
            "search_gc_bytes_collected", as: "search_gc_collected_bytes",
            "Bytes freed by the garbage collection of search indexes since the start."),
        .gauge("search_gc_total_docs_not_collected", "Deleted documents that wait for garbage collection."),
        .gauge("search_gc_marked_deleted_vectors", "Deleted vectors that wait for garbage collection."),
        .gauge("search_errors_indexing_failures", "Documents that could not be indexed, since the start."),
    ]

    /// What Redis' search module has done.
    static let redisSearchActivity: [MetricRow] = [
        .counter(
            "search_total_indexing_time", as: "search_indexing_time_ms_total", "Milliseconds spent indexing documents."),
        .counter(
            "search_total_cycles", as: "search_cycles_total", "Runs of the garbage collection of search indexes."),
        .counter(
            "search_total_ms_run", as: "search_run_ms_total",
            "Milliseconds of the garbage collection of search indexes."),
        .counter(
            "search_gc_total_cycles", as: "search_gc_cycles_total", "Runs of the garbage collection of search indexes."),
        .counter(
            "search_gc_total_ms_run", as: "search_gc_run_ms_total",
            "Milliseconds of the garbage collection of search indexes."),
        .counter("search_total_queries_processed", as: "search_queries_processed_total", "Queries that succeeded."),
        .counter(
            "search_total_query_commands", as: "search_query_commands_total",
            "Query commands, reading from cursors included."),
        .counter(
            "search_total_query_execution_time_ms", as: "search_query_execution_time_ms_total",
            "Milliseconds spent executing queries."),
        .counter("search_total_active_queries", as: "search_active_queries_total", "Queries that run now."),
    ]

    /// Valkey's search module.
    static let valkeySearch: [MetricRow] = [
        .gauge("search_used_memory_bytes", "Bytes of the search module."),
        .gauge("search_number_of_attributes", "Attributes in all search indexes."),
        .gauge("search_total_indexed_documents", "Documents in all search indexes."),
        .gauge("search_query_queue_size", "Queries that wait for a thread."),
        .gauge("search_writer_queue_size", "Changes that wait to be indexed."),
        .gauge("search_string_interning_store_size", "Strings that search indexes share."),
        .gauge("search_vector_externing_hash_extern_errors", "Vectors that could not be stored outside of their hash."),
        .gauge(
            "search_vector_externing_num_lru_entries", "Vectors kept at hand that are stored outside of their hash."),
        .counter("search_worker_pool_suspend_cnt", as: "search_worker_pool_suspend_count", "Times all threads paused."),
        .counter("search_writer_resumed_cnt", as: "search_writer_resumed_count", "Times writing threads went on."),
        .counter("search_reader_resumed_cnt", as: "search_reader_resumed_count", "Times reading threads went on."),
        .counter(
            "search_writer_suspension_expired_cnt", as: "search_writer_suspension_expired_count",
            "Pauses of writing threads that ended because they took too long."),
        .counter("search_rdb_load_success_cnt", as: "search_rdb_load_success_count", "Indexes loaded from a snapshot."),
        .counter(
            "search_rdb_load_failure_cnt", as: "search_rdb_load_failure_count",
            "Indexes that could not be loaded from a snapshot."),
        .counter("search_rdb_save_success_cnt", as: "search_rdb_save_success_count", "Indexes saved to a snapshot."),
        .counter(
            "search_rdb_save_failure_cnt", as: "search_rdb_save_failure_count",
            "Indexes that could not be saved to a snapshot."),
        .counter("search_successful_requests_count", "Queries that succeeded."),
        .counter("search_failure_requests_count", "Queries that failed."),
        .counter("search_hybrid_requests_count", "Queries for vectors and attributes together."),
        .counter("search_inline_filtering_requests_count", "Queries that filtered while they looked for vectors."),
        .counter("search_hnsw_add_exceptions_count", "Errors while adding to a vector index."),
        .counter("search_hnsw_remove_exceptions_count", "Errors while removing from a vector index."),
        .counter("search_hnsw_modify_exceptions_count", "Errors while changing a vector index."),
        .counter("search_hnsw_search_exceptions_count", "Errors while searching a vector index."),
        .counter("search_hnsw_create_exceptions_count", "Errors while making a vector index."),
        .counter("search_vector_externing_entry_count", "Vectors stored outside of their hash."),
        .counter(
            "search_vector_externing_generated_value_cnt", as: "search_vector_externing_generated_value_count",
            "Values made again from vectors stored outside of their hash."),
        .counter(
            "search_vector_externing_lru_promote_cnt", as: "search_vector_externing_lru_promote_count",
            "Vectors stored outside of their hash that were used again."),
        .counter(
            "search_vector_externing_deferred_entry_cnt", as: "search_vector_externing_deferred_entry_count",
            "Vectors that wait to be stored outside of their hash."),
    ]
}
