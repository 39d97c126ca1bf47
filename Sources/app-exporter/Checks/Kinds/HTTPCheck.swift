internal import CurlClient
internal import ExporterCommand
internal import ExporterKit
internal import TLSClient

/// What an HTTP check asks, and how.
struct HTTPCheckSettings: Sendable {
    var url: Secret
    /// The URL without query and credentials: value of the label `target`.
    var target: String
    var method = HTTPCall.Method.get
    var body: Secret?
    var access = HTTPAccess()
    /// 0 makes a redirect the answer.
    var maximumRedirects = 0
    var maximumBodyBytes = 1 << 20
    var addressFamily = HTTPCall.AddressFamily.any
    /// 2 over TLS and 1.1 elsewhere when `nil`.
    var version: HTTPCall.Version?
    /// `Accept-Encoding`; a body in one of these is decoded.
    var acceptEncoding: String?
    /// As the environment says when `nil`.
    var proxy: HTTPCall.Proxy?
    /// Whether a redirect may lead to that server; anywhere when `nil`.
    var mayFollow: (@Sendable (HTTPTarget) -> Bool)?
    /// Certificates are reported.
    var showsCertificate = true
    var expectation = HTTPExpectation()
}

/// Asks a URL as a user would, over a fresh connection, and judges the answer.
struct HTTPCheck: Check {
    static let kind = CheckKind.http
    static let families =
        CheckMetrics.common + CheckMetrics.reached + CheckMetrics.http + CheckMetrics.certificate

    let settings: HTTPCheckSettings
    let client: CurlClient
    private let worker: JqWorker

    /// - Parameter name: of the check, for a thread that looks at bodies.
    init(_ name: String, _ settings: HTTPCheckSettings, client: CurlClient) {
        self.settings = settings
        self.client = client
        worker = JqWorker(name)
    }

    var target: String { settings.target }

    func run(until deadline: ContinuousClock.Instant) async -> CheckResult {
        let began = ContinuousClock.now
        var result = CheckResult()
        do throws(CurlError) {
            let answer = try await client.answer(to: try call(), until: deadline)
            describe(answer, in: &result)
            result.verdict = await settings.expectation.verdict(
                on: answer, of: "\(settings.method.rawValue) \(target)", took: began.duration(to: .now),
                worker: worker, until: deadline)
        } catch {
            result.verdict = Verdict(error)
            describe(error, in: &result)
        }
        result.add(CheckMetrics.failedByText, result.verdict.outcome == .body)
        return result
    }

    private func call() throws(CurlError) -> HTTPCall {
        do throws(ConfigurationError) {
            var call = HTTPCall(try settings.url.value)
            try settings.access.apply(to: &call)
            call.method = settings.method
            call.body = try settings.body.map { (body) throws(ConfigurationError) in Array(try body.value.utf8) }
            call.maximumRedirects = settings.maximumRedirects
            call.maximumBodyBytes = settings.maximumBodyBytes
            call.addressFamily = settings.addressFamily
            call.version = settings.version
            call.acceptEncoding = settings.acceptEncoding
            call.proxy = settings.proxy
            call.mayFollow = settings.mayFollow
            // What one hop sets, the next one gets back.
            if settings.maximumRedirects > 0 { call.cookies = [] }
            call.usesFreshConnection = true
            return call
        } catch {
            throw CurlError(.configuration, "\(error)")
        }
    }

    // MARK: - Describing

    private func describe(_ answer: HTTPAnswer, in result: inout CheckResult) {
        result.add(CheckMetrics.status, Double(answer.status))
        describe(answer.timings, in: &result)
        result.add(CheckMetrics.addressFamily, answer.primaryAddress.utf8.contains(UInt8(ascii: ":")) ? 6 : 4)
        result.add(CheckMetrics.version, answer.version)
        // As blackbox_exporter counts: one that is not followed is met nevertheless.
        let isRedirect = settings.maximumRedirects == 0 && (300..<400).contains(answer.status)
        let met = answer.redirects + (isRedirect && answer.header("Location") != nil ? 1 : 0)
        result.add(CheckMetrics.redirects, Double(met))
        result.add(CheckMetrics.contentLength, Double(answer.declaredBodyBytes ?? -1))
        result.add(CheckMetrics.bodyLength, Double(answer.body.count))
        result.add(CheckMetrics.lastModified, answer.header("Last-Modified").flatMap(HTTPDate.seconds))
        result.add(CheckMetrics.ssl, answer.usedTLS)
        if settings.showsCertificate { result.add(answer.handshake) }
    }

    private func describe(_ error: CurlError, in result: inout CheckResult) {
        if let answer = error.answer { return describe(answer, in: &result) }
        result.add(CheckMetrics.status, 0)
        describe(error.timings, in: &result)
        result.add(CheckMetrics.redirects, Double(error.redirects))
        result.add(CheckMetrics.ssl, false)
        if settings.showsCertificate { result.add(error.handshake) }
    }

    private func describe(_ timings: HTTPTimings, in result: inout CheckResult) {
        result.add(CheckMetrics.lookup, timings.resolve.seconds)
        let phases = [
            ("resolve", timings.resolve), ("connect", timings.connect), ("tls", timings.tls),
            ("processing", timings.processing), ("transfer", timings.transfer),
        ]
        for (phase, duration) in phases { result.add(CheckMetrics.phase, duration.seconds, phase) }
    }
}

extension Verdict {
    /// Why there is no answer.
    init(_ error: CurlError) {
        outcome =
            switch error.kind {
            case .resolve: .dns
            case .connect: .connect
            case .tls: .tls
            case .timeout: .timeout
            case .redirects: .redirect
            case .tooLarge: .body
            case .protocol, .configuration, .cancelled: .error
            }
        self.error = CollectorError(error)
    }
}
