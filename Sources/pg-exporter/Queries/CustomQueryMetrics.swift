internal import ExporterKit

/// What the exporter says of custom queries, besides what they give themselves.
enum CustomQueryMetrics {
    static let success = MetricDescriptor(
        "pg_exporter_query_success", "Whether this custom query gave all it should in this scrape.", kind: .gauge)
    static let duration = MetricDescriptor(
        "pg_exporter_query_duration_seconds",
        "Time this custom query took in this scrape, in the database where it took longest; 0 for a kept answer.",
        kind: .gauge, unit: "seconds")
    static let loadError = MetricDescriptor(
        "pg_exporter_user_queries_load_error",
        "Whether the last reading of this file of custom queries failed; the queries of the one before are then in force.",
        kind: .gauge)

    static let all = [success, duration, loadError]

    /// One series per file.
    static func add(_ loadings: [LiveQueries.Loading], to sink: inout MetricSink) {
        for loading in loadings {
            let labels = LabelSet(["filename": loading.path, "hashsum": loading.digest])
            sink.add(loadError, loading.failed ? 1 : 0, labels)
        }
    }
}
