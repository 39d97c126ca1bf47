internal import ExporterKit
internal import PostgresClient

/// What the exporter says of its own scrapes, besides `pg_up` and the metrics of the collectors.
enum ExporterMetrics {
    static let lastDuration = MetricDescriptor(
        "pg_exporter_last_scrape_duration_seconds", "Time the last scrape of the server took.", kind: .gauge,
        unit: "seconds")
    static let scrapes = MetricDescriptor(
        "pg_exporter_scrapes_total", "Scrapes of the server since the exporter started.", kind: .counter)
    static let lastError = MetricDescriptor(
        "pg_exporter_last_scrape_error", "1 when the last scrape did not get all it should, else 0.", kind: .gauge)
    static let connecting = MetricDescriptor(
        "pg_exporter_last_scrape_connect_seconds",
        "Time the last scrape needed to get a connection; next to nothing when it was open.", kind: .gauge,
        unit: "seconds")
    static let identity = MetricDescriptor(
        "pg_static", "Address and version of the server, as labels.", kind: .unknown)

    static let databases = MetricDescriptor(
        "pg_exporter_database_up", "Whether a database found by discovery could be asked in this scrape.", kind: .gauge)

    static let all =
        [
            MetricDescriptor("pg_up", "Whether the server could be reached in this scrape.", kind: .gauge),
            ScrapeMetrics.collectorDuration("pg"), ScrapeMetrics.collectorSuccess("pg"),
            lastDuration, scrapes, lastError, connecting, databases, identity,
        ] + ConnectionMetrics.postgres.all

    /// Adds them for one scrape.
    static func report(
        _ scrape: ScrapeReport, _ facts: PostgresFacts?, _ book: DatabaseBook, _ connections: ConnectionMeter.Reading,
        into sink: inout MetricSink
    ) {
        sink.add(lastDuration, scrape.duration.seconds)
        sink.add(scrapes, Double(scrape.count))
        sink.add(lastError, scrape.firstError == nil ? 0 : 1)
        sink.add(connecting, scrape.connecting.seconds)
        ConnectionMetrics.postgres.report(connections, into: &sink)
        guard scrape.up == 1 else { return }
        for state in book.states {
            sink.add(databases, state.isUp ? 1 : 0, LabelSet(["datname": state.database]))
        }
        if let facts { sink.add(identity, 1, labels(of: facts)) }
    }

    /// `server` is `host:port` as given, `short_version` has three numbers as upstream prints it.
    private static func labels(of facts: PostgresFacts) -> LabelSet {
        LabelSet([
            "server": facts.serverName, "short_version": "\(facts.server.major).\(facts.server.minor).0",
            "version": facts.versionText,
        ])
    }
}
