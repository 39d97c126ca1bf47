public import ExporterKit
public import Logging

/// TLS, logins, headers and a rate limit for a `MetricsServer`, from a `web.config.yml` as the exporters of the Prometheus
/// organisation have it.
///
/// ```swift
/// let web = try WebConfiguration(file: "web.config.yml")
/// configuration.security = web.security(logger: logger)
/// ```
/// The file and the certificates are looked at again while the server runs, and read when they changed: users and headers
/// count from the next request, certificates from the next connection. `rate_limit`, `http2` and whether there is TLS at all
/// are settled when this value is made.
/// Source: https://github.com/prometheus/exporter-toolkit/blob/master/docs/web-configuration.md
public struct WebConfiguration: Sendable {
    private let source: WebSource
    private let document: WebDocument
    private let documentState: FileStates
    private let tls: (ready: TLSReady, files: FileStates)?

    /// Reads and checks the file, every hash in it and every certificate it names.
    ///
    /// - Throws: the first thing that is wrong: file, line and column, and what to do. No password and no hash.
    public init(file: String) throws(ConfigurationError) {
        try self.init(WebSource(file, WebOverrides()))
    }

    init(_ source: WebSource) throws(ConfigurationError) {
        self.source = source
        documentState = FileStates(of: source.paths)
        let document = try source.read()
        self.document = document
        if let settings = document.tls {
            let files = FileStates(of: settings.paths)
            tls = (try TLSReady(settings, http2: document.http2), files)
        } else {
            tls = nil
        }
    }

    /// Whether clients must speak TLS.
    public var isTLSEnabled: Bool { tls != nil }

    /// Whether clients may speak HTTP/2; only ever with TLS.
    public var isHTTP2Enabled: Bool { isTLSEnabled && document.http2 }

    /// What a server asks about its connections and requests. Each call counts requests and remembers logins on its own.
    ///
    /// - Parameter logger: told once of each change to the files, good or bad, and now and then of a failed handshake.
    public func security(logger: Logger) -> ServerSecurity {
        let live = LiveDocument(source, document, documentState, logger: logger)
        let gate = WebGate(live)
        guard let tls, let settings = document.tls else { return ServerSecurity(admit: { await gate.admit($0) }) }
        if settings.clientAuthentication == .none, !settings.allowedNames.names.isEmpty {
            logger.warning(
                "client_allowed_sans has no effect without client_auth_type", metadata: ["file": "\(source.file)"])
        }
        let front = TLSFront(
            tls: LiveTLS(live, tls.ready, tls.files, logger: logger), trouble: HandshakeTrouble(logger: logger))
        return ServerSecurity(prepare: { try front.prepare($0, $1) }, admit: { await gate.admit($0) })
    }
}
