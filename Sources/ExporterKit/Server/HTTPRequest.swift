internal import NIOHTTP1

/// A request as a route sees it.
public struct HTTPRequest: Sendable {
    /// `GET`, `HEAD` or another, in capitals.
    public let method: String
    /// Path without the query, percent-decoded.
    public let path: String
    /// Query parameters in their order, percent-decoded.
    public let query: [(name: String, value: String)]
    private let headers: HTTPHeaders
    /// Runs on the event loop that the request came to; `nil` for one that came another way.
    var executor: LoopExecutor?

    /// A request from its parts.
    ///
    /// - Parameters:
    ///   - target: path and query as they stand in the request line; a whole URL as proxies send it is one too.
    ///   - headers: in any order and case; names may repeat.
    public init(method: String = "GET", target: String, headers: [(name: String, value: String)] = []) {
        self.init(method: method, target: target, headers: HTTPHeaders(headers.map { ($0.name, $0.value) }))
    }

    init(_ head: HTTPRequestHead) {
        self.init(method: head.method.rawValue, target: head.uri, headers: head.headers)
    }

    private init(method: String, target: String, headers: HTTPHeaders) {
        let origin = Self.originForm(target)
        let parts = origin.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        self.method = method
        self.path = Self.decoded(parts.first ?? "/", plusIsSpace: false)
        self.query = parts.count > 1 ? Self.parameters(parts[1]) : []
        self.headers = headers
    }

    /// Values of a header, joined by commas as HTTP allows; `nil` when absent. Names compare without case.
    public func header(_ name: String) -> String? {
        var joined: String?
        for (present, value) in headers where present.isHeader(name) {
            joined = joined.map { "\($0),\(value)" } ?? value
        }
        return joined
    }

    /// All values of a query parameter, in their order.
    public func parameters(_ name: String) -> [String] {
        query.filter { $0.name == name }.map(\.value)
    }

    // MARK: - Reading the target

    /// The target without scheme and host.
    private static func originForm(_ target: String) -> Substring {
        guard target.utf8.first != UInt8(ascii: "/"), let colon = target.firstIndex(of: ":"),
            target[colon...].hasPrefix("://")
        else { return target[...] }
        let rest = target[colon...].dropFirst(3)
        guard let start = rest.firstIndex(where: { $0 == "/" || $0 == "?" }) else { return "/" }
        return rest[start] == "/" ? rest[start...] : "/" + rest[start...]
    }

    private static func parameters(_ query: Substring) -> [(name: String, value: String)] {
        query.split(separator: "&").map { pair in
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (
                decoded(sides.first ?? "", plusIsSpace: true),
                sides.count > 1 ? decoded(sides[1], plusIsSpace: true) : ""
            )
        }
    }

    /// The text behind the escapes. An escape that is none stays as it is.
    private static func decoded(_ text: Substring, plusIsSpace: Bool) -> String {
        guard text.utf8.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }) else {
            return String(text)
        }
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let high = rest.first?.hexDigit, let low = rest.dropFirst().first?.hexDigit {
                bytes.append(high << 4 | low)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(plusIsSpace && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension String {
    /// True when both are the name of the same header: letters of ASCII compare without case.
    func isHeader(_ name: String) -> Bool {
        utf8.count == name.utf8.count && zip(utf8, name.utf8).allSatisfy { $0.lowercasedASCII == $1.lowercasedASCII }
    }
}

extension UInt8 {
    fileprivate var lowercasedASCII: UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) ? self | 0x20 : self
    }

    fileprivate var hexDigit: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
