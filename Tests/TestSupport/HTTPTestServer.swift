import Foundation

/// An HTTP or HTTPS server on loopback whose answers the test decides, request by request.
public final class HTTPTestServer: Sendable {
    private let server: LoopbackServer
    private let log: RequestLog

    /// - Parameter answer: called once per request, on a thread per connection; `nil` hangs up without an answer.
    public init(
        tls: ServerTLS? = nil, _ answer: @escaping @Sendable (HTTPTestRequest) -> HTTPTestAnswer?
    ) throws {
        let log = RequestLog()
        self.log = log
        server = try LoopbackServer(tls: tls) { connection in
            while let request = HTTPTestRequest(from: connection) {
                log.add(request)
                guard let answer = answer(request) else { return connection.reset() }
                guard answer.send(over: connection, to: request) else { return }
            }
        }
    }

    /// Bodies by path, without the query; other paths are 404.
    public convenience init(tls: ServerTLS? = nil, _ bodies: [String: String]) throws {
        try self.init(tls: tls) { request in
            bodies[request.path].map { HTTPTestAnswer($0) } ?? HTTPTestAnswer("", status: 404)
        }
    }

    /// Where it listens, on 127.0.0.1.
    public var port: Int { server.port }
    /// Connections taken so far.
    public var connections: Int { server.connections }
    /// Requests so far, in order.
    public var requests: [HTTPTestRequest] { log.requests }
    /// Address of a path.
    public func url(_ path: String = "", host: String? = nil) -> String { server.url(path, host: host) }
    /// Closes everything.
    public func stop() { server.stop() }
}

/// Requests that came, in order.
private final class RequestLog: @unchecked Sendable {
    private let lock = NSLock()
    /// Only touched while `lock` is held.
    private var all: [HTTPTestRequest] = []

    func add(_ request: HTTPTestRequest) { lock.withLock { all.append(request) } }
    var requests: [HTTPTestRequest] { lock.withLock { all } }
}

/// A request as it came.
public struct HTTPTestRequest: Sendable {
    /// Request line and header lines, as sent.
    public let head: String
    /// `GET`
    public let method: String
    /// Path and query as sent.
    public let target: String
    /// Without the body's transfer encoding.
    public let body: String
    /// Number of the connection on its server, from 1.
    public let connection: Int

    /// Reads the next one; `nil` when the client is gone.
    init?(from connection: LoopbackConnection) {
        guard let head = connection.request() else { return nil }
        let words = head.prefix { $0 != "\r\n" }.split(separator: " ")
        self.head = head
        method = words.first.map(String.init) ?? ""
        target = words.count > 1 ? String(words[1]) : ""
        self.connection = connection.number
        let length = Self.header("content-length", in: head).flatMap { Int($0) } ?? 0
        body = length > 0 ? String(decoding: connection.receive(exactly: length), as: UTF8.self) : ""
    }

    /// The target up to the query.
    public var path: String { String(target.prefix { $0 != "?" }) }

    /// Parameters of the query, decoded; the last one of a name counts.
    public var query: [String: String] {
        guard let mark = target.firstIndex(of: "?") else { return [:] }
        return Self.parameters(String(target[target.index(after: mark)...]))
    }

    /// Fields of a body in form encoding.
    public var form: [String: String] { Self.parameters(body) }

    /// Value of the first header of this name, in any case.
    public func header(_ name: String) -> String? { Self.header(name, in: head) }

    private static func header(_ name: String, in head: String) -> String? {
        for line in head.split(separator: "\r\n").dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, parts[0].lowercased() == name.lowercased() else { continue }
            return parts[1].trimmingCharacters(in: .whitespaces)
        }
        return nil
    }

    private static func parameters(_ text: String) -> [String: String] {
        var all: [String: String] = [:]
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let decoded = parts.map { $0.replacing("+", with: " ").removingPercentEncoding ?? String($0) }
            all[decoded[0]] = decoded.count > 1 ? decoded[1] : ""
        }
        return all
    }
}
