internal import NIOCore

/// Stands before the parser: starts a request's time at its first byte, and lets nothing through that nobody will read.
final class RequestWatch: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let connection: HTTPConnection

    init(for connection: HTTPConnection) {
        self.connection = connection
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard connection.isListening else { return }
        connection.bytesCome()
        context.fireChannelRead(data)
    }
}
