internal import ExporterKit

/// Section `TLS` of Valkey: the certificates the server uses.
struct TLSCollector: InfoCollector {
    typealias Session = RedisSession

    let descriptor = CollectorDescriptor("tls", "Certificates of the server, from INFO section TLS of Valkey.")
    private let fields: InfoFields
    private let certificate: MetricDescriptor

    init(_ namespace: String) {
        fields = InfoFields(namespace, Self.rows)
        certificate = MetricDescriptor(
            "\(namespace)_tls_certificate_info", "Serial number of a certificate the server uses, as a label.",
            kind: .gauge)
    }

    var metrics: [MetricDescriptor] { fields.descriptors + [certificate] }
    var infoFields: [String] { fields.names }

    func decode(_ info: InfoDocument, into sink: inout MetricSink) {
        fields.read(info, into: &sink)
        for name in ["server", "client", "ca"] {
            guard let serial = info.text("tls_\(name)_cert_serial") else { continue }
            sink.add(certificate, 1, LabelSet(["certificate": name, "serial": String(serial)]))
        }
    }

    private static let rows: [MetricRow] = [
        .gauge("tls_server_cert_expires_in_seconds", "Seconds until the server's certificate is no longer valid."),
        .gauge(
            "tls_client_cert_expires_in_seconds",
            "Seconds until the certificate for outgoing connections is no longer valid."),
        .gauge(
            "tls_ca_cert_expires_in_seconds", "Seconds until the first of the trusted authorities is no longer valid."),
    ]
}
