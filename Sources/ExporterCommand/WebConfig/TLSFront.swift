internal import ExporterKit
internal import Logging
internal import NIOCore
internal import NIOHTTP2
internal import NIOSSL

/// What stands on a new connection before HTTP: TLS, a time limit for its handshake, and the choice of HTTP/1.1 or HTTP/2.
struct TLSFront: Sendable {
    typealias Serve = @Sendable (any Channel, ServerSecurity.Carried) throws -> Void

    private static let handshakeLimit = TimeAmount.seconds(10)
    /// As long as an idle connection of HTTP/1.1 lives.
    private static let idleLimit = TimeAmount.seconds(120)

    let tls: LiveTLS
    let trouble: HandshakeTrouble

    func prepare(_ channel: any Channel, _ serve: @escaping Serve) throws {
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(tls.handler())
        try pipeline.addHandler(trouble.handler())
        let limit = channel.eventLoop.scheduleTask(in: Self.handshakeLimit) { channel.close(promise: nil) }
        channel.closeFuture.whenComplete { _ in limit.cancel() }
        channel.configureHTTP2SecureUpgrade { channel in
            limit.cancel()
            return channel.eventLoop.makeCompletedFuture { try Self.speakHTTP2(channel, serve) }
        } http1ChannelConfigurator: { channel in
            limit.cancel()
            return channel.eventLoop.makeCompletedFuture { try serve(channel, .http1) }
        }.whenFailure { _ in channel.close(promise: nil) }
    }

    private static func speakHTTP2(_ channel: any Channel, _ serve: @escaping Serve) throws {
        let limits = NIOHTTP2ServerConnectionManagementHandler.Configuration(
            maxIdleTime: idleLimit, maxAge: nil, maxGraceTime: .seconds(5),
            keepalive: .init(pingInterval: .seconds(60), ackTimeout: .seconds(20)))
        let management = NIOHTTP2ServerConnectionManagementHandler(eventLoop: channel.eventLoop, configuration: limits)
        let pipeline = channel.pipeline.syncOperations
        _ = try pipeline.configureHTTP2Pipeline(
            mode: .server, connectionConfiguration: .init(), streamConfiguration: .init(),
            streamDelegate: management.http2StreamDelegate
        ) { stream in
            stream.eventLoop.makeCompletedFuture {
                try stream.pipeline.syncOperations.addHandler(HTTP2FramePayloadToHTTP1ServerCodec())
                try serve(stream, .messages)
            }
        }
        try pipeline.addHandler(management)
    }
}
