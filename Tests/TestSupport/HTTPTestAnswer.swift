import CDeflate
import Foundation

/// An answer of `HTTPTestServer`, and how it is sent: at once, late, slowly, in part, for ever, or with a lie.
public struct HTTPTestAnswer: Sendable {
    /// How the body comes.
    public enum Delivery: Sendable {
        /// All of it at once.
        case whole
        /// So many bytes at a time, with a pause behind each.
        case trickle(bytes: Int, every: Duration)
        /// So many bytes, then nothing more, until the client leaves.
        case stall(after: Int)
        /// So many bytes, then the connection is closed.
        case cutOff(after: Int)
        /// The body again and again until the client leaves. No length is declared.
        case endless
    }

    /// How the body is encoded.
    public enum Encoding: String, Sendable {
        case gzip
        case deflate
    }

    /// Any three digits.
    public var status: Int
    /// Sent as they are, before those that the answer needs.
    public var headers: [(name: String, value: String)] = []
    /// Before encoding.
    public var body: [UInt8]
    /// Pause before the first byte of the answer.
    public var delay: Duration = .zero
    /// How the body comes.
    public var delivery = Delivery.whole
    /// Encoding of the body, with its header.
    public var encoding: Encoding?
    /// Length to declare instead of the true one.
    public var declaredLength: Int?
    /// Sends the body in chunks, without a length.
    public var isChunked = false
    /// Closes the connection behind the answer.
    public var closes = false

    /// With a text as body.
    public init(_ body: String, status: Int = 200) {
        self.init(Array(body.utf8), status: status)
    }

    /// With bytes as body.
    public init(_ body: [UInt8] = [], status: Int = 200) {
        self.body = body
        self.status = status
    }

    /// Sends the client elsewhere.
    public static func redirect(to url: String, status: Int = 302) -> HTTPTestAnswer {
        HTTPTestAnswer("", status: status).with("Location", url)
    }

    /// With one more header.
    public func with(_ name: String, _ value: String) -> HTTPTestAnswer {
        var changed = self
        changed.headers.append((name, value))
        return changed
    }

    /// With one property changed.
    public func with<Value>(_ path: WritableKeyPath<HTTPTestAnswer, Value>, _ value: Value) -> HTTPTestAnswer {
        var changed = self
        changed[keyPath: path] = value
        return changed
    }

    /// - Returns: `false` when the connection is over.
    func send(over connection: LoopbackConnection, to request: HTTPTestRequest) -> Bool {
        let body = encoded()
        guard connection.pause(delay) else { return false }
        var isEndless = false
        if case .endless = delivery { isEndless = true }
        var lines = "HTTP/1.1 \(status) \(Self.reasons[status] ?? "Status")\r\n"
        for header in headers { lines += "\(header.name): \(header.value)\r\n" }
        if let encoding { lines += "Content-Encoding: \(encoding.rawValue)\r\n" }
        if isChunked {
            lines += "Transfer-Encoding: chunked\r\n"
        } else if !isEndless || declaredLength != nil {
            lines += "Content-Length: \(declaredLength ?? body.count)\r\n"
        }
        if closes || isEndless { lines += "Connection: close\r\n" }
        guard connection.send(lines + "\r\n") else { return false }
        if request.method == "HEAD" { return !closes }
        return deliver(body, over: connection) && !closes && !isEndless
    }

    private func deliver(_ body: [UInt8], over connection: LoopbackConnection) -> Bool {
        switch delivery {
        case .whole:
            guard isChunked else { return connection.send(body) }
            return connection.send(chunk(body[...]) + Array("0\r\n\r\n".utf8))
        case .trickle(let bytes, let pause):
            var rest = body[...]
            while !rest.isEmpty {
                let part = rest.prefix(bytes)
                guard connection.send(isChunked ? chunk(part) : Array(part)), connection.pause(pause) else {
                    return false
                }
                rest = rest.dropFirst(bytes)
            }
            return isChunked ? connection.send("0\r\n\r\n") : true
        case .stall(let count):
            connection.send(Array(body.prefix(count)))
            connection.waitForHangUp()
            return false
        case .cutOff(let count):
            connection.send(Array(body.prefix(count)))
            return false
        case .endless:
            let block = Array(repeatElement(body, count: max(1, 65_536 / max(1, body.count))).joined())
            while connection.send(isChunked ? chunk(block[...]) : block) {}
            return false
        }
    }

    private func chunk(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        bytes.isEmpty ? [] : Array("\(String(bytes.count, radix: 16))\r\n".utf8) + bytes + Array("\r\n".utf8)
    }

    private func encoded() -> [UInt8] {
        guard let encoding, let compressor = libdeflate_alloc_compressor(6) else { return body }
        defer { libdeflate_free_compressor(compressor) }
        let bound = body.count + body.count / 8 + 256
        return [UInt8](unsafeUninitializedCapacity: bound) { output, count in
            switch encoding {
            case .gzip: count = libdeflate_gzip_compress(compressor, body, body.count, output.baseAddress, bound)
            case .deflate: count = libdeflate_zlib_compress(compressor, body, body.count, output.baseAddress, bound)
            }
        }
    }

    private static let reasons = [
        200: "OK", 201: "Created", 204: "No Content", 301: "Moved Permanently", 302: "Found", 303: "See Other",
        307: "Temporary Redirect", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
        409: "Conflict", 429: "Too Many Requests", 500: "Internal Server Error", 502: "Bad Gateway",
        503: "Service Unavailable",
    ]
}
