import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// A TCP listener on loopback, with TLS where asked for. A script of the test writes every byte of its answers.
///
/// It listens until `stop` or until nobody holds it. Connections are served side by side, each by a thread of its own:
/// scripts may block.
public final class LoopbackServer: Sendable {
    /// Where it listens, on 127.0.0.1.
    public let port: Int
    /// `https` or `http`.
    public let scheme: String
    private let listener: any Channel
    private let record: LoopbackRecord

    /// - Parameters:
    ///   - tls: certificate to show; plain TCP when `nil`.
    ///   - script: runs once per connection; when it returns, the connection is closed.
    public init(tls: ServerTLS? = nil, _ script: @escaping @Sendable (LoopbackConnection) -> Void) throws {
        let record = LoopbackRecord()
        let context = try tls.map { try NIOSSLContext(configuration: $0.configuration()) }
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let connection = LoopbackConnection(channel, number: record.countConnection(channel), record)
                    if let context {
                        try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
                    }
                    try channel.pipeline.syncOperations.addHandler(LoopbackInbox(connection))
                    Thread.detachNewThread {
                        script(connection)
                        connection.close()
                    }
                }
            }
        listener = try bootstrap.bind(host: "127.0.0.1", port: 0).wait()
        port = listener.localAddress?.port ?? 0
        scheme = tls == nil ? "http" : "https"
        self.record = record
    }

    deinit { stop() }

    /// Address of a path on this server. The name `localhost` is the one that certificates of `TestAuthority` are for.
    public func url(_ path: String = "/", host: String? = nil) -> String {
        "\(scheme)://\(host ?? (scheme == "https" ? "localhost" : "127.0.0.1")):\(port)\(path)"
    }

    /// Connections taken so far.
    public var connections: Int { record.connections }

    /// Everything that scripts noted, in order. `LoopbackConnection.request()` notes heads by itself.
    public var requests: [String] { record.notes }

    /// Takes no more connections and closes those that are open.
    public func stop() {
        listener.close(promise: nil)
        record.closeAll()
    }
}

/// What all connections of a server have in common.
final class LoopbackRecord: Sendable {
    private struct State {
        var connections = 0
        var notes: [String] = []
        var open: [ObjectIdentifier: any Channel] = [:]
    }
    private let state = Mutex(State())

    var connections: Int { state.withLock { $0.connections } }
    var notes: [String] { state.withLock { $0.notes } }

    func note(_ text: String) { state.withLock { $0.notes.append(text) } }

    func countConnection(_ channel: any Channel) -> Int {
        state.withLock { state in
            state.connections += 1
            state.open[ObjectIdentifier(channel)] = channel
            return state.connections
        }
    }

    func forget(_ channel: any Channel) {
        state.withLock { _ = $0.open.removeValue(forKey: ObjectIdentifier(channel)) }
    }

    func closeAll() {
        for channel in state.withLock({ Array($0.open.values) }) { channel.close(promise: nil) }
    }
}

/// Hands what arrives to the connection.
private final class LoopbackInbox: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let connection: LoopbackConnection

    init(_ connection: LoopbackConnection) { self.connection = connection }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        connection.take(Array(buffer: unwrapInboundIn(data)))
    }

    func channelInactive(context: ChannelHandlerContext) { connection.end() }

    /// A failed handshake, a reset: the connection is over.
    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
