internal import ExporterKit
internal import PostgresClient

extension VectorCatalog {
    /// The vector part of the configuration: the catalogue, and what else is asked for.
    static func works(_ book: inout SourceBook) -> [any ScheduledWork] {
        guard let vector = book.configuration.vector, let source = book.configuration.sources[vector.source],
            case .postgres(let settings) = source.kind
        else { return [] }
        let told = book.metrics(of: source)
        // One connection for catalogue and searches: a search never waits behind a group, and its time begins when the
        // connection is borrowed.
        let connection = PostgresSource(source.name, settings, connections: 1, told, tune: tune)
        book.keep(connection)
        let catalog = VectorCatalog(configuration: vector, source: connection, book: VectorIndexBook())
        var works: [any ScheduledWork] = [catalog]
        if let probe = vector.probe {
            let metrics = ProbeMetrics(
                book.registry, buckets: probe.buckets, isDpgCompatible: vector.isDpgCompatible)
            works.append(LatencyProbe(probe, connection, catalog, metrics, book.time))
        }
        if let recall = vector.recall {
            let open = { @Sendable in
                PostgresSource(source.name, settings, connections: 1, told) { options in
                    tune(&options)
                    options.statementTimeout = recall.timeout
                }
            }
            works.append(
                RecallProbe(
                    settings: recall, catalog: catalog, metrics: RecallMetrics(book.registry), time: book.time,
                    open: open))
        }
        if let timing = vector.cachedBytes {
            works.append(CachedIndexes(timing: timing, source: connection, catalog: catalog))
        }
        return works
    }

    private static func tune(_ options: inout PostgresOptions) {
        options.searchPath = "pg_catalog, pg_temp"
        options.lockTimeout = .milliseconds(100)
        options.settings = [
            "jit": "off", "max_parallel_workers_per_gather": "0", "idle_in_transaction_session_timeout": "5s",
        ]
    }
}
