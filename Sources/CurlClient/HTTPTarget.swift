internal import CCurl

/// A URL taken apart by libcurl's own parser, so that what is checked is what is used.
public struct HTTPTarget: Sendable, Hashable, CustomStringConvertible {
    /// `http` or `https`.
    public let scheme: String
    /// Name or address, lower case.
    public let host: String
    /// 1...65535; the scheme's own when the URL has none.
    public let port: Int
    /// Begins with `/`.
    public let path: String

    /// Takes a URL apart.
    ///
    /// - Throws: `.configuration` for anything but an absolute http or https URL without user and password.
    public init(_ url: String) throws(CurlError) {
        guard let parts = CurlURL(url) else {
            throw CurlError(
                .configuration, "this is not a URL that can be asked; write http://host/path or https://host/path")
        }
        guard let scheme = parts.part(CURLUPART_SCHEME), scheme == "http" || scheme == "https" else {
            throw CurlError(.configuration, "only http:// and https:// can be asked")
        }
        guard parts.part(CURLUPART_USER) == nil, parts.part(CURLUPART_PASSWORD) == nil else {
            throw CurlError(.configuration, "the URL has user or password in it; use basic_auth instead")
        }
        self.scheme = scheme
        self.host = (parts.part(CURLUPART_HOST) ?? "").lowercased()
        self.port = Int(parts.part(CURLUPART_PORT) ?? "") ?? 0
        self.path = parts.part(CURLUPART_PATH) ?? "/"
    }

    /// A reference such as `/next?page=2` or a whole URL, as it is meant on the page of another URL.
    ///
    /// - Returns: `nil` when there is no URL that can be asked in it.
    public static func resolve(_ reference: String, on url: String) -> String? {
        CurlURL(url)?.changed(CURLUPART_URL, to: reference)
    }

    /// True when both are the same scheme, host and port: credentials may go along.
    public func hasOrigin(of other: HTTPTarget) -> Bool {
        scheme == other.scheme && host == other.host && port == other.port
    }

    /// Scheme, host, port where it is not the usual one, and path; no query, which may hold a key.
    public var description: String {
        let usual = scheme == "https" ? 443 : 80
        return "\(scheme)://\(host)\(port == usual ? "" : ":\(port)")\(path)"
    }
}

extension HTTPTarget {
    /// The same URL with another host in it; `nil` when that is none.
    static func url(_ url: String, withHost host: String) -> String? {
        guard let parts = CurlURL(url) else { return nil }
        return parts.changed(CURLUPART_HOST, to: host)
    }

    /// A reference, such as the value of `Location`, as seen from a URL.
    static func url(_ reference: String, seenFrom url: String) -> String? {
        guard let parts = CurlURL(url) else { return nil }
        return parts.changed(CURLUPART_URL, to: reference)
    }
}

/// Owns one `CURLU *`.
private struct CurlURL: ~Copyable {
    private let raw: OpaquePointer

    init?(_ url: String) {
        guard let raw = curl_url() else { return nil }
        guard curl_url_set(raw, CURLUPART_URL, url, 0) == CURLUE_OK else {
            curl_url_cleanup(raw)
            return nil
        }
        self.raw = raw
    }

    deinit { curl_url_cleanup(raw) }

    /// The whole URL with another part in it.
    borrowing func changed(_ part: CURLUPart, to text: String) -> String? {
        guard curl_url_set(raw, part, text, 0) == CURLUE_OK else { return nil }
        var whole: UnsafeMutablePointer<CChar>?
        guard curl_url_get(raw, CURLUPART_URL, &whole, 0) == CURLUE_OK, let whole else { return nil }
        defer { curl_free(whole) }
        return String(cString: whole)
    }

    /// A part as text; `nil` when the URL lacks it. The C string is freed here.
    borrowing func part(_ part: CURLUPart) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(raw, part, &text, UInt32(CURLU_DEFAULT_PORT)) == CURLUE_OK, let text else { return nil }
        defer { curl_free(text) }
        return String(cString: text)
    }
}
