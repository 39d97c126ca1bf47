import Glibc

/// Stands between an exporter and its server: delays what is said as a long way does, and counts connections and round
/// trips, that is how often the talk turns back to the client.
///
/// A thread with `poll`, because a benchmark has nothing else to do meanwhile.
final class WireProxy: @unchecked Sendable {
    struct Counts {
        var connections = 0
        var roundTrips = 0

        static func += (sum: inout Counts, other: Counts) {
            sum.connections += other.connections
            sum.roundTrips += other.roundTrips
        }
    }

    let port: UInt16
    private let listener: Int32
    private let upstream: UInt16
    private let delay: Double
    // The thread counts, the owner takes: behind the lock. Everything else is the thread's alone.
    private var lock = pthread_mutex_t()
    private var counts = Counts()
    private var pairs: [Pair] = []

    /// A proxy on a port of its own.
    ///
    /// - Parameter delay: seconds of each direction. A new connection waits for two more, as its handshake would.
    init(to upstream: UInt16, delay: Double) throws {
        self.upstream = upstream
        self.delay = delay
        port = freePort()
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var one: Int32 = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
        var address = loopback(port)
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0, listen(listener, 16) == 0 else { throw BenchError("cannot open a proxy port") }
        pthread_mutex_init(&lock, nil)
        var thread = pthread_t()
        let context = Unmanaged.passRetained(self).toOpaque()
        pthread_create(
            &thread, nil,
            { context in
                if let context { Unmanaged<WireProxy>.fromOpaque(context).takeRetainedValue().serve() }
                return nil
            }, context)
        pthread_detach(thread)
    }

    /// Counts since the last call.
    func take() -> Counts {
        pthread_mutex_lock(&lock)
        defer { pthread_mutex_unlock(&lock) }
        defer { counts = Counts() }
        return counts
    }

    private func count(_ what: WritableKeyPath<Counts, Int>) {
        pthread_mutex_lock(&lock)
        counts[keyPath: what] += 1
        pthread_mutex_unlock(&lock)
    }

    // MARK: - The thread

    private func serve() {
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        while true {
            var polled = [pollfd(fd: listener, events: Int16(POLLIN), revents: 0)]
            polled += pairs.flatMap { [$0.toServer.polled, $0.toClient.polled] }
            guard wait(&polled) >= 0 else { continue }
            let now = monotonicSeconds()
            for index in pairs.indices {
                if polled[1 + 2 * index].revents != 0 {
                    pairs[index].toServer.read(&buffer, due: max(now, pairs[index].open) + delay)
                    if pairs[index].serverSpoke { count(\.roundTrips) }
                    pairs[index].serverSpoke = false
                }
                if polled[2 + 2 * index].revents != 0 { pairs[index].toClient.read(&buffer, due: now + delay) }
                pairs[index].toServer.pass(now)
                if pairs[index].toClient.pass(now) { pairs[index].serverSpoke = true }
            }
            pairs.removeAll { $0.closeIfOver() }
            if polled[0].revents != 0, let pair = accept(now) {
                pairs.append(pair)
                count(\.connections)
            }
        }
    }

    /// Until there is something to read or to pass on. `poll` knows whole milliseconds only; the rest is slept, because
    /// whoever waits for what is under way says nothing meanwhile.
    private func wait(_ polled: inout [pollfd]) -> Int32 {
        let due = pairs.flatMap { [$0.toServer.due, $0.toClient.due] }.compactMap { $0 }.min()
        guard let due else { return poll(&polled, nfds_t(polled.count), -1) }
        let milliseconds = max(0, due - monotonicSeconds()) * 1000
        if milliseconds < 1 { usleep(UInt32(milliseconds * 1000)) }
        return poll(&polled, nfds_t(polled.count), Int32(milliseconds))
    }

    private func accept(_ now: Double) -> Pair? {
        let client = Glibc.accept(listener, nil, nil)
        guard client >= 0 else { return nil }
        let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var one: Int32 = 1
        for side in [client, server] {
            setsockopt(side, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
        }
        var address = loopback(upstream)
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else {
            close(client)
            close(server)
            return nil
        }
        return Pair(
            toServer: Lane(from: client, to: server), toClient: Lane(from: server, to: client), open: now + 2 * delay)
    }
}

/// A connection and the one behind it.
private struct Pair {
    var toServer: Lane
    var toClient: Lane
    /// Until then the client would still be waiting for its handshake.
    let open: Double
    var serverSpoke = true

    /// - Returns: true when one side is gone and the other has all that it said.
    func closeIfOver() -> Bool {
        guard toServer.isOver || toClient.isOver else { return false }
        close(toServer.from)
        close(toClient.from)
        return true
    }
}

/// One direction of a connection.
private struct Lane {
    let from: Int32
    let to: Int32
    private var underWay: [(due: Double, bytes: [UInt8])] = []
    private var hasEnded = false

    init(from: Int32, to: Int32) {
        self.from = from
        self.to = to
    }

    var isOver: Bool { hasEnded && underWay.isEmpty }
    var due: Double? { underWay.first?.due }
    var polled: pollfd { pollfd(fd: hasEnded ? -1 : from, events: Int16(POLLIN), revents: 0) }

    mutating func read(_ buffer: inout [UInt8], due: Double) {
        let count = recv(from, &buffer, buffer.count, 0)
        if count > 0 { underWay.append((due, Array(buffer[..<count]))) } else { hasEnded = true }
    }

    /// Sends what is due.
    ///
    /// - Returns: true when there was something.
    @discardableResult
    mutating func pass(_ now: Double) -> Bool {
        let due = underWay.prefix { $0.due <= now }
        for (_, bytes) in due where !sendAll(bytes) { hasEnded = true }
        underWay.removeFirst(due.count)
        return !due.isEmpty
    }

    private func sendAll(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let written = bytes[sent...].withUnsafeBytes { send(to, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard written > 0 else { return false }
            sent += written
        }
        return true
    }
}
