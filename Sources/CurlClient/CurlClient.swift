internal import CCurl
internal import NIOPosix
internal import Synchronization

/// HTTP by libcurl, all calls of one client on one thread of its own.
///
/// Connections are kept and reused between calls. Callers only wait: nothing of libcurl runs on the cooperative pool.
public final class CurlClient: Sendable {
    private let options: CurlOptions
    private let mailbox = CurlMailbox()
    private let thread = NIOThreadPool(numberOfThreads: 1)
    private let nextID = Atomic<UInt64>(1)

    /// Starts the thread; nothing is asked yet.
    public init(_ options: CurlOptions = CurlOptions()) {
        self.options = options
        thread.start()
        let width = max(1, options.maximumConnections)
        thread.submit { [mailbox] _ in
            guard Self.isReady, var loop = CurlLoop(mailbox, maximumConnections: width) else {
                let broken = CurlError(.configuration, "libcurl could not be started")
                for case .begin(let order) in mailbox.close() { order.waiter.resume(returning: .failure(broken)) }
                return
            }
            loop.run()
        }
    }

    deinit {
        _ = mailbox.post(.stop)
        thread.shutdownGracefully { _ in }
    }

    /// `curl_global_init` once per process; a static initialises itself under a lock.
    private static let isReady = CCurl_global_init() == CURLE_OK

    /// Sends the call and waits for the whole answer. Any status is an answer.
    ///
    /// Follows as many redirects as the call allows; headers, credentials, client certificate and body stay with the
    /// first scheme, host and port.
    ///
    /// - Parameters:
    ///   - deadline: ends the call wherever it is, redirects included; task cancellation does so at once.
    /// - Throws: why there is no answer, with the time spent.
    public func answer(to call: HTTPCall, until deadline: ContinuousClock.Instant) async throws(CurlError) -> HTTPAnswer
    {
        var call = call
        var spent = HTTPTimings()
        var last: HTTPAnswer?
        for hop in 0...max(0, call.maximumRedirects) {
            let outcome: TransferOutcome
            switch await transfer(try order(of: call), until: deadline) {
            case .success(let done): outcome = done
            case .failure(var error):
                error.timings = spent + error.timings
                error.redirects = hop
                throw error
            }
            spent = spent + outcome.answer.timings
            guard call.maximumRedirects > 0, let next = outcome.redirect else {
                return HTTPAnswer(outcome.answer, timings: spent, redirects: hop)
            }
            if let mayFollow = call.mayFollow {
                let target = try HTTPTarget(next)
                guard mayFollow(target) else {
                    throw CurlError(
                        .redirects, "\(try order(of: call).name): it leads to \(target.host), which may not be asked",
                        timings: spent)
                }
            }
            call = try call.redirected(to: next, status: outcome.answer.status)
            call.cookies = outcome.answer.cookies
            last = HTTPAnswer(outcome.answer, timings: spent, redirects: hop + 1)
        }
        var error = CurlError(
            .redirects,
            "\(try order(of: call).name): more than \(call.maximumRedirects) redirects",
            timings: spent)
        error.redirects = last?.redirects ?? 0
        error.answer = last
        throw error
    }

    /// Ends open calls with `.cancelled`, closes all connections and the thread. Later calls fail.
    public func close() async {
        _ = mailbox.post(.stop)
        await withCheckedContinuation { done in thread.shutdownGracefully { _ in done.resume() } }
    }

    private func order(of call: HTTPCall) throws(CurlError) -> (call: HTTPCall, name: String) {
        let target = try HTTPTarget(call.url)
        let name = call.name ?? "\(call.method.rawValue) \(target)"
        for header in call.headers
        where header.name.isEmpty || (header.name + header.value).utf8.contains(where: { $0 < 0x20 && $0 != 0x09 }) {
            throw CurlError(.configuration, "\(name): a header has no name, or a line break in it")
        }
        return (call, name)
    }

    private func transfer(
        _ order: (call: HTTPCall, name: String), until deadline: ContinuousClock.Instant
    ) async -> Result<TransferOutcome, CurlError> {
        guard !Task.isCancelled else {
            return .failure(CurlError(.cancelled, "\(order.name): cancelled before it was sent"))
        }
        let id = nextID.add(1, ordering: .relaxed).oldValue
        return await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                let begin = TransferOrder(
                    id: id, call: order.call, name: order.name, deadline: deadline, userAgent: options.userAgent,
                    proxyFromEnvironment: options.usesProxyFromEnvironment, waiter: waiter)
                guard mailbox.post(.begin(begin)) else {
                    return waiter.resume(returning: .failure(CurlError(.cancelled, "the HTTP client is closed")))
                }
                // The handler below may have run before there was anything to cancel.
                if Task.isCancelled { _ = mailbox.post(.cancel(id)) }
            }
        } onCancel: {
            _ = mailbox.post(.cancel(id))
        }
    }
}

/// What all calls of a client share.
public struct CurlOptions: Sendable {
    /// `User-Agent` of every call.
    public var userAgent = "exporter-fleet"
    /// Connections open at once; further calls wait within their own deadline.
    public var maximumConnections = 8
    /// Obeys `http_proxy`, `https_proxy` and `no_proxy`.
    public var usesProxyFromEnvironment = true

    /// The defaults.
    public init() {}
}

extension HTTPAnswer {
    init(_ last: HTTPAnswer, timings: HTTPTimings, redirects: Int) {
        self.init(
            status: last.status, headers: last.headers, body: last.body, declaredBodyBytes: last.declaredBodyBytes,
            timings: timings, version: last.version, primaryAddress: last.primaryAddress, redirects: redirects,
            usedTLS: last.usedTLS, handshake: last.handshake, cookies: last.cookies,
            openedConnections: last.openedConnections, retryAfter: last.retryAfter)
    }
}

extension HTTPCall {
    /// The call after a redirect. Nothing that could be a secret leaves the origin.
    fileprivate func redirected(to url: String, status: Int) throws(CurlError) -> HTTPCall {
        var next = self
        next.url = url
        if status == 303 || (method == .post && (status == 301 || status == 302)) {
            next.method = method == .head ? .head : .get
            next.body = nil
        }
        if try !HTTPTarget(url).hasOrigin(of: HTTPTarget(self.url)) {
            next.headers = []
            next.credentials = nil
            next.body = nil
            next.tls.certificateFile = nil
            next.tls.keyFile = nil
            next.tls.serverName = nil
        }
        return next
    }
}
