internal import NIOCore
internal import NIOSSL

/// One open connection: replies go to commands in the order in which these were sent. Confined to the event loop.
///
/// It ends once, by whatever comes first: the server closes, bytes make no sense, a deadline passes. From then on
/// nothing that arrives is looked at, so a late reply never meets another command.
final class RedisLink: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    /// Told once, when the link is of no further use.
    var ended: (() -> Void)?
    /// The server refused CLIENT SETNAME on this connection.
    private(set) var refusesName = false
    /// At least one reply has come.
    private(set) var hasAnswered = false
    /// True until it ended.
    var isUsable: Bool { failure == nil }

    private let options: RedisOptions
    private var reader: HiredisReader
    private var handshake: ArraySlice<HandshakeStep> = []
    private var batches: [Batch] = []
    /// Batches that may only be sent when the handshake has succeeded.
    private var held: [Batch] = []
    private var channel: (any Channel)?
    private var failure: RedisError?

    init(_ options: RedisOptions) throws(RedisError) {
        self.options = options
        self.reader = try HiredisReader(maximumReplyBytes: options.maximumReplyBytes)
    }

    // MARK: - Sending

    /// Begins the conversation; the bytes leave together with what is sent before `flush`.
    func begin(_ steps: [HandshakeStep]) throws(RedisError) {
        var bytes: [UInt8] = []
        for step in steps { try step.command.write(to: &bytes) }
        handshake = steps[...]
        if !steps.isEmpty { channel?.write(ByteBuffer(bytes: bytes), promise: nil) }
    }

    /// Queues a batch and writes it; call `flush` after the last one.
    func send(_ batch: Batch) {
        if let failure {
            batch.fail(failure)
            return
        }
        guard handshake.isEmpty || batch.isRepeatable else {
            held.append(batch)
            return
        }
        batch.isOnUsedLink = hasAnswered
        batch.markSent()
        batches.append(batch)
        channel?.write(batch.bytes, promise: nil)
    }

    func flush() {
        channel?.flush()
    }

    // MARK: - Ending

    /// Gives a batch up. When some of it was sent, the connection ends with it.
    func abandon(_ ticket: Ticket, because error: RedisError) {
        if let index = held.firstIndex(where: { $0.ticket === ticket }) {
            held.remove(at: index).fail(error)
        } else if let index = batches.firstIndex(where: { $0.ticket === ticket }) {
            batches.remove(at: index).fail(error)
            end(RedisError(.connection, "\(options.endpoint): closed because an earlier command had no answer in time"))
        }
    }

    /// Fails what is unanswered and closes.
    func end(_ error: RedisError) {
        guard failure == nil else { return }
        failure = error
        let unanswered = batches + held
        batches = []
        held = []
        channel?.close(promise: nil)
        ended?()
        unanswered.forEach { $0.fail(error) }
    }

    // MARK: - From the channel

    func handlerAdded(context: ChannelHandlerContext) {
        channel = context.channel
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        channel = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard failure == nil else { return }
        let buffer = unwrapInboundIn(data)
        do throws(RedisError) {
            try buffer.withUnsafeReadableBytes { bytes throws(RedisError) in try reader.feed(bytes) }
            while failure == nil, let value = try reader.next() { receive(value) }
            try settle()
        } catch {
            end(RedisError(error.kind, "\(options.endpoint): \(error.message); is this a Redis server?"))
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(closedByServer)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case NIOSSLError.uncleanShutdown:
            end(closedByServer)
        case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError:
            end(
                RedisError(
                    .tls, "TLS to \(options.endpoint): \(error); check the authority, the server name and the port"))
        default:
            end(RedisError(.connection, "\(options.endpoint): \(error)"))
        }
    }

    /// Once everything is answered: what has come besides belongs to nothing, and the buffer is given back, because hiredis
    /// keeps what it needed for the largest reply, which many idle connections would add up to.
    private func settle() throws(RedisError) {
        guard failure == nil, batches.isEmpty, handshake.isEmpty else { return }
        guard reader.isEmpty else { return end(unasked) }
        reader = try HiredisReader(maximumReplyBytes: options.maximumReplyBytes)
    }

    private func receive(_ value: RedisValue) {
        hasAnswered = true
        if let step = handshake.popFirst() {
            if let error = step.error(in: value, at: options.endpoint) { return end(error) }
            if step.isOptional, case .error = value { refusesName = true }
            if handshake.isEmpty { sendHeld() }
            return
        }
        guard let batch = batches.first else { return end(unasked) }
        if batch.take(value) { batches.removeFirst() }
    }

    private func sendHeld() {
        guard !held.isEmpty else { return }
        let waiting = held
        held = []
        waiting.forEach(send)
        flush()
    }

    private var unasked: RedisError {
        RedisError(.protocol, "\(options.endpoint): a reply to nothing that was asked")
    }

    private var closedByServer: RedisError {
        let hint = hasAnswered || options.tls != nil ? "" : "; if it speaks TLS, use rediss://"
        return RedisError(.connection, "\(options.endpoint): the server closed the connection\(hint)")
    }
}
