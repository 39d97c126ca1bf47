internal import Glibc
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

extension MetricsServer {
    /// Where connections come from.
    enum Socket {
        case address(ListenAddress)
        case systemd(CInt)
    }

    func sockets() throws(ListenError) -> [Socket] {
        guard configuration.usesSystemdSockets else { return configuration.listenAddresses.map(Socket.address) }
        let descriptors = SystemdSockets.descriptors()
        guard !descriptors.isEmpty else {
            throw ListenError(
                description:
                    "no socket activation file descriptors found; start this by a systemd socket unit, or without --web.systemd-socket"
            )
        }
        return descriptors.map(Socket.systemd)
    }

    /// - Returns: the listening channel, and its address as it turned out.
    func listen(
        on socket: Socket, _ group: any EventLoopGroup
    ) async throws(ListenError) -> (any Channel, ListenAddress) {
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            // A client may close its sending side after the request and must get the answer.
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { [self] channel in
                channel.eventLoop.makeCompletedFuture { try self.prepare(channel) }
            }
        switch socket {
        case .systemd(let descriptor):
            let address = ListenAddress(systemd: descriptor)
            let channel = try await Self.first([bootstrap.withBoundSocket(descriptor)], of: address)
            return (channel, ListenAddress(tcp: channel.localAddress) ?? address)
        case .address(let address) where address.transport == .vsock:
            let vsock = VsockAddress(cid: .any, port: .init(address.port))
            return (try await Self.first([bootstrap.bind(to: vsock)], of: address), address)
        case .address(let address):
            let hosts = address.candidates.lazy.map { bootstrap.bind(host: $0, port: address.port) }
            let channel = try await Self.first(hosts, of: address)
            return (channel, address.withPort(channel.localAddress?.port ?? address.port))
        }
    }

    /// The first socket that can be had.
    private static func first(
        _ attempts: some Sequence<EventLoopFuture<any Channel>>, of address: ListenAddress
    ) async throws(ListenError) -> any Channel {
        var reason = "no address"
        for attempt in attempts {
            do { return try await attempt.get() } catch { reason = words(for: error) }
        }
        throw ListenError(
            description:
                "cannot listen on \(address): \(reason); choose another --web.listen-address or stop what uses it")
    }

    /// The system's own words where it has some.
    private static func words(for error: any Error) -> String {
        switch error {
        case let error as IOError: String(cString: strerror(error.errnoCode)).lowercased()
        default: "\(error)"
        }
    }

    // MARK: - Connections

    private struct TooManyConnections: Error {}

    /// Runs on the event loop of a connection that was just accepted; an error closes it.
    private func prepare(_ channel: any Channel) throws {
        guard book.admit(channel) else {
            refused.increment()
            throw TooManyConnections()
        }
        let clock = ConnectionClock(channel, configuration.limits)
        clock.begin(.request)
        channel.closeFuture.assumeIsolated().whenComplete { _ in clock.stop() }
        let bound = NIOLoopBound(clock, eventLoop: channel.eventLoop)
        let service = HTTPService(
            limits: configuration.limits, book: book, clock: wallClock,
            answersAtOnce: { [self] in answersAtOnce($0) }, staysOnLoop: { [self] in staysOnLoop($0) },
            executor: LoopExecutor(channel.eventLoop), respond: { [self] in await respond(to: $0) })
        try configuration.security.prepare(channel) { channel, carried in
            switch carried {
            case .http1: try service.serveHTTP1(on: channel, clock: bound.value)
            case .messages: try service.serveMessages(on: channel, of: bound.value)
            }
        }
    }
}

extension MetricsServer {
    /// True when the answer takes no longer than handing the request to another thread would.
    private func answersAtOnce(_ request: HTTPRequest) -> Bool {
        configuration.security.admitsAll && request.path == configuration.telemetryPath
            && metrics.answersAtOnce(request)
    }

    /// True when the answer may be made on the event loop, waiting included.
    private func staysOnLoop(_ request: HTTPRequest) -> Bool {
        configuration.security.admitsAll && request.path == configuration.telemetryPath && metrics.staysOnLoop
    }
}

extension ListenAddress {
    fileprivate init?(tcp address: SocketAddress?) {
        guard let host = address?.ipAddress, let port = address?.port else { return nil }
        self.init(host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)")
    }
}
