internal import ExporterKit

/// What the last run of a check found. Names and meanings of blackbox_exporter where it has them.
extension CheckMetrics {
    static let success = family("probe_success", "Whether the last check passed.")
    static let duration = family("probe_duration_seconds", "Time the last check took.", unit: "seconds")
    static let lookup = family(
        "probe_dns_lookup_time_seconds", "Time it took to find the address of the target.", unit: "seconds")
    static let addressFamily = family("probe_ip_protocol", "Version of IP by which the target was asked: 4 or 6.")
    static let failedByText = family(
        "probe_failed_due_to_regex", "Whether the last check failed because of a rule about a text or a header.")

    static let status = family(
        "probe_http_status_code", "Status code of the last answer; 0 when there was none.")
    static let phase = family(
        "probe_http_duration_seconds", "Time the last check spent in each phase, all redirects together.",
        unit: "seconds", labels: ["phase"], most: 5)
    static let version = family("probe_http_version", "HTTP version of the last answer.")
    static let redirects = family("probe_http_redirects", "Redirects the last check met.")
    static let contentLength = family(
        "probe_http_content_length", "Size of the body as the server declared it; -1 when it did not.")
    static let bodyLength = family(
        "probe_http_uncompressed_body_length", "Size of the body that was read, without compression.")
    static let lastModified = family(
        "probe_http_last_modified_timestamp_seconds", "When the server says the page last changed.", unit: "seconds")
    static let ssl = family("probe_http_ssl", "Whether the last answer came over TLS.")

    static let earliestExpiry = family(
        "probe_ssl_earliest_cert_expiry", "Earliest end of validity in the presented chain, as seconds since 1970.")
    static let leafExpiry = family(
        "probe_ssl_leaf_cert_expiry_timestamp_seconds", "End of validity of the server's own certificate.",
        unit: "seconds")
    static let chainExpiry = family(
        "probe_ssl_last_chain_expiry_timestamp_seconds",
        "When the chain by which the certificate is trusted ends to be valid.", unit: "seconds")
    static let verified = family(
        "probe_ssl_verified", "Whether chain and name of the server's certificate are trusted.")
    static let leafInfo = family(
        "probe_ssl_leaf_info", "Which certificate the server has; always 1.", labels: ["issuer", "serial"])
    static let tlsVersion = family(
        "probe_tls_version_info", "TLS version that was agreed on; always 1.", labels: ["version"])

    static let dnsPhase = family(
        "probe_dns_duration_seconds", "Time the last DNS check spent in each phase.", unit: "seconds",
        labels: ["phase"], most: 3)
    static let dnsAnswers = family("probe_dns_answer_rrs", "Records in the answer section.")
    static let dnsAuthority = family("probe_dns_authority_rrs", "Records in the authority section.")
    static let dnsAdditional = family("probe_dns_additional_rrs", "Records in the additional section.")
    static let dnsSucceeded = family("probe_dns_query_succeeded", "Whether the server gave an answer of any kind.")
    static let dnsSerial = family("probe_dns_serial", "Serial number of the zone, when its SOA record is asked for.")

    /// Of every check.
    static let common = [success, duration]
    /// Of every check that connects to a host.
    static let reached = [lookup, addressFamily]
    static let certificate = [
        earliestExpiry, leafExpiry, chainExpiry, verified, leafInfo, tlsVersion,
    ]
    static let http = [
        status, phase, version, redirects, contentLength, bodyLength, lastModified, ssl, failedByText,
    ]
    static let dns = [dnsPhase, dnsAnswers, dnsAuthority, dnsAdditional, dnsSucceeded, dnsSerial]
    static let families = common + reached + http + certificate + dns

    private static func family(
        _ name: String, _ help: String, unit: String? = nil, labels: [String] = [], most: Int = 1
    ) -> CheckFamily {
        CheckFamily(descriptor: MetricDescriptor(name, help, kind: .gauge, unit: unit), labels: labels, most: most)
    }
}
