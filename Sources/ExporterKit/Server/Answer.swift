internal import NIOHTTP1

/// A response on its way to one client.
struct Answer {
    /// What is sent after the head.
    let body: [UInt8]
    /// True when nothing is read after it.
    let isLast: Bool
    private let response: HTTPResponse
    private let version: HTTPVersion
    private let keepsOldAlive: Bool

    /// - Parameter head: of the request; `nil` when there is none that can be understood.
    init(_ response: HTTPResponse, to head: HTTPRequestHead?, isLast: Bool) {
        self.response = response
        self.isLast = isLast
        self.version = head?.version ?? .http1_1
        self.keepsOldAlive = head.map { $0.version.isOld && $0.isKeepAlive } ?? false
        self.body = head?.method == .HEAD ? [] : response.body
    }

    /// Status and headers.
    ///
    /// - Parameters:
    ///   - isLast: as in the answer, or because the server is closing.
    ///   - date: value of the `Date` header.
    func head(carried: ServerSecurity.Carried, isLast: Bool, date: String) -> HTTPResponseHead {
        var headers = HTTPHeaders()
        headers.reserveCapacity(response.headers.count + 3)
        for (name, value) in response.headers { headers.add(name: name, value: value) }
        headers.add(name: "Content-Length", value: String(response.body.count))
        headers.add(name: "Date", value: date)
        if carried == .http1, isLast {
            headers.add(name: "Connection", value: "close")
        } else if carried == .http1, keepsOldAlive {
            headers.add(name: "Connection", value: "keep-alive")
        }
        return HTTPResponseHead(
            version: version, status: HTTPResponseStatus(statusCode: response.status), headers: headers)
    }
}

extension HTTPVersion {
    /// True before HTTP/1.1: nothing needs a host, and connections close unless asked not to.
    var isOld: Bool { major == 0 || (major == 1 && minor == 0) }
}
