internal import Glibc

/// The sockets that systemd opened for this process. Source: sd_listen_fds(3)
enum SystemdSockets {
    /// The first one; standard input, output and error come before it.
    private static let first: CInt = 3

    /// Listening sockets, in the order of the socket units; none when they are meant for another process.
    static func descriptors() -> [CInt] {
        guard let process = number("LISTEN_PID"), process == Int(getpid()), let count = number("LISTEN_FDS"),
            (1...1024).contains(count)
        else { return [] }
        let all = (first..<first + CInt(count)).filter(isListening)
        for descriptor in all { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        return all
    }

    private static func number(_ variable: String) -> Int? {
        getenv(variable).flatMap { Int(String(cString: $0)) }
    }

    private static func isListening(_ descriptor: CInt) -> Bool {
        var value: CInt = 0
        var size = socklen_t(MemoryLayout<CInt>.size)
        return getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &value, &size) == 0 && value != 0
    }
}
