/// Where to listen: `:9187`, `127.0.0.1:9187`, `[::1]:9187`, `localhost:9187`, `vsock://:9187`.
public struct ListenAddress: Sendable, Hashable, CustomStringConvertible {
    /// What carries the bytes.
    public enum Transport: Sendable, Hashable {
        /// TCP.
        case tcp
        /// The socket between a virtual machine and its host, vsock(7).
        case vsock
        /// A socket that systemd opened.
        case systemd
    }

    /// What carries the bytes.
    public let transport: Transport
    /// Host name or address without brackets; empty for every interface.
    public let host: String
    /// 0...65535, for vsock 0...4294967294; 0 lets the system choose. For systemd the number of the descriptor.
    public let port: Int

    /// - Returns: `nil` when the text is none of the forms.
    public init?(_ text: String) {
        if text.hasPrefix("vsock://:") {
            guard let port = UInt32(text.dropFirst("vsock://:".count)), port < .max else { return nil }
            self.init(.vsock, host: "", port: Int(port))
            return
        }
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            return nil
        }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") || host.contains("[") || host.contains("]") {
            return nil
        }
        self.init(.tcp, host: String(host), port: Int(port))
    }

    /// A socket of systemd.
    init(systemd descriptor: CInt) {
        self.init(.systemd, host: "", port: Int(descriptor))
    }

    private init(_ transport: Transport, host: String, port: Int) {
        self.transport = transport
        self.host = host
        self.port = port
    }

    /// The form that `init` reads, for systemd `systemd socket 3`.
    public var description: String {
        switch transport {
        case .tcp: host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .vsock: "vsock://:\(port)"
        case .systemd: "systemd socket \(port)"
        }
    }

    /// The same with the port that the system chose.
    func withPort(_ port: Int) -> ListenAddress { ListenAddress(transport, host: host, port: port) }

    /// Addresses to try, best first: every interface means IPv6 with IPv4 in it, or IPv4 alone where there is no IPv6.
    var candidates: [String] { host.isEmpty ? ["::", "0.0.0.0"] : [host] }
}
