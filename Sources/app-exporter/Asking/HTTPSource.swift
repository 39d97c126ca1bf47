internal import CurlClient
internal import ExporterCommand
internal import ExporterKit

/// One HTTP API: a base, credentials, limits.
struct HTTPSource: AskedSource {
    let target: String
    private let settings: HTTPSettings
    private let client: CurlClient
    private let metrics: SourceMetrics

    init(_ name: String, _ settings: HTTPSettings, client: CurlClient, _ metrics: SourceMetrics) {
        self.settings = settings
        self.client = client
        self.metrics = metrics
        target = (try? HTTPTarget(settings.base.value).description) ?? name
    }

    /// GETs a path below the base.
    ///
    /// - Throws: also for every status but 2xx.
    func get(_ path: String, until deadline: ContinuousClock.Instant) async throws(CollectorError) -> HTTPAnswer {
        let began = ContinuousClock.now
        let answer: HTTPAnswer
        let call = try self.call(path)
        do throws(CurlError) {
            answer = try await client.answer(to: call, until: deadline)
        } catch {
            let reason = CollectorError(error)
            metrics.note(reason, took: began.duration(to: .now))
            throw reason
        }
        metrics.note("\(answer.status / 100)xx", isUp: answer.status < 500, took: answer.timings.total)
        guard (200..<300).contains(answer.status) else { throw refused(answer.status, path) }
        return answer
    }

    private func call(_ path: String) throws(CollectorError) -> HTTPCall {
        do throws(ConfigurationError) {
            let base = try settings.base.value
            var call = HTTPCall((base.hasSuffix("/") ? String(base.dropLast()) : base) + path)
            try settings.access.apply(to: &call)
            call.maximumBodyBytes = settings.maximumBodyBytes
            return call
        } catch {
            throw CollectorError(.connection, "\(error)")
        }
    }

    private func refused(_ status: Int, _ path: String) -> CollectorError {
        let (reason, step): (CollectorError.Reason, String) =
            switch status {
            case 401: (.authentication, "check the credentials")
            case 403: (.permission, "give the user the right to read it")
            case 404: (.unsupported, "check the path")
            case 300..<400: (.query, "ask the address it redirects to")
            default: (.query, "look into the log of the server")
            }
        let place = "\(target)\(path.prefix { $0 != "?" })"
        return CollectorError(reason, "GET \(place): the server answered \(status); \(step)")
    }

    /// The client is shared and closed by its owner.
    func close() async {}
}

extension HTTPAccess {
    /// Puts headers, credentials and trust into a call. Reads secret files.
    func apply(to call: inout HTTPCall) throws(ConfigurationError) {
        for header in headers { call.headers.append((header.name, try header.value.value)) }
        switch credentials {
        case .basic(let user, let password): call.credentials = .basic(user: user, password: try password.value)
        case .bearer(let token): call.credentials = .bearer(try token.value)
        case nil: break
        }
        call.tls = tls
    }
}

extension CollectorError {
    /// The same trouble in the words of a collector.
    init(_ error: CurlError) {
        let reason: Reason =
            switch error.kind {
            case .resolve, .connect, .configuration: .connection
            case .tls: .tls
            case .timeout: .timeout
            case .cancelled: .cancelled
            case .tooLarge, .protocol, .redirects: .decode
            }
        self.init(reason, error.message)
    }
}
