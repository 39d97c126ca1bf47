internal import Glibc
public import Logging
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import Synchronization

/// HTTP server of an exporter: `/metrics`, the page at `/`, `/-/healthy`, `/-/ready`, and routes of its own.
public final class MetricsServer: Sendable {
    /// What a server needs to know.
    public struct Configuration: Sendable {
        /// Where to listen.
        public var listenAddresses: [ListenAddress]
        /// Path of the metrics.
        public var telemetryPath = "/metrics"
        /// Times and limits of a scrape.
        public var scrape = MetricsRoute.Options()
        /// Shown on the page at `/`.
        public var page: LandingPage
        /// Further paths; they win over the page but not over the metrics.
        public var routes: [String: @Sendable (HTTPRequest) async -> HTTPResponse] = [:]
        /// What stands before the routes: TLS, and who may ask. The default lets everybody in.
        public var security = ServerSecurity()

        /// A configuration with the usual paths and limits.
        public init(listenAddresses: [ListenAddress], page: LandingPage) {
            self.listenAddresses = listenAddresses
            self.page = page
        }
    }

    /// A socket that cannot be opened.
    public struct ListenError: Error, CustomStringConvertible {
        /// Address and the system's own words.
        public let description: String
    }

    /// The scrape itself, for a program that renders without a socket.
    public let metrics: MetricsRoute
    private let configuration: Configuration
    private let logger: Logger
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let state = Mutex(State())

    private struct State {
        var channels: [any Channel] = []
        var connections: [ObjectIdentifier: any Channel] = [:]
        var isReady = false
        var isClosing = false
    }

    /// A server that does not listen yet.
    public init(_ configuration: Configuration, sources: [any MetricSource], logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        self.metrics = MetricsRoute(sources: sources, options: configuration.scrape)
    }

    /// Opens every socket.
    ///
    /// - Returns: the bound addresses, with the port the system chose where 0 was asked for.
    /// - Throws: the first address that cannot be had; none is left open then.
    public func start() async throws(ListenError) -> [ListenAddress] {
        var bound: [ListenAddress] = []
        for address in configuration.listenAddresses {
            let channel: any Channel
            do throws(ListenError) { channel = try await listen(address) } catch {
                await shutdown(within: .zero)
                throw error
            }
            state.withLock { $0.channels.append(channel) }
            let port = channel.localAddress?.port ?? address.port
            let shown = ListenAddress("\(address.host.contains(":") ? "[\(address.host)]" : address.host):\(port)")
            bound.append(shown ?? address)
        }
        state.withLock { $0.isReady = true }
        return bound
    }

    /// Stops accepting, lets running answers end, then closes what is left.
    ///
    /// - Parameter limit: longest time to wait for running answers.
    public func shutdown(within limit: Duration) async {
        let listening = state.withLock { state in
            state.isReady = false
            state.isClosing = true
            defer { state.channels = [] }
            return state.channels
        }
        for channel in listening { try? await channel.close() }
        await waitUntilIdle(limit)
        for channel in state.withLock({ Array($0.connections.values) }) { try? await channel.close() }
        // Closing cancelled what was still running. What ignores that keeps its event loop, or it would answer into nothing.
        if await waitUntilIdle(.seconds(1)) { try? await group.shutdownGracefully() }
    }

    @discardableResult
    private func waitUntilIdle(_ limit: Duration) async -> Bool {
        let end = ContinuousClock.now.advanced(by: limit)
        while running.load(ordering: .relaxed) > 0 {
            guard ContinuousClock.now < end else { return false }
            try? await Task.sleep(for: .milliseconds(10))
        }
        return true
    }

    // MARK: - Sockets

    private func listen(_ address: ListenAddress) async throws(ListenError) -> any Channel {
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { [self] channel in
                channel.eventLoop.makeCompletedFuture { try self.prepare(channel) }
            }
        var reason = "no address"
        for host in address.candidates {
            do { return try await bootstrap.bind(host: host, port: address.port).get() } catch {
                reason = Self.words(for: error)
            }
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

    private func prepare(_ channel: any Channel) throws {
        let key = ObjectIdentifier(channel)
        state.withLock { $0.connections[key] = channel }
        channel.closeFuture.whenComplete { [self] _ in state.withLock { $0.connections[key] = nil } }
        try configuration.security.prepare(channel) { [self] channel, carried in try serve(channel, carried) }
    }

    /// Makes a prepared channel speak HTTP; on its event loop.
    private func serve(_ channel: any Channel, _ carried: ServerSecurity.Carried) throws {
        let pipeline = channel.pipeline.syncOperations
        if carried == .http1 {
            try pipeline.configureHTTPServerPipeline(withPipeliningAssistance: false, withErrorHandling: true)
            try pipeline.addHandler(IdleStateHandler(allTimeout: .seconds(120)))
        }
        try pipeline.addHandler(
            HTTPConnection(
                respond: { [self] in await counted($0) },
                isClosing: { [self] in state.withLock { $0.isClosing } }))
    }

    // MARK: - Routes

    /// Answers being made now.
    private let running = Atomic<Int>(0)

    private func counted(_ request: HTTPRequest) async -> HTTPResponse {
        running.add(1, ordering: .relaxed)
        defer { running.subtract(1, ordering: .relaxed) }
        return await respond(to: request)
    }

    /// Answers a request, without a socket. Security is asked first.
    public func respond(to request: HTTPRequest) async -> HTTPResponse {
        switch await configuration.security.admit(request) {
        case .refused(let response):
            return response
        case .admitted(let headers):
            let response = await route(request)
            guard !headers.isEmpty else { return response }
            return HTTPResponse(status: response.status, headers: response.headers + headers, body: response.body)
        }
    }

    private func route(_ request: HTTPRequest) async -> HTTPResponse {
        let known = [configuration.telemetryPath, "/", "/-/healthy", "/-/ready"] + configuration.routes.keys
        guard known.contains(request.path) else { return .text(404, "404 page not found: see / for what is here") }
        guard request.method == "GET" || request.method == "HEAD" else {
            return HTTPResponse(
                status: 405, headers: [("Allow", "GET, HEAD"), ("Content-Type", "text/plain; charset=utf-8")],
                body: Array("405 method not allowed: use GET\n".utf8))
        }
        if request.path == configuration.telemetryPath { return await metrics.respond(to: request) }
        if let route = configuration.routes[request.path] { return await route(request) }
        switch request.path {
        case "/-/healthy":
            return .text(200, "\(configuration.page.name) is healthy.")
        case "/-/ready":
            let isReady = state.withLock { $0.isReady }
            return .text(isReady ? 200 : 503, "\(configuration.page.name) is \(isReady ? "ready" : "not ready").")
        default:
            return configuration.page.response(
                telemetryPath: configuration.telemetryPath, collectors: metrics.collectors)
        }
    }
}
