internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// One HTTP/1 connection: one request at a time, in their order; the answer is made off the event loop.
///
/// It goes on reading while an answer is made, so that a client that hangs up is noticed at once and its work cancelled.
final class HTTPConnection: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    /// Requests a client may send ahead of the answers before it is taken for an attack.
    private static let maxWaiting = 16

    private let respond: @Sendable (HTTPRequest) async -> HTTPResponse
    private let isClosing: @Sendable () -> Bool
    private var head: HTTPRequestHead?
    private var waiting: [HTTPRequestHead] = []
    private var running: Task<Void, Never>?

    init(
        respond: @escaping @Sendable (HTTPRequest) async -> HTTPResponse, isClosing: @escaping @Sendable () -> Bool
    ) {
        self.respond = respond
        self.isClosing = isClosing
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
        case .body:
            break  // no route reads a body
        case .end:
            guard let head else { return }
            self.head = nil
            waiting.append(head)
            if waiting.count > Self.maxWaiting { context.close(promise: nil) } else { answerNext(context) }
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        running?.cancel()
        waiting = []
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent, running == nil { context.close(promise: nil) }
    }

    private func answerNext(_ context: ChannelHandlerContext) {
        guard running == nil, !waiting.isEmpty else { return }
        let head = waiting.removeFirst()
        let request = HTTPRequest(
            method: head.method.rawValue, target: head.uri, headers: head.headers.map { ($0.name, $0.value) })
        let respond = respond
        let eventLoop = context.eventLoop
        let bound = NIOLoopBound((self, context), eventLoop: eventLoop)
        running = Task {
            let response = await respond(request)
            guard !Task.isCancelled else { return }  // the client is gone, and the event loop may be too
            eventLoop.execute {
                let (connection, context) = bound.value
                connection.finish(head, with: response, context)
            }
        }
    }

    private func finish(_ request: HTTPRequestHead, with response: HTTPResponse, _ context: ChannelHandlerContext) {
        running = nil
        guard context.channel.isActive else { return }
        let keepAlive = request.isKeepAlive && !isClosing()
        var headers = HTTPHeaders(response.headers.map { ($0.name, $0.value) })
        headers.add(name: "Content-Length", value: String(response.body.count))
        if !keepAlive { headers.add(name: "Connection", value: "close") }
        let status = HTTPResponseStatus(statusCode: response.status)
        let head = HTTPResponseHead(version: request.version, status: status, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if request.method != .HEAD {
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: response.body)))), promise: nil)
        }
        let written = context.writeAndFlush(wrapOutboundOut(.end(nil)))
        if keepAlive {
            answerNext(context)
        } else {
            let channel = context.channel
            written.whenComplete { _ in channel.close(promise: nil) }
        }
    }
}
