import Glibc

/// Stands between an exporter and its server and counts connections and round trips: how often the direction of the talk
/// turns back to the client. It delays nothing on purpose; what is timed does not go through it.
///
/// A thread with `poll`, because a benchmark has nothing else to do meanwhile.
final class CountingProxy: @unchecked Sendable {
    // The thread alone writes, the owner reads after `pause` lets the traffic end; both are plain words behind a lock.
    private var lock = pthread_mutex_t()
    private var roundTripCount = 0
    private var connectionCount = 0
    let port: UInt16
    private let listener: Int32
    private let upstream: UInt16

    private struct Pair {
        let client: Int32
        let server: Int32
        var serverSpoke = true
    }

    init(to upstream: UInt16) throws {
        self.upstream = upstream
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
                if let context { Unmanaged<CountingProxy>.fromOpaque(context).takeRetainedValue().serve() }
                return nil
            }, context)
        pthread_detach(thread)
    }

    /// Counts since the last call: connections opened and round trips made.
    func take() -> (connections: Int, roundTrips: Int) {
        pthread_mutex_lock(&lock)
        defer { pthread_mutex_unlock(&lock) }
        defer { (connectionCount, roundTripCount) = (0, 0) }
        return (connectionCount, roundTripCount)
    }

    private func serve() {
        var pairs: [Pair] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        while true {
            var polled = [pollfd(fd: listener, events: Int16(POLLIN), revents: 0)]
            polled += pairs.flatMap {
                [
                    pollfd(fd: $0.client, events: Int16(POLLIN), revents: 0),
                    pollfd(fd: $0.server, events: Int16(POLLIN), revents: 0),
                ]
            }
            guard poll(&polled, nfds_t(polled.count), -1) > 0 else { continue }
            var closed: [Int] = []
            for index in pairs.indices {
                if polled[1 + 2 * index].revents != 0 {
                    if !pump(pairs[index].client, pairs[index].server, &buffer) {
                        closed.append(index)
                        continue
                    }
                    if pairs[index].serverSpoke { count { self.roundTripCount += 1 } }
                    pairs[index].serverSpoke = false
                }
                if polled[2 + 2 * index].revents != 0 {
                    if !pump(pairs[index].server, pairs[index].client, &buffer) {
                        closed.append(index)
                        continue
                    }
                    pairs[index].serverSpoke = true
                }
            }
            for index in closed.reversed() {
                close(pairs[index].client)
                close(pairs[index].server)
                pairs.remove(at: index)
            }
            if polled[0].revents != 0 { if let pair = accept() { pairs.append(pair) } }
        }
    }

    private func accept() -> Pair? {
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
        count { self.connectionCount += 1 }
        return Pair(client: client, server: server)
    }

    private func count(_ change: () -> Void) {
        pthread_mutex_lock(&lock)
        change()
        pthread_mutex_unlock(&lock)
    }

    private func pump(_ from: Int32, _ to: Int32, _ buffer: inout [UInt8]) -> Bool {
        let count = recv(from, &buffer, buffer.count, 0)
        guard count > 0 else { return false }
        var sent = 0
        while sent < count {
            let written = buffer[sent..<count].withUnsafeBytes {
                send(to, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard written > 0 else { return false }
            sent += written
        }
        return true
    }
}
