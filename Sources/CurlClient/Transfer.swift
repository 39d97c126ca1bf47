internal import CCurl
internal import TLSClient

/// One request on its way: the handle, what has come so far, and who waits. Confined to the loop's thread.
final class Transfer {
    let order: TransferOrder
    private(set) var handle: CurlHandle
    private var body: [UInt8] = []
    private var headers: [(name: String, value: String)] = []
    private var headerBytes = 0
    private var overflow: String?
    private let observer = TLSObserver()

    /// - Throws: `.configuration` when libcurl refuses a part of the call, `.timeout` when there is no time left.
    init(_ order: TransferOrder) throws(CurlError) {
        guard let handle = CurlHandle() else { throw CurlError(.configuration, "libcurl has no memory for a request") }
        self.order = order
        self.handle = handle
        let left = ContinuousClock.now.duration(to: order.deadline)
        guard left > .zero else {
            throw CurlError(.timeout, "\(order.name): no time left to send it; \(CurlError.Kind.timeout.nextStep)")
        }
        configure(
            milliseconds: max(
                1, Int(left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000)))
        guard self.handle.optionFailure == CURLE_OK else { throw failure(self.handle.optionFailure) }
    }

    private func configure(milliseconds: Int) {
        configureAddress(order.call)
        handle.set(CURLOPT_PROTOCOLS_STR, "http,https")
        handle.set(CURLOPT_NOSIGNAL, 1)  // signals and threads do not mix
        handle.set(CURLOPT_FOLLOWLOCATION, 0)  // CurlClient follows by itself, to keep credentials at home
        handle.set(CURLOPT_TIMEOUT_MS, milliseconds)
        handle.set(CURLOPT_CONNECTTIMEOUT_MS, milliseconds)
        handle.set(CURLOPT_USERAGENT, order.userAgent)
        handle.setSize(CURLOPT_MAXFILESIZE_LARGE, order.call.maximumBodyBytes)
        // Without it, a cancelled call would hold the loop until getaddrinfo returns.
        handle.set(CURLOPT_QUICK_EXIT, 1)
        switch order.call.proxy ?? (order.proxyFromEnvironment ? .environment : .direct) {
        case .environment: break
        case .direct: handle.set(CURLOPT_PROXY, "")
        case .url(let url, let exceptions):
            handle.set(CURLOPT_PROXY, url)
            handle.set(CURLOPT_NOPROXY, exceptions)
        }
        configureRequest(order.call)
        configureTrust(order.call)
        configureSinks()
    }

    private func configureAddress(_ call: HTTPCall) {
        switch call.addressFamily {
        case .any: break
        case .v4: handle.set(CURLOPT_IPRESOLVE, Int(CURL_IPRESOLVE_V4))
        case .v6: handle.set(CURLOPT_IPRESOLVE, Int(CURL_IPRESOLVE_V6))
        }
        // libcurl takes the name for TLS from the URL: that one gets it, and the connection goes where it should.
        guard let name = call.tls.serverName, let target = try? HTTPTarget(call.url),
            let renamed = HTTPTarget.url(call.url, withHost: name)
        else { return handle.set(CURLOPT_URL, call.url) }
        handle.set(CURLOPT_URL, renamed)
        handle.setConnectTo("\(name):\(target.port):\(target.host):\(target.port)")
    }

    /// `Host` when the URL does not say it.
    private func hostHeader(_ call: HTTPCall) -> [String] {
        guard call.tls.serverName != nil, let target = try? HTTPTarget(call.url),
            !call.headers.contains(where: { $0.name.lowercased() == "host" })
        else { return [] }
        let usual = target.scheme == "https" ? 443 : 80
        return ["Host: \(target.host)\(target.port == usual ? "" : ":\(target.port)")"]
    }

