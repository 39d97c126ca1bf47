internal import NIOCore
internal import NIOHTTP1

/// One HTTP/1 connection or one stream of HTTP/2: requests are answered one at a time, in their order; an answer is made
/// off the event loop, unless it takes less time than to get there.
///
/// It goes on reading while an answer is made, so that a client that hangs up is noticed and its work cancelled.
final class HTTPConnection: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    /// What is owed to the client.
    private enum Debt {
        /// - isLast: nothing is read after it.
        case answer(HTTPRequestHead, isLast: Bool)
        case refusal(HTTPResponse)
    }

    private let service: HTTPService
    private let carried: ServerSecurity.Carried
    private let clock: ConnectionClock
    private let writer: AnswerWriter

    /// The request that is being read.
    private var head: HTTPRequestHead?
    private var bodyBytes = 0
    private var debts: [Debt] = []
    private var running: Task<Void, Never>?
    private var inputIsClosed = false
    /// False when whatever comes is of no interest: the last answer is decided.
    private(set) var isListening = true

    init(_ service: HTTPService, carrying carried: ServerSecurity.Carried, clock: ConnectionClock) {
        self.service = service
        self.carried = carried
        self.clock = clock
        self.writer = AnswerWriter(clock: clock)
    }

    // MARK: - Reading

    /// Bytes are about to be parsed.
    func bytesCome() {
        clock.end(.idle)
        clock.begin(.request)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard isListening else { return }
        switch unwrapInboundIn(data) {
        case .head(let head):
            if carried == .messages { bytesCome() }
            self.head = head
            bodyBytes = 0
            examine(head, context)
        case .body(let bytes):
            bodyBytes += bytes.readableBytes
            if bodyBytes > service.limits.bodyBytes { refuse(.tooLarge, context) }
        case .end:
            guard let head else { return }
            owe(.answer(head, isLast: carried == .messages || !head.isKeepAlive), context)
        }
    }

    /// Decides what can be decided by the head alone.
    private func examine(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        switch HeadVerdict(head, carried: carried, limits: service.limits) {
        case .readOn: break
        case .answerNow: owe(.answer(head, isLast: true), context)
        case .refuse(let response): refuse(response, context)
        }
    }

    private func refuse(_ response: HTTPResponse, _ context: ChannelHandlerContext) {
        owe(.refusal(response), context)
    }

    private func owe(_ debt: Debt, _ context: ChannelHandlerContext) {
        head = nil
        clock.end(.request)
        switch debt {
        case .refusal, .answer(_, isLast: true): isListening = false
        case .answer: break
        }
        debts.append(debt)
        guard debts.count <= service.limits.waitingRequests else { return context.close(promise: nil) }
        answerNext(context)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case let error as HTTPParserError where !writer.isWritingHead:
            guard isListening else { return }
            refuse(.malformed(error), context)
        case is ByteToMessageDecoderError: break  // more of what was refused
        default: context.close(promise: nil)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event as? ChannelEvent == .inputClosed else { return context.fireUserInboundEventTriggered(event) }
        inputIsClosed = true
        isListening = false
        clock.end(.request)
        if running != nil { clock.begin(.halfClosed) } else if !writer.isBusy { context.close(promise: nil) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        running?.cancel()
        debts = []
        isListening = false
        clock.stop()
        if writer.stop() { service.book.answerEnded() }
        context.fireChannelInactive()
    }

    // MARK: - Answering

    private func answerNext(_ context: ChannelHandlerContext) {
        guard running == nil, !writer.isBusy else { return }
        guard !debts.isEmpty else { return clock.begin(.idle) }
        service.book.answerBegan()
        switch debts.removeFirst() {
        case .refusal(let response):
            write(Answer(response, to: nil, isLast: true), context)
        case .answer(let head, let isLast):
            if inputIsClosed { clock.begin(.halfClosed) }
            running = makeAnswer(to: head, isLast: isLast, context)
        }
    }

    private func makeAnswer(
        to head: HTTPRequestHead, isLast: Bool, _ context: ChannelHandlerContext
    ) -> Task<Void, Never> {
        let service = service
        let eventLoop = context.eventLoop
        let bound = NIOLoopBound((self, context), eventLoop: eventLoop)
        var request = HTTPRequest(head)
        request.executor = service.executor
        let asked = request
        let work = { @Sendable in
            let response = await service.respond(asked)
            // The client is gone, and the event loop may be too as soon as this answer is not owed any more.
            guard !Task.isCancelled else { return service.book.answerEnded() }
            eventLoop.execute {
                let (connection, context) = bound.value
                connection.running = nil
                connection.clock.end(.halfClosed)
                connection.write(Answer(response, to: head, isLast: isLast), context)
            }
        }
        if service.answersAtOnce(asked) { return Task.immediate(operation: work) }
        if service.staysOnLoop(asked) {
            return Task.immediate(executorPreference: service.executor, operation: work)
        }
        return Task(operation: work)
    }

    private func write(_ answer: Answer, _ context: ChannelHandlerContext) {
        guard context.channel.isActive else { return service.book.answerEnded() }
        let isLast = answer.isLast || service.book.isClosing || (inputIsClosed && debts.isEmpty)
        if isLast { isListening = false }
        let head = answer.head(carried: carried, isLast: isLast, date: service.clock.date())
        writer.write(head, answer.body, context) { [self] in
            service.book.answerEnded()
            if isLast { leave(context) } else { answerNext(context) }
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        writer.goOn(context)
        context.fireChannelWritabilityChanged()
    }

    /// Says that nothing more comes and lets the client close: closing at once would throw away what it still sends, and a
    /// kernel answers that by throwing away what the client has not read yet.
    private func leave(_ context: ChannelHandlerContext) {
        guard carried == .http1, !inputIsClosed else { return context.close(promise: nil) }
        debts = []
        clock.begin(.farewell)
        context.close(mode: .output, promise: nil)
    }
}
