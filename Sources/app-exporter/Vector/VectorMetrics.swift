internal import ExporterKit

/// What the vector part tells about columns, tables, indexes and settings.
enum VectorMetrics {
    /// Bounds in seconds; 50 ms and 100 ms are among them, and the usual objectives up to 1 s.
    static let usualBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5]

    static let extensionInfo = gauge(
        "vector_extension_info",
        "Always 1; a vector extension of this database, with the versions of its SQL and of its engine.")
    static let columnInfo = gauge("vector_column_info", "Always 1; a column that holds vectors.")
    static let columnDimensions = gauge(
        "vector_column_dimensions",
        "Dimensions the column declares, or those of its stored vectors when it declares none.")
    static let indexInfo = gauge("vector_index_info", "Always 1; method, operator class and options of an index.")
    static let indexValid = gauge(
        "vector_index_valid", "Whether the index is valid and ready; 0 after a concurrent build that failed.")
    static let indexRows = gauge(
        "vector_index_rows", "Estimated entries of the index as of its last build, vacuum or analyze.")
    static let coverage = gauge(
        "vector_index_coverage_ratio",
        "Share of the table's rows that the index holds, as the server estimates both; absent for partial indexes.",
        unit: "ratio")
    static let cachedBytes = gauge(
        "vector_index_cached_bytes", "Part of the index in the server's shared buffers.", unit: "bytes")
    static let indexBytes = gauge("vector_index_size_bytes", "Size of the index on disk.", unit: "bytes")
    static let blocksHit = counter("vector_index_blocks_hit_total", "Index blocks found in shared buffers.")
    static let blocksRead = counter("vector_index_blocks_read_total", "Index blocks asked of the operating system.")
    static let scans = counter(
        "vector_index_scans_total", "Searches that used the index; absent where the access method does not count them.")
    static let tuplesRead = counter("vector_index_tuples_read_total", "Entries that searches got from the index.")
    static let tuplesFetched = counter(
        "vector_index_tuples_fetched_total", "Live rows fetched through the index by plain index scans.")
    static let lastScan = gauge(
        "vector_index_last_scan_timestamp_seconds", "When the index was last used; PostgreSQL 16 and later.",
        unit: "seconds")
    static let tableRows = gauge(
        "vector_table_rows", "Estimated rows of a table with vectors; absent before its first analyze.")
    static let deadRows = gauge(
        "vector_table_dead_rows", "Estimated dead rows; they take places in the candidate list of an index.")
    static let tableBytes = gauge("vector_table_size_bytes", "Size of heap and TOAST of a table.", unit: "bytes")
    static let operations = counter(
        "vector_table_row_operations_total", "Rows written to the table, which its indexes had to follow.")
    static let lastAnalyze = gauge(
        "vector_table_last_analyze_timestamp_seconds", "Last manual or automatic analyze.", unit: "seconds")
    static let lastVacuum = gauge(
        "vector_table_last_vacuum_timestamp_seconds", "Last manual or automatic vacuum.", unit: "seconds")
    static let buildInProgress = gauge(
        "vector_index_build_in_progress", "Whether an index is being built on the table, by command and phase.")
    static let buildProgress = gauge(
        "vector_index_build_progress_ratio", "Done part of the phase of a build, 0 to 1; absent when it is not told.",
        unit: "ratio")
    static let buildElapsed = gauge(
        "vector_index_build_elapsed_seconds", "Time since the running build began.", unit: "seconds")
    static let setting = gauge(
        "vector_setting_value", "A setting that decides recall or memory, in bytes where it is a size.")
    static let settingInfo = gauge(
        "vector_setting_info", "Always 1; a setting of a vector extension that is a word, such as hnsw.iterative_scan.")
    static let settingDefault = gauge(
        "vector_setting_default_value",
        "What a role (empty for all) has in this database instead of the server's value, in bytes where it is a size.")
    static let statementCalls = counter(
        "vector_statement_calls_total",
        "Executions of statements that order by a distance operator, the exporter's own left out.")
    static let statementSeconds = counter(
        "vector_statement_seconds_total",
        "Time spent in statements that order by a distance operator, the exporter's own left out.")

    static let catalog = [
        extensionInfo, columnInfo, columnDimensions, indexInfo, indexValid, indexRows, coverage, indexBytes,
        cachedBytes,
        blocksHit, blocksRead, scans, tuplesRead, tuplesFetched, lastScan, tableRows, deadRows, tableBytes, operations,
        lastAnalyze, lastVacuum, buildInProgress, buildProgress, buildElapsed, setting, settingInfo, settingDefault,
        statementCalls, statementSeconds,
    ]

    private static func gauge(_ name: String, _ help: String, unit: String? = nil) -> MetricDescriptor {
        MetricDescriptor(name, help, kind: .gauge, unit: unit)
    }

    private static func counter(_ name: String, _ help: String) -> MetricDescriptor {
        MetricDescriptor(name, help, kind: .counter)
    }
}
