internal import CurlClient
internal import ExporterCommand
internal import ExporterKit

/// One HTTP API: a base, credentials, limits. Shared by all groups that ask it.
final class HTTPSource: AskedSource {
    let target: String
    let metrics: SourceMetrics
    private let name: String
    private let settings: HTTPSettings
    private let client: CurlClient
    private let gate: RequestGate
    private let tokens: TokenKeeper?

    init(_ name: String, _ settings: HTTPSettings, client: CurlClient, _ metrics: SourceMetrics) {
        self.name = name
        self.settings = settings
        self.client = client
        self.metrics = metrics
        gate = RequestGate(rate: settings.rate, width: settings.maximumConnections)
        if case .oauth(let oauth)? = settings.access.credentials {
            tokens = TokenKeeper(oauth, settings.access.tls, client: client, metrics)
        } else {
            tokens = nil
        }
        target = (try? HTTPTarget(settings.base.value).description) ?? name
    }

    /// Sends a request, again where the policy says so.
    ///
    /// - Throws: also for every status but 2xx.
    func answer(
        to request: SourceRequest, until deadline: ContinuousClock.Instant
    ) async throws(CollectorError) -> HTTPAnswer {
        let answer = try await send(request, until: deadline)
        guard (200..<300).contains(answer.status) else { throw Self.refused(answer.status, try place(of: request)) }
        return answer
    }

    /// Sends a request, again where the policy says so. Any status is an answer.
    func send(
        _ request: SourceRequest, until deadline: ContinuousClock.Instant
    ) async throws(CollectorError) -> HTTPAnswer {
        var repetition = 0
        var isRenewed = false
        while true {
            let token = try await tokens?.token(until: deadline)
            let call = try call(for: request, token: token)
            var pause: Duration
            switch try await once(call, until: deadline) {
            case .success(let answer):
                if answer.status == 401, let tokens, !isRenewed {
                    isRenewed = true
                    tokens.forget(token)
                    metrics.retried("token")
                    continue
                }
                if let asked = answer.retryAfter, answer.status == 429 || answer.status == 503 { gate.pause(asked) }
                guard let reason = settings.retry.reason(for: answer) else { return answer }
                pause = max(settings.retry.pause(before: repetition), answer.retryAfter ?? .zero)
                guard mayRepeat(repetition, pause, deadline) else { return answer }
                metrics.retried(reason)
            case .failure(let error):
                pause = settings.retry.pause(before: repetition)
                guard settings.retry.covers(error), mayRepeat(repetition, pause, deadline) else {
                    throw CollectorError(error)
                }
                metrics.retried("network")
            }
            repetition += 1
            do { try await Task.sleep(for: pause) } catch {
                throw CollectorError(.cancelled, "\(request.name): nobody waits for the answer any more")
            }
        }
    }

    private func mayRepeat(_ repetition: Int, _ pause: Duration, _ deadline: ContinuousClock.Instant) -> Bool {
        repetition + 1 < settings.retry.attempts && ContinuousClock.now.advanced(by: pause) < deadline
    }

    /// One request on the wire.
    private func once(
        _ call: HTTPCall, until deadline: ContinuousClock.Instant
    ) async throws(CollectorError) -> Result<HTTPAnswer, CurlError> {
        try await gate.pass(until: deadline, waited: metrics.waited) { () throws(CollectorError) in
            await client.noted(call, until: deadline, metrics)
        }
    }

    private func call(for request: SourceRequest, token: String?) throws(CollectorError) -> HTTPCall {
        do throws(ConfigurationError) {
            var call = HTTPCall(try url(of: request))
            call.method = request.method
            try settings.access.apply(to: &call)
            if let token { call.credentials = .bearer(token) }
            if let body = request.body {
                call.body = body
                call.headers.append(("Content-Type", "application/json"))
            }
            call.maximumBodyBytes = settings.maximumBodyBytes
            call.maximumRedirects = settings.followsRedirects ? 5 : 0
            return call
        } catch {
            throw CollectorError(.connection, "source \(name): \(error)")
        }
    }

    private func url(of request: SourceRequest) throws(ConfigurationError) -> String {
        guard request.path.hasPrefix("/") else { return request.path }
        let base = try settings.base.value
        return (base.hasSuffix("/") ? String(base.dropLast()) : base) + request.path
    }

    /// A link out of an answer, as the request that it means.
    ///
    /// - Throws: when it leads to another host: credentials stay with the one of the configuration.
    func follow(_ link: String, from request: SourceRequest) throws(CollectorError) -> SourceRequest {
        var next = request
        do {
            let here = try url(of: request)
            guard let url = HTTPTarget.resolve(link, on: here), let there = try? HTTPTarget(url),
                try there.hasOrigin(of: HTTPTarget(here))
            else { throw ConfigurationError("the next page is not on \(target); pages of other hosts are not asked") }
            next.path = url
            return next
        } catch {
            throw CollectorError(.decode, "\(request.name): \(error)")
        }
    }

    /// What messages call the request: no query, no credentials.
    func place(of request: SourceRequest) throws(CollectorError) -> String {
        do { return "\(request.method.rawValue) \(try HTTPTarget(url(of: request)))" } catch { return request.name }
    }

    private static func refused(_ status: Int, _ place: String) -> CollectorError {
        let (reason, step): (CollectorError.Reason, String) =
            switch status {
            case 401: (.authentication, "check the credentials")
            case 403: (.permission, "give the user the right to read it")
            case 404: (.unsupported, "check the path")
            case 429: (.query, "ask less often: raise the interval, or lower rate of the source")
            case 300..<400: (.query, "ask the address it redirects to, or set follow_redirects: true")
            default: (.query, "look into the log of the server")
            }
        return CollectorError(reason, "\(place): the server answered \(status); \(step)")
    }

    /// The client is shared and closed by its owner.
    func close() async {}
}

extension CurlClient {
    /// Sends a call and notes how it went.
    func noted(
        _ call: HTTPCall, until deadline: ContinuousClock.Instant, _ metrics: SourceMetrics
    ) async -> Result<HTTPAnswer, CurlError> {
        let began = ContinuousClock.now
        do throws(CurlError) {
            let answer = try await answer(to: call, until: deadline)
            metrics.connected(answer.openedConnections)
            let result = answer.status == 429 ? "rate_limited" : "\(answer.status / 100)xx"
            metrics.note(result, isUp: answer.status < 500, took: answer.timings.total)
            return .success(answer)
        } catch {
            if [.resolve, .connect, .tls].contains(error.kind) { metrics.connected(0, failed: 1) }
            metrics.note(
                CollectorError(error), as: error.kind == .resolve ? "dns" : nil, took: began.duration(to: .now))
            return .failure(error)
        }
    }
}

extension HTTPAccess {
    /// Puts headers, credentials and trust into a call. Reads secret files.
    func apply(to call: inout HTTPCall) throws(ConfigurationError) {
        for header in headers { call.headers.append((header.name, try header.value.value)) }
        switch credentials {
        case .basic(let user, let password): call.credentials = .basic(user: user, password: try password.value)
        case .bearer(let token): call.credentials = .bearer(try token.value)
        case .oauth, nil: break
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
