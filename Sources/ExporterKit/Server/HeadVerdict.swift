internal import NIOHTTP1

/// What the head of a request alone decides.
enum HeadVerdict {
    /// The request is answered when it is whole.
    case readOn
    /// It is answered now, and nothing is read after it.
    case answerNow
    /// It is not answered by a route.
    case refuse(HTTPResponse)

    init(_ head: HTTPRequestHead, carried: ServerSecurity.Carried, limits: ServerLimits) {
        var hosts = 0
        var isLast = head.method == .CONNECT
        for (name, value) in head.headers {
            if name.isHeader("host") {
                hosts += 1
            } else if name.isHeader("content-length"), Int(value) ?? .max > limits.bodyBytes {
                self = .refuse(.tooLarge)
                return
            } else if name.isHeader("expect") {
                // The client waits for a word before it sends a body, which no route reads: it gets the answer instead.
                guard value.lowercased() == "100-continue" else {
                    self = .refuse(.text(417, "417 expectation failed: nothing but 100-continue is known here"))
                    return
                }
                isLast = true
            } else if name.isHeader("upgrade") {
                // The parser stops here; nothing is upgraded, so what follows has no meaning.
                isLast = true
            }
        }
        if carried == .http1, !head.version.isOld, hosts != 1 {
            self = .refuse(.text(400, "400 bad request: give exactly one Host header"))
        } else {
            self = isLast ? .answerNow : .readOn
        }
    }
}

extension HTTPResponse {
    /// A body nobody reads.
    static let tooLarge = text(413, "413 content too large: no request needs a body here")

    /// Bytes that are not HTTP, or too many of them.
    static func malformed(_ error: HTTPParserError) -> HTTPResponse {
        switch error {
        case .headerOverflow: text(431, "431 request header fields too large")
        case .invalidVersion: text(505, "505 HTTP version not supported: use HTTP/1.1")
        default: text(400, "400 bad request: this is not HTTP/1.1")
        }
    }
}
