import Logging
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import ExporterKit

/// A client that sends exactly the bytes it is told to, and keeps what it gets.
final class RawClient: Sendable {
    private let channel: any Channel
    private let inbox: Inbox

    /// - Parameter reads: false for a client that takes nothing until `startReading`.
    init(port: Int, reads: Bool = true) async throws {
        let inbox = Inbox()
        self.inbox = inbox
        channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelOption(.autoRead, value: reads)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Collector(inbox))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
    }

    deinit { channel.close(promise: nil) }

    func send(_ text: String) async throws { try await send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) async throws {
        try await channel.writeAndFlush(ByteBuffer(bytes: bytes))
    }

    /// Closes the sending side.
    func finishSending() async throws { try await channel.close(mode: .output) }

    func close() async { try? await channel.close() }

    func startReading() async throws { try await channel.setOption(.autoRead, value: true).get() }

    /// What has come so far.
    var received: String { String(decoding: inbox.state.withLock { $0.bytes }, as: UTF8.self) }
    var receivedBytes: [UInt8] { inbox.state.withLock { $0.bytes } }
    /// True when the server has closed its sending side, or all of it.
    var isEnded: Bool { inbox.state.withLock { $0.isEnded } }

    /// Waits until the server closes.
    ///
    /// - Returns: all that came; `nil` when it was still open after the limit.
    func end(within limit: Duration = .seconds(30)) async -> String? {
        await eventually(within: limit) { self.isEnded } ? received : nil
    }

    /// Waits for this text.
    func receives(_ text: String, within limit: Duration = .seconds(30)) async -> Bool {
        await eventually(within: limit) { self.received.contains(text) }
    }

    /// One request on a connection of its own.
    static func exchange(_ request: String, port: Int) async throws -> String {
        let client = try await RawClient(port: port)
        try await client.send(request)
        return try #require(await client.end())
    }

    private final class Inbox: Sendable {
        let state = Mutex((bytes: [UInt8](), isEnded: false))
    }

    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let inbox: Inbox

        init(_ inbox: Inbox) { self.inbox = inbox }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let bytes = unwrapInboundIn(data).readableBytesView
            inbox.state.withLock { $0.bytes += bytes }
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if event as? ChannelEvent == .inputClosed { inbox.state.withLock { $0.isEnded = true } }
        }

        func channelInactive(context: ChannelHandlerContext) { inbox.state.withLock { $0.isEnded = true } }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}

/// Waits for something that happens elsewhere.
func eventually(within limit: Duration = .seconds(30), _ isTrue: () -> Bool) async -> Bool {
    let end = ContinuousClock.now.advanced(by: limit)
    while !isTrue() {
        guard ContinuousClock.now < end else { return false }
        try? await Task.sleep(for: .milliseconds(5))
    }
    return true
}

/// A server on one port of the loopback, for as long as the closure runs.
func withServer(
    _ sources: [any MetricSource] = [], _ adjust: (inout MetricsServer.Configuration) -> Void = { _ in },
    _ body: (MetricsServer, Int) async throws -> Void
) async throws {
    let page = LandingPage(name: "toy", summary: "Toys.", version: "1")
    let address = try #require(ListenAddress("127.0.0.1:0"))
    var configuration = MetricsServer.Configuration(listenAddresses: [address], page: page)
    adjust(&configuration)
    let server = MetricsServer(configuration, sources: sources, logger: .silent)
    let port = try await server.start()[0].port
    do {
        try await body(server, port)
    } catch {
        await server.shutdown(within: .zero)
        throw error
    }
    await server.shutdown(within: .seconds(1))
}

extension Logger {
    static var silent: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }
}

/// Holds what waits for it until a test opens it.
final class Gate: Sendable {
    private let state = Mutex(false)

    func open() { state.withLock { $0 = true } }

    /// - Returns: false when it was still closed after two minutes, or the task was cancelled before.
    func wait() async -> Bool {
        await eventually(within: .seconds(120)) { self.state.withLock { $0 } || Task.isCancelled } && !Task.isCancelled
    }

    /// The same, whatever becomes of the task.
    func waitStubbornly() async { _ = await Task.detached { await self.wait() }.value }
}
