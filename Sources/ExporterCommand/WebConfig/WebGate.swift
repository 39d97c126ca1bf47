internal import ExporterKit
internal import Synchronization

/// Decides about each request, in upstream's order: configuration, rate, headers, user.
/// Source: https://github.com/prometheus/exporter-toolkit/blob/master/web/handler.go
final class WebGate: Sendable {
    private let live: LiveDocument
    /// `nil` lets every request through.
    private let bucket: Mutex<TokenBucket?>
    private let logins = LoginCheck()

    init(_ live: LiveDocument) {
        self.live = live
        let limit = live.first.rateLimit
        bucket = Mutex(limit.map { TokenBucket(interval: $0.interval, burst: $0.burst, at: .now) })
    }

    func admit(_ request: HTTPRequest) async -> ServerSecurity.Admission {
        let document: WebDocument
        do throws(ConfigurationError) { document = try live.current() } catch {
            return .refused(.text(500, "Internal Server Error"))
        }
        guard bucket.withLock({ $0?.take(at: .now) ?? true }) else { return .refused(.text(429, "Too Many Requests")) }
        guard !document.users.isEmpty else { return .admitted(headers: document.headers) }
        guard let login = request.header("Authorization").flatMap({ Credentials($0) }) else {
            return .refused(Self.unauthorized(document))
        }
        switch await logins.verdict(on: login, among: document.users) {
        case .accepted: return .admitted(headers: document.headers)
        case .rejected: return .refused(Self.unauthorized(document))
        case .busy: return .refused(Self.answer(429, "Too Many Requests", document.headers))
        }
    }

    private static func unauthorized(_ document: WebDocument) -> HTTPResponse {
        answer(401, "Unauthorized", document.headers + [("WWW-Authenticate", "Basic")])
    }

    private static func answer(
        _ status: Int, _ line: String, _ headers: [(name: String, value: String)]
    ) -> HTTPResponse {
        let plain = HTTPResponse.text(status, line)
        return HTTPResponse(status: status, headers: plain.headers + headers, body: plain.body)
    }
}
