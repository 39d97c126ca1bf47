internal import ExporterKit
internal import PostgresClient

extension VectorCatalog {
    /// The vector part of the configuration: the catalogue, and the searches where they are asked for.
    static func works(_ book: inout SourceBook) -> [any ScheduledWork] {
        guard let vector = book.configuration.vector, let source = book.configuration.sources[vector.source],
            case .postgres(let settings) = source.kind
        else { return [] }
        // One connection for both: a search never waits behind a group, and time is taken only while it is borrowed.
        let connection = PostgresSource(source.name, settings, connections: 1, book.metrics(of: source)) { options in
            options.searchPath = "pg_catalog, pg_temp"
            options.lockTimeout = .milliseconds(100)
            options.settings = [
                "jit": "off", "max_parallel_workers_per_gather": "0", "idle_in_transaction_session_timeout": "5s",
            ]
        }
        book.keep(connection)
        let catalog = VectorCatalog(configuration: vector, source: connection, book: VectorIndexBook())
        guard let probe = vector.probe else { return [catalog] }
        return [
            catalog,
            LatencyProbe(
                settings: probe, source: connection, catalog: catalog,
                metrics: ProbeMetrics(book.registry, buckets: probe.buckets), time: book.time),
        ]
    }
}
