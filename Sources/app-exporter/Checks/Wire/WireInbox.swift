internal import NIOCore
internal import Synchronization

/// What a target sent and nobody has read yet. Bytes are only taken from the socket when somebody waits for them, so a
/// target that floods fills its own buffers.
final class WireInbox: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer

    private struct State {
        var chunks: [[UInt8]] = []
        var waiter: Promise<[UInt8]>?
        var hasEnded = false
        var trouble: (any Error)?
    }
    private let state = Mutex(State())

    /// The next bytes, once: now, or when they come.
    ///
    /// - Returns: keeps the promise of a wait; empty bytes mean that there will be no more.
    func next(_ channel: any Channel) -> Promise<[UInt8]> {
        let promise = Promise<[UInt8]>()
        let ready = state.withLock { state -> [UInt8]? in
            if !state.chunks.isEmpty { return state.chunks.removeFirst() }
            if state.hasEnded { return [] }
            state.waiter = promise
            return nil
        }
        if let ready { promise.keep(ready) } else { channel.read() }
        return promise
    }

    /// Why the conversation ended, if anything was said about it.
    var trouble: (any Error)? { state.withLock { $0.trouble } }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = Array(unwrapInboundIn(data).readableBytesView)
        guard !bytes.isEmpty else { return }
        state.withLock { state in
            let waiter = state.waiter
            state.waiter = nil
            // One that has given up meanwhile does not take them.
            if waiter?.keep(bytes) != true { state.chunks.append(bytes) }
        }
    }

    func channelInactive(context: ChannelHandlerContext) { end(nil) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end(error)
        context.close(promise: nil)
    }

    private func end(_ error: (any Error)?) {
        let waiter = state.withLock { state -> Promise<[UInt8]>? in
            state.hasEnded = true
            if state.trouble == nil { state.trouble = error }
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.keep([])
    }
}

/// Lets a connected datagram socket speak in plain buffers.
final class DatagramFace: ChannelDuplexHandler, Sendable {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = AddressedEnvelope<ByteBuffer>

    private let peer: SocketAddress

    init(_ peer: SocketAddress) { self.peer = peer }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        context.fireChannelRead(wrapInboundOut(unwrapInboundIn(data).data))
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let envelope = AddressedEnvelope(remoteAddress: peer, data: unwrapOutboundIn(data))
        context.write(wrapOutboundOut(envelope), promise: promise)
    }
}
