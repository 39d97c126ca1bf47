internal import Logging
internal import NIOCore
internal import NIOSSL
internal import Synchronization

/// Logs why clients fail at the handshake: one warning a minute, the others for debugging, or any stranger could fill the log.
final class HandshakeTrouble: Sendable {
    private static let interval = Duration.seconds(60)

    private let logger: Logger
    private let next = Mutex<ContinuousClock.Instant?>(nil)

    init(logger: Logger) {
        self.logger = logger
    }

    /// Belongs right behind the handler of TLS.
    func handler() -> some ChannelInboundHandler { Listener(trouble: self) }

    private func note(_ error: any Error, from address: SocketAddress?) {
        guard let reason = Self.reason(error) else { return }
        let now = ContinuousClock.now
        let isDue = next.withLock { next in
            guard next.map({ $0 <= now }) ?? true else { return false }
            next = now.advanced(by: Self.interval)
            return true
        }
        let client = address?.ipAddress ?? "unknown"
        logger.log(
            level: isDue ? .warning : .debug, "TLS handshake failed",
            metadata: ["client": "\(client)", "err": "\(reason)"])
    }

    /// - Returns: `nil` for what happens after a handshake.
    private static func reason(_ error: any Error) -> String? {
        switch error {
        case NIOSSLError.handshakeFailed(let reason): TLSReason.words(reason)
        case let refused as AllowedNames.Refused: refused.description
        default: nil
        }
    }

    private final class Listener: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let trouble: HandshakeTrouble

        init(trouble: HandshakeTrouble) {
            self.trouble = trouble
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            trouble.note(error, from: context.remoteAddress)
            context.fireErrorCaught(error)
        }
    }
}
