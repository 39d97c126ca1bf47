internal import NIOCore

/// Closes a connection that takes too long for something. Lives on the connection's event loop.
///
/// One timer for all limits, which is set again only when a limit comes up earlier: a request costs no timer.
final class ConnectionClock {
    /// What takes its time.
    enum Limit: Int, CaseIterable {
        /// A request that has begun and is not whole.
        case request
        /// An answer that is being taken.
        case answer
        /// Nothing at all.
        case idle
        /// An answer is being made for a client that may be gone.
        case halfClosed
        /// The last answer is out, and the client has not closed its side.
        case farewell
    }

    private let channel: any Channel
    private let times: [TimeAmount]
    private var deadlines = [NIODeadline](repeating: .distantFuture, count: Limit.allCases.count)
    private var timer: Scheduled<Void>?
    private var timerFires = NIODeadline.distantFuture
    private var streams = 0
    private var isStopped = false

    init(_ channel: any Channel, _ limits: ServerLimits) {
        self.channel = channel
        let farewell = Duration.seconds(1)
        times = Limit.allCases.map { limit in
            switch limit {
            case .request: TimeAmount(limits.requestTime)
            case .answer: TimeAmount(limits.answerTime)
            case .idle: TimeAmount(limits.idleTime)
            case .halfClosed: TimeAmount(limits.halfClosedTime)
            case .farewell: TimeAmount(farewell)
            }
        }
    }

    /// Starts the time of a limit, unless it runs already.
    func begin(_ limit: Limit) {
        guard !isStopped, deadlines[limit.rawValue] == .distantFuture else { return }
        deadlines[limit.rawValue] = .now() + times[limit.rawValue]
        arm()
    }

    /// What was limited has ended well.
    func end(_ limit: Limit) {
        deadlines[limit.rawValue] = .distantFuture
    }

    /// A stream of this connection, with a clock of its own, has begun: this one waits until there is none.
    func streamBegan() {
        streams += 1
        end(.request)
        end(.idle)
    }

    /// A stream is gone.
    func streamEnded() {
        streams -= 1
        if streams == 0 { begin(.idle) }
    }

    /// The connection is gone.
    func stop() {
        isStopped = true
        timer?.cancel()
        timer = nil
    }

    private var next: NIODeadline { deadlines.min() ?? .distantFuture }

    private func arm() {
        let next = next
        guard next < timerFires else { return }
        timer?.cancel()
        timerFires = next
        timer = channel.eventLoop.assumeIsolated().scheduleTask(deadline: next) { self.look() }
    }

    private func look() {
        timer = nil
        timerFires = .distantFuture
        if next <= .now() { channel.close(promise: nil) } else { arm() }
    }
}
