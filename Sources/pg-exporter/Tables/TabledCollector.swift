internal import ExporterKit

/// A collector whose metrics are tables, however it asks for them.
protocol TabledCollector: QueryCollector {
    /// Its tables, by label set.
    var metricTables: [MetricTable] { get }
}
