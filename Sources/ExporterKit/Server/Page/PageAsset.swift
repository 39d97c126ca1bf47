/// A file that the page loads. Its address holds a hash of its bytes, so a browser keeps it and a new version is another file.
struct PageAsset: Sendable {
    let path: String
    private let type: String
    private let body: [UInt8]
    private let version: String

    private init(_ path: String, _ type: String, _ text: String) {
        self.path = path
        self.type = type
        self.body = Array(text.utf8)
        self.version = String(Self.hash(body), radix: 36)
    }

    static let style = PageAsset("/-/page.css", "text/css; charset=utf-8", PageStyle.text)
    static let script = PageAsset("/-/page.js", "text/javascript; charset=utf-8", PageScript.text)
    static let icon = PageAsset("/-/page.svg", "image/svg+xml", PageStyle.icon)
    static let all = [style, script, icon]

    /// As the page refers to it. Relative, so that it also works behind a proxy that adds a prefix.
    var reference: String { ".\(path)?\(version)" }

    /// Another version's address gets this version's bytes, which must not be kept under that address.
    func response(to request: HTTPRequest) -> HTTPResponse {
        let isOwn = request.query.first?.name == version
        let headers = [
            ("Content-Type", type), ("X-Content-Type-Options", "nosniff"), ("Vary", "Accept-Encoding"),
            ("Cache-Control", isOwn ? "max-age=31536000, immutable" : "no-store"),
        ]
        guard request.acceptsGzip, let compressed = Gzip.compress(body) else {
            return HTTPResponse(status: 200, headers: headers, body: body)
        }
        return HTTPResponse(status: 200, headers: headers + [("Content-Encoding", "gzip")], body: compressed)
    }

    /// FNV-1a, 64 bits. Source: http://www.isthe.com/chongo/tech/comp/fnv/
    private static func hash(_ bytes: [UInt8]) -> UInt64 {
        bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
}
