#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// Wakes a thread that waits in `poll`: a pipe to itself.
final class Bell: Sendable {
    /// Readable from a ring until `quiet`; negative when the process has no descriptor left, and nobody can be woken.
    let descriptor: Int32
    private let writer: Int32

    init() {
        var ends: [Int32] = [-1, -1]
        if pipe(&ends) != 0 { ends = [-1, -1] }
        for end in ends where end >= 0 {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        descriptor = ends[0]
        writer = ends[1]
    }

    deinit {
        for end in [descriptor, writer] where end >= 0 { close(end) }
    }

    /// Wakes the waiting thread, now or when it waits next. A full pipe rings already.
    func ring() {
        var byte: UInt8 = 1
        _ = write(writer, &byte, 1)
    }

    /// Takes back all rings.
    func quiet() {
        var bytes = [UInt8](repeating: 0, count: 64)
        while read(descriptor, &bytes, bytes.count) == bytes.count {}
    }

    /// Waits for a ring, or for a socket.
    ///
    /// - Parameters:
    ///   - socket: negative for none.
    ///   - limit: when to stop waiting; `nil` for never.
    /// - Returns: whether the socket is ready (an error on it counts as ready).
    func wait(socket: Int32, reading: Bool, writing: Bool, until limit: ContinuousClock.Instant?) -> Bool {
        let events = (reading ? Int32(POLLIN) : 0) | (writing ? Int32(POLLOUT) : 0)
        var entries = [
            pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: socket, events: Int16(events), revents: 0),
        ]
        // Without a bell the thread looks up on its own; everything else still holds.
        var timeout: Int32 = descriptor < 0 ? 100 : -1
        if let limit {
            let left = ContinuousClock.now.duration(to: limit)
            // Rounded up, so that the limit is over when the wait is.
            let milliseconds = left.components.seconds * 1_000 + left.components.attoseconds / 1_000_000_000_000_000 + 1
            timeout = Int32(max(0, min(milliseconds, timeout < 0 ? 3_600_000 : 100)))
        }
        guard poll(&entries, 2, timeout) > 0 else { return false }
        if entries[0].revents != 0 { quiet() }
        return entries[1].revents != 0
    }

    /// Whether a socket has something to read, or an error, now.
    static func isReadable(_ socket: Int32) -> Bool {
        var entry = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, 0) > 0
    }
}
