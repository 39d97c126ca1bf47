internal import ExporterKit
internal import PostgresClient

/// How connections to a server come about: time, number, certificate.
struct ConnectionMetrics: Sendable {
    static let postgres = ConnectionMetrics("pg")
    static let pgBouncer = ConnectionMetrics("pgbouncer")

    private let setup: MetricDescriptor
    private let opened: MetricDescriptor
    private let failed: MetricDescriptor
    private let expiry: MetricDescriptor

    private init(_ namespace: String) {
        setup = MetricDescriptor(
            "\(namespace)_exporter_connection_setup_seconds",
            "Time it took to establish the last connection to the server: password, name, TCP, TLS and login.",
            kind: .gauge, unit: "seconds")
        opened = MetricDescriptor(
            "\(namespace)_exporter_connections_opened_total",
            "Connections to the server established since the exporter started; kept open, so it should hardly grow.",
            kind: .counter)
        failed = MetricDescriptor(
            "\(namespace)_exporter_connection_failures_total",
            "Attempts to connect to the server that were refused or given up.", kind: .counter)
        expiry = MetricDescriptor(
            "\(namespace)_tls_certificate_expiry_timestamp_seconds",
            "Unix time at which the certificate expires that the server showed at the last connect; absent without TLS.",
            kind: .gauge, unit: "seconds")
    }

    /// For lists and documentation.
    var all: [MetricDescriptor] { [setup, opened, failed, expiry] }

    /// Adds them for one scrape.
    func report(_ reading: ConnectionMeter.Reading, into sink: inout MetricSink) {
        sink.add(setup, reading.lastDuration?.seconds)
        sink.add(opened, Double(reading.opened))
        sink.add(failed, Double(reading.failed))
        sink.add(expiry, reading.certificateExpiry.map(Double.init))
    }
}
