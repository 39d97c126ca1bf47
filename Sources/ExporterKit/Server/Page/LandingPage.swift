/// The page at `/`: what this is, how each collector fared last, and a live table of all metrics.
///
/// Without JavaScript it still names the targets and shows the collectors. It loads nothing from elsewhere.
public struct LandingPage: Sendable {
    /// Name of the program.
    public let name: String
    /// What it exports, in one sentence.
    public let summary: String
    /// Version of the program.
    public let version: String
    /// What it asks, without credentials; empty for none.
    public let targets: [String]

    /// A page from its parts.
    public init(name: String, summary: String, version: String, targets: [String] = []) {
        self.name = name
        self.summary = summary
        self.version = version
        self.targets = targets
    }

    /// Every path the page answers: itself, what it loads, and the state of the collectors it reads again and again.
    static let paths = ["/", statePath] + PageAsset.all.map(\.path)
    private static let statePath = "/-/page.json"

    /// Answers a request for one of `paths`.
    ///
    /// - Parameters:
    ///   - telemetryPath: where the page finds the metrics, on the same server.
    ///   - collectors: read only when they are shown.
    func response(
        to request: HTTPRequest, telemetryPath: String, collectors: @autoclosure () -> [CollectorStatus]
    ) -> HTTPResponse {
        if let asset = PageAsset.all.first(where: { $0.path == request.path }) { return asset.response(to: request) }
        if request.path == Self.statePath {
            let json = PageState(collectors()).json
            return HTTPResponse(status: 200, headers: Self.headers("application/json"), body: json)
        }
        let html = PageMarkup(page: self, telemetryPath: telemetryPath, collectors: collectors()).html
        let headers = Self.headers("text/html; charset=utf-8") + [("Content-Security-Policy", Self.policy)]
        return HTTPResponse(status: 200, headers: headers, body: Array(html.utf8))
    }

    private static func headers(_ type: String) -> [(name: String, value: String)] {
        [
            ("Content-Type", type), ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "no-referrer"),
        ]
    }

    /// Nothing from elsewhere, nothing inline, no text that becomes markup.
    private static let policy = [
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "connect-src 'self'",
        "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
        "require-trusted-types-for 'script'", "trusted-types 'none'",
    ].joined(separator: "; ")
}