    private func configureRequest(_ call: HTTPCall) {
        switch call.method {
        case .get: handle.set(CURLOPT_HTTPGET, 1)
        case .head: handle.set(CURLOPT_NOBODY, 1)
        case .post: handle.set(CURLOPT_POST, 1)
        case .put, .patch, .delete: handle.set(CURLOPT_CUSTOMREQUEST, call.method.rawValue)
        }
        if call.method != .get, call.method != .head, call.body != nil || call.method == .post {
            handle.setBody(call.body ?? [])
        }
        // An empty `Expect:` switches off the pause before a body.
        handle.setHeaders(
            call.headers.map { $0.value.isEmpty ? "\($0.name);" : "\($0.name): \($0.value)" } + ["Expect:"]
                + hostHeader(call))
        switch call.credentials {
        case .basic(let user, let password):
            handle.set(CURLOPT_HTTPAUTH, CCurl_auth_basic)
            handle.set(CURLOPT_USERNAME, user)
            handle.set(CURLOPT_PASSWORD, password)
        case .bearer(let token):
            handle.set(CURLOPT_HTTPAUTH, CCurl_auth_bearer)
            handle.set(CURLOPT_XOAUTH2_BEARER, token)
        case nil: break
        }
        if let cookies = call.cookies {
            handle.set(CURLOPT_COOKIEFILE, "")  // no file: switches the jar on
            for line in cookies { handle.set(CURLOPT_COOKIELIST, line) }
        }
        switch call.version {
        case .http10?: handle.set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_0))
        case .http11?: handle.set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        case .http2Direct?: handle.set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE))
        case .http2?: handle.set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
        case nil: break
        }
        if call.usesFreshConnection {
            handle.set(CURLOPT_FRESH_CONNECT, 1)
            handle.set(CURLOPT_FORBID_REUSE, 1)
            handle.set(CURLOPT_DNS_CACHE_TIMEOUT, 0)
            handle.set(CURLOPT_SSL_SESSIONID_CACHE, 0)  // a resumed session shows no certificates
        }
        // An empty text is every encoding libcurl can undo; the limit counts what comes out.
        if let encoding = call.acceptEncoding ?? (call.usesFreshConnection ? nil : "") {
            handle.set(CURLOPT_ACCEPT_ENCODING, encoding)
        }
    }

    private func configureTrust(_ call: HTTPCall) {
        handle.set(CURLOPT_SSL_VERIFYPEER, call.tls.verifies ? 1 : 0)
        handle.set(CURLOPT_SSL_VERIFYHOST, call.tls.verifies ? 2 : 0)
        // Authorities out of one file are parsed once and kept for a minute; a folder of them would be read for each call.
        handle.clear(CURLOPT_CAPATH)
        handle.setIfKnown(CURLOPT_CA_CACHE_TIMEOUT, 60)
        switch call.tls.minimumVersion {
        case .tls10?: handle.set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_0))
        case .tls11?: handle.set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_1))
        case .tls12?: handle.set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        case .tls13?: handle.set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_3))
        case nil: break
        }
        if call.usesFreshConnection { observeHandshake() }
        if let file = call.tls.authorityFile { handle.set(CURLOPT_CAINFO, file) }
        if let file = call.tls.certificateFile { handle.set(CURLOPT_SSLCERT, file) }
        if let file = call.tls.keyFile { handle.set(CURLOPT_SSLKEY, file) }
    }

    /// Only where the connection ends with the call: OpenSSL keeps the observer's address as long as that.
    private func observeHandshake() {
        handle.setContextMaker(
            { _, context, user in
                guard let context, let user else { return CURLE_ABORTED_BY_CALLBACK }
                Unmanaged<TLSObserver>.fromOpaque(user).takeUnretainedValue().observe(context)
                return CURLE_OK
            }, context: Unmanaged.passUnretained(observer).toOpaque())
    }

    private func configureSinks() {
        // Unretained: the loop keeps the transfer until libcurl has let go of the handle.
        let context = Unmanaged.passUnretained(self).toOpaque()
        handle.set(
            CURLOPT_WRITEFUNCTION,
            { bytes, size, count, context in
                guard let context, let bytes else { return 0 }
                let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
                return transfer.take(UnsafeRawBufferPointer(start: bytes, count: size * count)) ? size * count : 0
            }, context: CURLOPT_WRITEDATA, context)
        handle.set(
            CURLOPT_HEADERFUNCTION,
            { bytes, size, count, context in
                guard let context, let bytes else { return 0 }
                let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
                return transfer.takeHeader(UnsafeRawBufferPointer(start: bytes, count: size * count)) ? size * count : 0
            }, context: CURLOPT_HEADERDATA, context)
    }

    // MARK: - What comes in

    private func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard body.count + bytes.count <= order.call.maximumBodyBytes else {
            overflow = "the body is larger than \(order.call.maximumBodyBytes) bytes"
            return false
        }
        body.append(contentsOf: bytes)
        return true
    }

    private func takeHeader(_ bytes: UnsafeRawBufferPointer) -> Bool {
        headerBytes += bytes.count
        guard headerBytes <= order.call.maximumHeaderBytes else {
            overflow = "the headers are larger than \(order.call.maximumHeaderBytes) bytes"
            return false
        }
        // A status line begins a new block: an interim answer, or the proxy's before the server's.
        if bytes.starts(with: "HTTP/".utf8) {
            headers.removeAll()
        } else if let colon = bytes.firstIndex(of: UInt8(ascii: ":")) {
            let name = String(decoding: bytes[..<colon], as: UTF8.self)
            headers.append((name, String(decoding: trimmed(bytes[(colon + 1)...]), as: UTF8.self)))
        }
        return true
    }

    private func trimmed(_ bytes: Slice<UnsafeRawBufferPointer>) -> Slice<UnsafeRawBufferPointer> {
        let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x09 || byte == 0x0d || byte == 0x0a }
        var rest = bytes.drop(while: isSpace)
        while let last = rest.last, isSpace(last) { rest.removeLast() }
        return rest
    }

    // MARK: - The end

    /// The outcome, once libcurl is done with the handle.
    func outcome(_ code: CURLcode) -> Result<TransferOutcome, CurlError> {
        if let overflow {
            return .failure(
                CurlError(
                    .tooLarge, "\(order.name): \(overflow); \(CurlError.Kind.tooLarge.nextStep)", timings: timings()))
        }
        guard code == CURLE_OK else { return .failure(failure(code)) }
        let declared = handle.size(CURLINFO_CONTENT_LENGTH_DOWNLOAD_T)
        var answer = HTTPAnswer(
            status: handle.number(CURLINFO_RESPONSE_CODE), headers: headers, body: body,
            declaredBodyBytes: declared < 0 ? nil : declared, timings: timings(), version: version(),
            primaryAddress: handle.text(CURLINFO_PRIMARY_IP) ?? "", redirects: 0,
            usedTLS: handle.text(CURLINFO_SCHEME)?.lowercased() == "https", handshake: observer.handshake,
            cookies: order.call.cookies == nil ? nil : handle.cookieLines())
        answer.openedConnections = handle.number(CURLINFO_NUM_CONNECTS)
        let pause = handle.size(CURLINFO_RETRY_AFTER)
        if pause > 0 { answer.retryAfter = .seconds(pause) }
        return .success(TransferOutcome(answer: answer, redirect: redirect(answer)))
    }

    private func failure(_ code: CURLcode) -> CurlError {
        let kind = CurlError.Kind(code)
        var error = CurlError(kind, "\(order.name): \(handle.message(for: code)); \(kind.nextStep)", timings: timings())
        error.handshake = observer.handshake
        // The chain is right and libcurl refuses it nevertheless: it is the name.
        if kind == .tls, error.handshake?.distrust == nil { error.handshake?.distrust = handle.message(for: code) }
        return error
    }

    /// Where a 3xx answer points to, as seen from the URL of the call.
    private func redirect(_ answer: HTTPAnswer) -> String? {
        guard order.call.tls.serverName != nil else { return handle.text(CURLINFO_REDIRECT_URL) }
        guard (300..<400).contains(answer.status), let location = answer.header("Location") else { return nil }
        return HTTPTarget.url(location, seenFrom: order.call.url)
    }

    private func version() -> Double {
        switch handle.number(CURLINFO_HTTP_VERSION) {
        case Int(CURL_HTTP_VERSION_1_0): 1.0
        case Int(CURL_HTTP_VERSION_1_1): 1.1
        case Int(CURL_HTTP_VERSION_2_0): 2.0
        case Int(CURL_HTTP_VERSION_3): 3.0
        default: 0
        }
    }

    /// libcurl reports marks since the start of the call; a phase is the way from one mark to the next.
    private func timings() -> HTTPTimings {
        let resolved = handle.size(CURLINFO_NAMELOOKUP_TIME_T)
        let connected = handle.size(CURLINFO_CONNECT_TIME_T)
        let secured = handle.size(CURLINFO_APPCONNECT_TIME_T)
        let sent = handle.size(CURLINFO_PRETRANSFER_TIME_T)
        let answered = handle.size(CURLINFO_STARTTRANSFER_TIME_T)
        let total = handle.size(CURLINFO_TOTAL_TIME_T)
        func phase(_ from: Int, _ to: Int) -> Duration { to > from ? .microseconds(to - from) : .zero }
        var timings = HTTPTimings()
        timings.resolve = .microseconds(resolved)
        timings.connect = phase(resolved, connected)
        timings.tls = secured > 0 ? phase(connected, secured) : .zero
        timings.processing = sent > 0 ? phase(sent, answered) : .zero
        timings.transfer = answered > 0 ? phase(answered, total) : .zero
        timings.total = .microseconds(total)
        return timings
    }
}

/// A call as the loop is given it.
struct TransferOrder: Sendable {
    /// Unique in the client.
    let id: UInt64
    let call: HTTPCall
    /// `GET http://host/path`: how messages name it.
    let name: String
    let deadline: ContinuousClock.Instant
    let userAgent: String
    let proxyFromEnvironment: Bool
    /// Resumed exactly once by the loop, whatever happens.
    let waiter: CheckedContinuation<Result<TransferOutcome, CurlError>, Never>
}

/// An answer, and where it points to.
struct TransferOutcome: Sendable {
    let answer: HTTPAnswer
    /// Absolute URL of a 3xx answer with `Location`.
    let redirect: String?
}
