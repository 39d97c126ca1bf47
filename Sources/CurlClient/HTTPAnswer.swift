internal import CCurl
public import TLSClient

/// What came back: the last answer of a call after the redirects it may follow.
public struct HTTPAnswer: Sendable {
    /// 100...999.
    public let status: Int
    /// Header lines in order, names as the server wrote them.
    public let headers: [(name: String, value: String)]
    /// Decoded body, within the call's limit.
    public let body: [UInt8]
    /// `Content-Length` as declared; `nil` when not declared.
    public let declaredBodyBytes: Int?
    /// Time spent, all hops together.
    public let timings: HTTPTimings
    /// 1.0, 1.1, 2.0 or 3.0 as blackbox_exporter counts them; 0 when unknown.
    public let version: Double
    /// Address that answered, numeric.
    public let primaryAddress: String
    /// Redirects that were followed.
    public let redirects: Int
    /// `true` when the last hop used TLS.
    public let usedTLS: Bool
    /// What the last hop's TLS handshake showed; `nil` without TLS and where `usesFreshConnection` is not asked for.
    public let handshake: TLSHandshake?
    /// What the cookie jar of the call holds now, for the next call; `nil` for a call without one.
    public let cookies: [String]?
    /// Connections that were opened for it; 0 when one was reused.
    public var openedConnections = 0
    /// What `Retry-After` asks for, as time from now; `nil` without one.
    public var retryAfter: Duration?

    /// Value of the first header of this name, in any case.
    public func header(_ name: String) -> String? {
        let wanted = name.lowercased()
        return headers.first { $0.name.lowercased() == wanted }?.value
    }
}

/// Where the time of a call went.
public struct HTTPTimings: Sendable, Hashable {
    /// Name to address.
    public var resolve: Duration = .zero
    /// TCP handshake.
    public var connect: Duration = .zero
    /// TLS handshake; zero without TLS.
    public var tls: Duration = .zero
    /// From the request sent to the first byte of the answer.
    public var processing: Duration = .zero
    /// From the first byte to the last.
    public var transfer: Duration = .zero
    /// The whole call.
    public var total: Duration = .zero

    /// No time at all.
    public init() {}

    static func + (left: HTTPTimings, right: HTTPTimings) -> HTTPTimings {
        var sum = left
        sum.resolve += right.resolve
        sum.connect += right.connect
        sum.tls += right.tls
        sum.processing += right.processing
        sum.transfer += right.transfer
        sum.total += right.total
        return sum
    }
}

/// Dates in headers.
public enum HTTPDate {
    /// Seconds since 1970; `nil` for what is no date.
    public static func seconds(_ text: String) -> Double? {
        let time = curl_getdate(text, nil)
        return time < 0 ? nil : Double(time)
    }
}
