internal import CExporterKit
public import Logging
internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// HTTP server of an exporter or a service: `/metrics`, the page at `/`, health, and routes of its own.
///
/// Either a `ServiceGroup` runs it, or `start` and `shutdown` are called by hand.
public final class MetricsServer: Sendable {
    /// A socket that cannot be opened.
    public struct ListenError: Error, CustomStringConvertible {
        /// Address and the system's own words.
        public let description: String
    }

    /// The scrape itself, for a program that renders without a socket.
    public let metrics: MetricsRoute
    let configuration: Configuration
    let logger: Logger
    let book: ConnectionBook
    let refused: Counter
    let wallClock = TimeText()
    private let health: HealthRoute
    private let state = Mutex(State())

    private struct State {
        var group: MultiThreadedEventLoopGroup?
        var channels: [any Channel] = []
        var isReady = false
    }

    /// A server that does not listen yet.
    ///
    /// - Parameter sources: in the order in which they are asked; of equal series the first is kept.
    public init(_ configuration: Configuration, sources: [any MetricSource], logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        self.book = ConnectionBook(limit: configuration.limits.connections)
        let metrics = MetricsRoute(sources: sources, options: configuration.scrape)
        self.metrics = metrics
        self.refused = metrics.own.counter(
            "exporter_refused_connections_total", "Connections closed at once because too many others were open.")
        self.health = HealthRoute(
            name: configuration.page.name, version: configuration.page.version, checks: configuration.healthChecks,
            states: configuration.healthStates, collectors: { metrics.collectors })
    }

    /// Opens every socket. Large blocks of memory, as bodies are, go back to the kernel from now on, whoever frees them.
    ///
    /// - Returns: the bound addresses, with the port the system chose where 0 was asked for.
    /// - Throws: the first address that cannot be had; none is left open then.
    public func start() async throws(ListenError) -> [ListenAddress] {
        CExporterKit_return_large_blocks()
        let group: MultiThreadedEventLoopGroup
        if configuration.sharesEventLoops {
            group = .singleton
        } else {
            group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
            state.withLock { $0.group = group }
        }
        var bound: [ListenAddress] = []
        do throws(ListenError) {
            for socket in try sockets() {
                let (channel, address) = try await listen(on: socket, group)
                state.withLock { $0.channels.append(channel) }
                bound.append(address)
            }
        } catch {
            await shutdown(within: .zero)
            throw error
        }
        state.withLock { $0.isReady = true }
        return bound
    }

    /// Stops accepting, lets answers end that are being made or taken, then closes what is left.
    ///
    /// - Parameter limit: longest time to wait for answers; what does not heed the end of its connection has two seconds more.
    public func shutdown(within limit: Duration) async {
        let (listening, group) = state.withLock { state in
            state.isReady = false
            defer { (state.channels, state.group) = ([], nil) }
            return (state.channels, state.group)
        }
        book.beginClosing()
        for channel in listening { try? await channel.close() }
        _ = await book.untilIdle(limit)
        book.closeAll()
        // Closing cancelled what was still running. What ignores that keeps its event loop, or it would answer into nothing.
        guard await book.untilIdle(.seconds(1)), let group else { return }
        // A peer that does not end its TLS keeps a closed connection for some seconds.
        _ = await BoundedCall(Alarm()) { try? await group.shutdownGracefully() }.value(until: .after(.seconds(1)))
    }

    /// True from the moment every socket listens until the server shuts down.
    var isReady: Bool { state.withLock { $0.isReady } }

    // MARK: - Routes

    /// Answers a request, without a socket. Security is asked first.
    public func respond(to request: HTTPRequest) async -> HTTPResponse {
        switch await configuration.security.admit(request) {
        case .refused(let response):
            return response
        case .admitted(let headers):
            let response = await answer(to: request)
            guard !headers.isEmpty else { return response }
            return HTTPResponse(status: response.status, headers: response.headers + headers, body: response.body)
        }
    }

    private func answer(to request: HTTPRequest) async -> HTTPResponse {
        let takesAny = configuration.anyMethod.contains(request.path)
        if let action = configuration.actions[request.path] {
            guard takesAny || request.method == "POST" || request.method == "PUT" else {
                return .text(405, "405 method not allowed: use POST or PUT", headers: [("Allow", "POST, PUT")])
            }
            return await action(request)
        }
        guard let route = route(request.path) else { return .text(404, "404 page not found: see / for what is here") }
        guard takesAny || request.method == "GET" || request.method == "HEAD" else {
            return .text(405, "405 method not allowed: use GET", headers: [("Allow", "GET, HEAD")])
        }
        return await route(request)
    }

    private func route(_ path: String) -> (@Sendable (HTTPRequest) async -> HTTPResponse)? {
        if path == configuration.telemetryPath { return metrics.respond(to:) }
        if let route = configuration.routes[path] { return route }
        let name = configuration.page.name
        switch path {
        case "/-/healthy": return { _ in .text(200, "\(name) is healthy.") }
        case "/-/ready":
            return { [self] _ in isReady ? .text(200, "\(name) is ready.") : .text(503, "\(name) is not ready.") }
        case "/health": return { [health] _ in await health.whole() }
        case "/health/ready": return { [self] _ in await health.readiness(isListening: isReady) }
        case "/health/live": return { [health] _ in health.liveness() }
        case let path where LandingPage.paths.contains(path): return page
        default: return nil
        }
    }

    @Sendable private func page(_ request: HTTPRequest) async -> HTTPResponse {
        configuration.page.response(
            to: request, telemetryPath: configuration.telemetryPath, collectors: metrics.collectors)
    }
}
