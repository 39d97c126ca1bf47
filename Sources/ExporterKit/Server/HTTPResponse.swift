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

    /// A line of plain text, and headers besides its type.
    public static func text(
        _ status: Int, _ line: String, headers: [(name: String, value: String)] = []
    ) -> HTTPResponse {
        HTTPResponse(
            status: status, headers: [("Content-Type", "text/plain; charset=utf-8")] + headers,
            body: Array((line + "\n").utf8))
    }
}
