/// A request as a route sees it.
public struct HTTPRequest: Sendable {
    /// `GET` or `HEAD`.
    public let method: String
    /// Path without the query, percent-decoded.
    public let path: String
    /// Query parameters in their order, percent-decoded.
    public let query: [(name: String, value: String)]
    private let headers: [(name: String, value: String)]

    /// A request from its parts.
    ///
    /// - Parameter target: path and query as they stand in the request line.
    public init(method: String = "GET", target: String, headers: [(name: String, value: String)] = []) {
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        self.method = method
        self.path = Self.decoded(parts.first ?? "/", plusIsSpace: false)
        self.query = (parts.count > 1 ? parts[1] : "").split(separator: "&").map { pair in
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (
                Self.decoded(sides[0], plusIsSpace: true),
                sides.count > 1 ? Self.decoded(sides[1], plusIsSpace: true) : ""
            )
        }
        self.headers = headers
    }

    /// Values of a header, joined by commas as HTTP allows; `nil` when absent. Names compare without case.
    public func header(_ name: String) -> String? {
        let wanted = name.lowercased()
        let values = headers.filter { $0.name.lowercased() == wanted }.map(\.value)
        return values.isEmpty ? nil : values.joined(separator: ",")
    }

    /// All values of a query parameter, in their order.
    public func parameters(_ name: String) -> [String] {
        query.filter { $0.name == name }.map(\.value)
    }

    private static func decoded(_ text: Substring, plusIsSpace: Bool) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(plusIsSpace && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// What a route answers.
public struct HTTPResponse: Sendable {
    /// Status code.
    public let status: Int
    /// Headers but `Content-Length`, `Date` and `Connection`, which the server adds.
    public let headers: [(name: String, value: String)]
    /// The whole body.
    public let body: [UInt8]

    /// A response from its parts.
    public init(status: Int, headers: [(name: String, value: String)], body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// A line of plain text.
    public static func text(_ status: Int, _ line: String) -> HTTPResponse {
        HTTPResponse(
            status: status, headers: [("Content-Type", "text/plain; charset=utf-8")], body: Array((line + "\n").utf8))
    }
}
