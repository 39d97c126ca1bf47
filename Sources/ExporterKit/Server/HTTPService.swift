internal import NIOCore
internal import NIOHTTP1

/// What the connections of a server have in common.
struct HTTPService: Sendable {
    let limits: ServerLimits
    let book: ConnectionBook
    let clock: TimeText
    /// Whether making an answer neither waits nor takes long, so that it is made on the event loop.
    let answersAtOnce: @Sendable (HTTPRequest) -> Bool
    /// Whether making an answer waits without blocking and takes little time otherwise, so that it stays on the event loop.
    let staysOnLoop: @Sendable (HTTPRequest) -> Bool
    /// Runs on the event loop of all connections.
    let executor: LoopExecutor
    /// Makes an answer; any other off the event loop.
    let respond: @Sendable (HTTPRequest) async -> HTTPResponse

    /// Makes a channel of bytes speak HTTP/1; on its event loop.
    func serveHTTP1(on channel: any Channel, clock: ConnectionClock) throws {
        let connection = HTTPConnection(self, carrying: .http1, clock: clock)
        var decoder = NIOHTTPDecoderLimitConfiguration()
        decoder.maxHeaderFieldSize = limits.headerBytes
        decoder.maxHeaderListSize = limits.headerBytes
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(RequestWatch(for: connection))
        try pipeline.configureHTTPServerPipeline(
            withPipeliningAssistance: false, withErrorHandling: false, withEncoderConfiguration: .init(),
            withDecoderLimitConfiguration: decoder)
        try pipeline.addHandler(connection)
    }

    /// Makes a channel of requests and responses, a stream of HTTP/2, be served; on its event loop.
    ///
    /// - Parameter parent: the clock of the connection that carries the stream.
    func serveMessages(on channel: any Channel, of parent: ConnectionClock) throws {
        let clock = ConnectionClock(channel, limits)
        parent.streamBegan()
        channel.closeFuture.assumeIsolated().whenComplete { _ in
            clock.stop()
            parent.streamEnded()
        }
        try channel.pipeline.syncOperations.addHandler(HTTPConnection(self, carrying: .messages, clock: clock))
    }
}
