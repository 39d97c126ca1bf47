internal import CCurl
internal import Synchronization

/// How other threads reach the loop: orders in, a wake-up behind them.
final class CurlMailbox: Sendable {
    enum Message: Sendable {
        case begin(TransferOrder)
        case cancel(UInt64)
        case stop
    }

    private struct State {
        var messages: [Message] = []
        var closed = false
        /// Address of the `CURLM` while the loop runs: `curl_multi_wakeup` is the one call that any thread may make, and it
        /// is made under this lock, so never on a handle that is gone.
        var multi: UInt?
    }
    private let state = Mutex(State())

    /// - Returns: `false` when the loop takes nothing any more.
    func post(_ message: Message) -> Bool {
        state.withLock { state in
            guard !state.closed else { return false }
            if case .stop = message { state.closed = true }
            state.messages.append(message)
            if let multi = state.multi { curl_multi_wakeup(UnsafeMutableRawPointer(bitPattern: multi)) }
            return true
        }
    }

    func take() -> [Message] {
        state.withLock { state in
            defer { state.messages.removeAll() }
            return state.messages
        }
    }

    func open(_ multi: UnsafeMutableRawPointer?) {
        state.withLock { $0.multi = multi.map { UInt(bitPattern: $0) } }
    }

    /// Ends the traffic. What was posted and never taken comes back.
    func close() -> [Message] {
        state.withLock { state in
            state.multi = nil
            state.closed = true
            defer { state.messages.removeAll() }
            return state.messages
        }
    }
}

/// One `CURLM *` and its transfers. Everything here happens on the one thread that calls `run`.
struct CurlLoop: ~Copyable {
    private let multi: UnsafeMutableRawPointer
    private let mailbox: CurlMailbox
    private var transfers: [UInt64: Transfer] = [:]
    private var stopping = false

    /// `nil` when libcurl has no memory.
    init?(_ mailbox: CurlMailbox, maximumConnections: Int) {
        guard let multi = curl_multi_init() else { return nil }
        self.multi = multi
        self.mailbox = mailbox
        CCurl_multi_setopt_long(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, maximumConnections)
        CCurl_multi_setopt_long(multi, CURLMOPT_MAXCONNECTS, maximumConnections)
        mailbox.open(multi)
    }

    deinit { curl_multi_cleanup(multi) }

    /// Serves until told to stop, then fails whatever is left.
    mutating func run() {
        while !stopping {
            for message in mailbox.take() { handle(message) }
            var running: Int32 = 0
            guard curl_multi_perform(multi, &running) == CURLM_OK else { break }
            finishDone()
            // Far longer than any wait: timers of libcurl and curl_multi_wakeup end it earlier.
            if !stopping, curl_multi_poll(multi, nil, 0, 60_000, nil) != CURLM_OK { break }
        }
        let closed = CurlError(.cancelled, "the HTTP client is closed")
        for case .begin(let order) in mailbox.close() { order.waiter.resume(returning: .failure(closed)) }
        for id in Array(transfers.keys) { end(id, .failure(closed)) }
    }

    private mutating func handle(_ message: CurlMailbox.Message) {
        switch message {
        case .begin(let order): begin(order)
        case .cancel(let id):
            guard let transfer = transfers[id] else { return }
            end(id, .failure(CurlError(.cancelled, "\(transfer.order.name): nobody waits for the answer any more")))
        case .stop: stopping = true
        }
    }

    private mutating func begin(_ order: TransferOrder) {
        let transfer: Transfer
        do throws(CurlError) { transfer = try Transfer(order) } catch {
            return order.waiter.resume(returning: .failure(error))
        }
        guard curl_multi_add_handle(multi, transfer.handle.raw) == CURLM_OK else {
            return order.waiter.resume(
                returning: .failure(CurlError(.configuration, "\(order.name): libcurl refused it")))
        }
        transfers[order.id] = transfer
    }

    private mutating func finishDone() {
        var code = CURLE_OK
        while let raw = CCurl_finished(multi, &code) {
            guard let transfer = transfers.values.first(where: { $0.handle.raw == raw }) else { continue }
            end(transfer.order.id, transfer.outcome(code))
        }
    }

    /// Takes the handle back from libcurl first: after that nothing calls into the transfer.
    private mutating func end(_ id: UInt64, _ outcome: Result<TransferOutcome, CurlError>) {
        guard let transfer = transfers.removeValue(forKey: id) else { return }
        curl_multi_remove_handle(multi, transfer.handle.raw)
        transfer.order.waiter.resume(returning: outcome)
    }
}
