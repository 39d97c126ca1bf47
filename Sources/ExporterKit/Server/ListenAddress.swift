internal import NIOCore
internal import NIOPosix

/// Where to listen: `:9187`, `127.0.0.1:9187`, `[::1]:9187`, `localhost:9187`.
public struct ListenAddress: Sendable, Hashable, CustomStringConvertible {
    /// Host name or address without brackets; empty for every interface.
    public let host: String
    /// 0...65535; 0 lets the system choose.
    public let port: Int

    /// - Returns: `nil` when the text is none of the forms.
    public init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            return nil
        }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") || host.contains("[") || host.contains("]") {
            return nil
        }
        self.host = String(host)
        self.port = Int(port)
    }

    /// The form that `init` reads.
    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// Addresses to try, best first: every interface means IPv6 with IPv4 in it, or IPv4 alone where there is no IPv6.
    var candidates: [String] { host.isEmpty ? ["::", "0.0.0.0"] : [host] }
}
