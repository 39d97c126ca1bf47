internal import CurlClient
internal import ExporterKit
internal import NIOCore
internal import NIOPosix
internal import TLSClient

/// A conversation with a target over TCP, TLS or UDP. Belongs to the one task that opened it, which also closes it.
final class WireConnection {
    enum Transport: String, Sendable, CaseIterable {
        case tcp
        case udp
    }

    /// Bytes that are read at most over its whole life.
    static let maximumBytes = 1 << 20

    private let channel: any Channel
    private let inbox: WireInbox
    private var session: TLSSession?
    private var received = 0
    /// The IP version by which the target is asked: 4 or 6.
    let addressFamily: Double

    private init(_ channel: any Channel, _ inbox: WireInbox, to address: SocketAddress) {
        self.channel = channel
        self.inbox = inbox
        addressFamily = address.protocol == .inet6 ? 6 : 4
    }

    deinit { channel.close(promise: nil) }

    // MARK: - Opening

    /// Tries the addresses one after the other.
    static func open(
        _ addresses: [SocketAddress], _ transport: Transport, until deadline: ContinuousClock.Instant
    ) async throws(WireError) -> WireConnection {
        var last = WireError.timeout("connecting")
        for address in addresses {
            do throws(WireError) { return try await open(address, transport, until: deadline) } catch {
                last = error
                if error.reason == .timeout || error.reason == .cancelled { break }
            }
        }
        throw last
    }

    private static func open(
        _ address: SocketAddress, _ transport: Transport, until deadline: ContinuousClock.Instant
    ) async throws(WireError) -> WireConnection {
        let inbox = WireInbox()
        let promise = Promise<Result<any Channel, any Error>>()
        connecting(to: address, transport, inbox, until: deadline).whenComplete { result in
            // Too late: nobody will use it.
            if !promise.keep(result), case .success(let channel) = result { channel.close(promise: nil) }
        }
        switch await promise.value(until: deadline) {
        case .success(let channel)?: return WireConnection(channel, inbox, to: address)
        case .failure(let error)?:
            if case ChannelError.connectTimeout = error { throw .timeout("connecting") }
            throw .system("connecting", error)
        case nil: throw .timeout("connecting")
        }
    }

    private static func connecting(
        to address: SocketAddress, _ transport: Transport, _ inbox: WireInbox,
        until deadline: ContinuousClock.Instant
    ) -> EventLoopFuture<any Channel> {
        let group = MultiThreadedEventLoopGroup.singleton
        let left = max(.milliseconds(1), ContinuousClock.now.duration(to: deadline))
        switch transport {
        case .tcp:
            return ClientBootstrap(group: group)
                .connectTimeout(TimeAmount(left))
                .channelOption(.autoRead, value: false)
                .channelInitializer { $0.pipeline.addHandler(inbox) }
                .connect(to: address)
        case .udp:
            return DatagramBootstrap(group: group)
                .channelOption(.autoRead, value: false)
                .channelInitializer { $0.pipeline.addHandlers([DatagramFace(address), inbox]) }
                .connect(to: address)
        }
    }

    // MARK: - Talking

    /// Sends bytes. That they leave is not waited for: what comes back tells.
    func send(_ bytes: [UInt8]) throws(WireError) {
        guard let session else { return write(bytes) }
        do throws(TLSError) { try session.write(bytes) } catch { throw .failed(.tls, .tls, "\(error)") }
        write(session.pending())
    }

    /// The next bytes; empty when the target has closed the conversation.
    func receive(until deadline: ContinuousClock.Instant) async throws(WireError) -> [UInt8] {
        while let session {
            do throws(TLSError) {
                guard let bytes = try session.read() else { return [] }
                if !bytes.isEmpty { return bytes }
            } catch {
                throw .failed(.tls, .tls, "\(error)")
            }
            let raw = try await take(until: deadline)
            if raw.isEmpty { return [] }
            session.receive(raw)
        }
        return try await take(until: deadline)
    }

    /// Shakes hands over what is open already. Says nothing about trust: the handshake does.
    func startTLS(
        _ options: TLSOptions, until deadline: ContinuousClock.Instant
    ) async throws(WireError) -> TLSHandshake {
        let made: TLSSession
        do throws(TLSError) { made = try TLSSession(options) } catch { throw .failed(.error, .connection, "\(error)") }
        while true {
            let isDone: Bool
            do throws(TLSError) { isDone = try made.shakeHands() } catch {
                write(made.pending())
                throw .failed(.tls, .tls, "\(error); check that the port speaks TLS, and which versions")
            }
            write(made.pending())
            if isDone { break }
            let raw = try await take(until: deadline)
            guard !raw.isEmpty else {
                throw .failed(.tls, .tls, "the server closed the connection in the TLS handshake")
            }
            made.receive(raw)
        }
        session = made
        guard let handshake = made.handshake else { throw .failed(.tls, .tls, "the server showed no certificate") }
        return handshake
    }

    private func write(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
    }

    private func take(until deadline: ContinuousClock.Instant) async throws(WireError) -> [UInt8] {
        guard let bytes = await inbox.next(channel).value(until: deadline) else { throw .timeout("the answer") }
        if bytes.isEmpty, let trouble = inbox.trouble { throw .system("reading", trouble) }
        received += bytes.count
        guard received <= Self.maximumBytes else {
            throw .failed(.body, .decode, "the target sent more than \(Self.maximumBytes) bytes")
        }
        return bytes
    }
}

extension TLSOptions {
    /// What a check says about TLS, for a server of this name.
    init(_ trust: HTTPTrust, host: String) {
        self.init(serverName: trust.serverName ?? host)
        authorityFile = trust.authorityFile
        certificateFile = trust.certificateFile
        keyFile = trust.keyFile
        minimumVersion = trust.minimumVersion
    }
}
