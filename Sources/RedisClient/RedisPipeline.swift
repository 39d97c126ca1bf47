internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// The connection of a `RedisConnection` through its lives: none, being opened, open. Confined to the event loop.
final class RedisPipeline {
    private enum State {
        case closed
        /// The number tells an attempt from one that has been given up.
        case connecting(attempt: UInt64)
        case open(RedisLink)
    }

    private let options: RedisOptions
    private let loop: any EventLoop
    private let facts: FactsBox
    private var state = State.closed
    private var waiting: [Batch] = []
    private var attempts: UInt64 = 0
    private var isNamed = true

    init(_ options: RedisOptions, on loop: any EventLoop, facts: FactsBox) {
        self.options = options
        self.loop = loop
        self.facts = facts
    }

    /// Sends the batch now, or as soon as there is a connection.
    func submit(_ batch: Batch, until deadline: NIODeadline) {
        guard !batch.ticket.isCancelled.load(ordering: .acquiring) else { return batch.fail(cancelled) }
        guard deadline > .now() else { return batch.fail(timeout) }
        batch.timer = loop.assumeIsolated().scheduleTask(deadline: deadline) { [ticket = batch.ticket, weak self] in
            self.map { $0.abandon(ticket, because: $0.timeout) }
        }
        if case .open(let link) = state, link.isUsable {
            link.send(batch)
            link.flush()
            return
        }
        waiting.append(batch)
        if case .connecting = state { return }
        connect(by: deadline)
    }

    /// The task behind the ticket waits no more.
    func cancel(_ ticket: Ticket) {
        abandon(ticket, because: cancelled)
    }

    /// Ends what there is. The next batch begins anew.
    func shutDown() {
        let error = RedisError(.connection, "\(options.endpoint): the connection was closed by its owner")
        if case .open(let link) = state { link.end(error) }
        state = .closed
        failWaiting(error)
    }

    private func abandon(_ ticket: Ticket, because error: RedisError) {
        if let index = waiting.firstIndex(where: { $0.ticket === ticket }) {
            waiting.remove(at: index).fail(error)
            if waiting.isEmpty, case .connecting = state { state = .closed }
        } else if case .open(let link) = state {
            link.abandon(ticket, because: error)
        }
    }

    // MARK: - Connecting

    private func connect(by deadline: NIODeadline) {
        attempts += 1
        let attempt = attempts
        state = .connecting(attempt: attempt)
        let began = ContinuousClock.now
        let options: RedisOptions
        do throws(RedisError) { options = try self.options.renewed() } catch { return failed(error, attempt) }
        // A second more than the caller has: its own timer then says `.timeout`, this one only cleans up.
        let future = bootstrap(options, timeout: deadline - .now() + .seconds(1))
        future.assumeIsolated().whenComplete { [weak self] result in
            switch result {
            case .success(let channel):
                self.map { $0.connected(channel, options, attempt, since: began) } ?? channel.close(promise: nil)
            case .failure(let error): self?.failed(error, attempt)
            }
        }
    }

    private func bootstrap(_ options: RedisOptions, timeout: TimeAmount) -> EventLoopFuture<any Channel> {
        let bootstrap = ClientBootstrap(group: loop)
            .connectTimeout(timeout)
            .channelOption(.socketOption(.so_keepalive), value: 1)
            // Each channel keeps its buffer while it is idle; the default grows to 64 KiB.
            .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 8 * 1024))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handlers = channel.pipeline.syncOperations
                    if let tls = try options.tlsHandler() { try handlers.addHandler(tls) }
                    try handlers.addHandler(RedisLink(options))
                }
            }
        switch options.endpoint {
        case .unix(let path): return bootstrap.connect(unixDomainSocketPath: path)
        case .tcp(let host, let port):
            // An address needs no resolver and no thread for it.
            if let address = try? SocketAddress(ipAddress: host, port: port) { return bootstrap.connect(to: address) }
            return bootstrap.connect(host: host, port: port)
        }
    }

    private func connected(
        _ channel: any Channel, _ options: RedisOptions, _ attempt: UInt64, since began: ContinuousClock.Instant
    ) {
        guard case .connecting(attempt) = state, !waiting.isEmpty else { return channel.close(promise: nil) }
        facts.value.withLock { $0 = RedisConnectionFacts(opened: $0.opened + 1, connecting: began.duration(to: .now)) }
        do {
            let link = try channel.pipeline.syncOperations.handler(type: RedisLink.self)
            state = .open(link)
            link.ended = { [weak self, weak link] in
                if let self, let link { self.forget(link) }
            }
            try link.begin(HandshakeStep.steps(for: options, named: isNamed))
            let batches = waiting
            waiting = []
            batches.forEach(link.send)
            link.flush()
        } catch {
            failed(error, attempt)
            channel.close(promise: nil)
        }
    }

    private func forget(_ link: RedisLink) {
        if link.refusesName { isNamed = false }
        if case .open(let current) = state, current === link { state = .closed }
    }

    private func failed(_ error: any Error, _ attempt: UInt64) {
        switch state {
        case .connecting(attempt), .open: state = .closed
        case .connecting, .closed: return
        }
        failWaiting(
            error as? RedisError ?? RedisError(.connection, "connect to \(options.endpoint): \(words(of: error))"))
    }

    private func failWaiting(_ error: RedisError) {
        let batches = waiting
        waiting = []
        batches.forEach { $0.fail(error) }
    }

    private func words(of error: any Error) -> String {
        guard let error = error as? NIOConnectionError else { return "\(error)" }
        if let first = error.connectionErrors.first { return "\(first.error)" }
        return "the host name cannot be resolved"
    }

    private var timeout: RedisError {
        var hint = ""
        if case .open(let link) = state, options.tls != nil, !link.hasAnswered {
            hint = "; does it speak TLS on this port?"
        }
        return RedisError(.timeout, "\(options.endpoint): no answer by the deadline\(hint)")
    }

    private var cancelled: RedisError {
        RedisError(.cancelled, "\(options.endpoint): cancelled before the answer came")
    }
}

/// Facts that are written on the event loop and read from anywhere.
final class FactsBox: Sendable {
    let value = Mutex(RedisConnectionFacts(opened: 0, connecting: .zero))
}
