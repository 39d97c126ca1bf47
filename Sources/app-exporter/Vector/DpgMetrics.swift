internal import ExporterKit

/// The names that the exporter of DPG declared and never filled: aliases with real values, under `compat: [dpg]`.
enum DpgMetrics {
    static let indexBytes = MetricDescriptor(
        "ruvector_index_size_bytes", "As vector_index_size_bytes, under the name of DPG's exporter.", kind: .gauge,
        unit: "bytes")
    /// Not ending in `_count` is for new names; this one is old.
    static let vectors = MetricDescriptor(
        "ruvector_vector_count", "As vector_table_rows, under the name of DPG's exporter.", kind: .gauge)
    static let latency = MetricDescriptor(
        "ruvector_search_latency_seconds",
        "As vector_search_probe_duration_seconds for all indexes of a table, under the name of DPG's exporter.",
        kind: .histogram, unit: "seconds")
    static let operations = MetricDescriptor(
        "ruvector_index_operations_total",
        "As vector_table_row_operations_total, and failed probe searches as operation error, under the name of DPG's "
            + "exporter.", kind: .counter)

    static let all = [indexBytes, vectors, latency, operations]

    static func labels(_ schema: String, _ table: String, _ more: (name: String, value: String)...) -> LabelSet {
        LabelSet(checking: [("schema", schema), ("table", table)] + more) ?? .empty
    }
}
