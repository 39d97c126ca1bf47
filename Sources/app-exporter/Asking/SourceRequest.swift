internal import CurlClient

/// One request to an HTTP source.
struct SourceRequest: Sendable {
    var method: HTTPCall.Method = .get
    /// Path and query below the source's base, or a whole URL of the same host.
    var path: String
    /// JSON to send.
    var body: [UInt8]?

    /// Without the query, which may hold a key.
    var name: String { "\(method.rawValue) \(path.prefix { $0 != "?" })" }

    /// The same request with a parameter of the query set.
    func setting(_ name: String, _ value: String) -> SourceRequest {
        var changed = self
        changed.path = QueryText.setting(name, value, in: path)
        return changed
    }
}

/// The query of a URL.
enum QueryText {
    /// A path with one parameter set, whether it was there or not.
    static func setting(_ name: String, _ value: String, in path: String) -> String {
        let halves = path.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let name = encoded(name)
        var pairs = halves.count > 1 ? halves[1].split(separator: "&").map(String.init) : []
        pairs.removeAll { $0 == name || $0.hasPrefix(name + "=") }
        pairs.append("\(name)=\(encoded(value))")
        return "\(halves[0])?\(pairs.joined(separator: "&"))"
    }

    /// Percent-encoding of everything that could mean something in a query or a form.
    static func encoded(_ text: String) -> String {
        let hex = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            let isPlain =
                (byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z"))
                || (byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9"))
                || [UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~")].contains(byte)
            if isPlain {
                bytes.append(byte)
            } else {
                bytes += [UInt8(ascii: "%"), hex[Int(byte >> 4)], hex[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
