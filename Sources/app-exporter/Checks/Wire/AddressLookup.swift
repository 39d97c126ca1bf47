internal import CurlClient
internal import ExporterKit
internal import Glibc
internal import NIOCore

/// Names to addresses by the system's resolver.
enum AddressLookup {
    /// Each name that is not an address already is looked up on a thread of its own, as libcurl does it: a resolver that
    /// hangs delays nobody else, and is left to itself when the deadline comes.
    ///
    /// - Returns: at least one address, in the system's order.
    static func addresses(
        of endpoint: WireEndpoint, _ family: HTTPCall.AddressFamily, until deadline: ContinuousClock.Instant
    ) async throws(WireError) -> [SocketAddress] {
        if let address = try? SocketAddress(ipAddress: endpoint.host, port: endpoint.port) {
            guard family == .any || (family == .v4) == (address.protocol == .inet) else {
                throw .failed(.dns, .connection, "\(endpoint.host) is not an address of the wanted family")
            }
            return [address]
        }
        let promise = Promise<Result<[SocketAddress], LookupError>>()
        guard LookupThread.start({ promise.keep(lookUp(endpoint, family)) }) else {
            throw .failed(.error, .connection, "no thread could be started to look up \(endpoint.host)")
        }
        guard let found = await promise.value(until: deadline) else { throw .timeout("looking up \(endpoint.host)") }
        switch found {
        case .success(let addresses): return addresses
        case .failure(let error):
            throw .failed(
                .dns, .connection,
                "\(endpoint.host) cannot be looked up: \(error.words); check the name and the DNS of this machine")
        }
    }

    private struct LookupError: Error {
        let words: String
    }

    private static func lookUp(
        _ endpoint: WireEndpoint, _ family: HTTPCall.AddressFamily
    ) -> Result<[SocketAddress], LookupError> {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_family =
            switch family {
            case .any: AF_UNSPEC
            case .v4: AF_INET
            case .v6: AF_INET6
            }
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(endpoint.host, nil, &hints, &list)
        guard code == 0 else { return .failure(LookupError(words: String(cString: gai_strerror(code)))) }
        defer { freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var next = list
        while let item = next?.pointee {
            next = item.ai_next
            guard let raw = item.ai_addr else { continue }
            var address: SocketAddress
            switch item.ai_family {
            case AF_INET:
                address = SocketAddress(UnsafeRawPointer(raw).load(as: sockaddr_in.self), host: endpoint.host)
            case AF_INET6:
                address = SocketAddress(UnsafeRawPointer(raw).load(as: sockaddr_in6.self), host: endpoint.host)
            default: continue
            }
            address.port = endpoint.port
            addresses.append(address)
        }
        return addresses.isEmpty ? .failure(LookupError(words: "it has no address")) : .success(addresses)
    }
}

/// One function on a thread that ends with it.
private final class LookupThread {
    private let work: @Sendable () -> Void

    private init(_ work: @escaping @Sendable () -> Void) { self.work = work }

    /// - Returns: `false` when the system has no thread to give.
    static func start(_ work: @escaping @Sendable () -> Void) -> Bool {
        let kept = Unmanaged.passRetained(LookupThread(work))
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<LookupThread>.fromOpaque(context).takeRetainedValue().work()
                return nil
            }, kept.toOpaque())
        guard code == 0 else {
            kept.release()
            return false
        }
        pthread_detach(thread)
        return true
    }
}
