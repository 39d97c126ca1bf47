internal import NIOCore
internal import NIOHTTP1

/// Writes one answer at a time, no faster than the client takes it. Lives on the connection's event loop.
final class AnswerWriter {
    /// What a slow client may hold besides the body itself.
    private static let slice = 256 * 1024

    private struct Progress {
        let body: [UInt8]
        var offset = 0
        let done: () -> Void
    }

    private let clock: ConnectionClock
    private var progress: Progress?
    private var isWriting = false
    /// True while a head goes down the pipeline: an error of a parser is then about what is written, not about what is read.
    private(set) var isWritingHead = false

    init(clock: ConnectionClock) {
        self.clock = clock
    }

    /// True from the first byte of an answer until the system has taken the last.
    var isBusy: Bool { progress != nil }

    /// The connection is gone.
    ///
    /// - Returns: true when an answer is cut off by it.
    func stop() -> Bool {
        defer { progress = nil }
        return isBusy
    }

    /// Begins an answer.
    ///
    /// - Parameter done: called when the system has taken the last byte; not called when the connection ends before.
    func write(
        _ head: HTTPResponseHead, _ body: [UInt8], _ context: ChannelHandlerContext, done: @escaping () -> Void
    ) {
        clock.begin(.answer)
        progress = Progress(body: body, done: done)
        isWritingHead = true
        context.write(NIOAny(HTTPServerResponsePart.head(head)), promise: nil)
        isWritingHead = false
        goOn(context)
    }

    /// Writes as much as the channel wants now.
    func goOn(_ context: ChannelHandlerContext) {
        // A flush may call back here before it returns, even with the next answer: the loop goes on then, not the call.
        guard !isWriting else { return }
        isWriting = true
        defer { isWriting = false }
        while let now = progress, now.offset <= now.body.count, now.offset == 0 || context.channel.isWritable {
            let end = min(now.offset + Self.slice, now.body.count)
            if end > now.offset {
                let bytes = context.channel.allocator.buffer(bytes: now.body[now.offset..<end])
                context.write(NIOAny(HTTPServerResponsePart.body(.byteBuffer(bytes))), promise: nil)
            }
            if end < now.body.count {
                progress?.offset = end
                context.flush()
            } else {
                finish(context)
            }
        }
    }

    private func finish(_ context: ChannelHandlerContext) {
        progress?.offset = .max
        context.writeAndFlush(NIOAny(HTTPServerResponsePart.end(nil))).assumeIsolated().whenSuccess { [self] in
            guard let done = progress?.done else { return }
            progress = nil
            clock.end(.answer)
            done()
        }
    }
}
