import Foundation
import Testing

/// Sockets as systemd passes them: the program as users run it, with descriptors from 3 on.
@Suite struct SystemdSocketTests {
    // The shell keeps its process number when the program takes its place, which makes LISTEN_PID right.
    private static let start = "exec \"$0\" --web.systemd-socket --web.listen-address=127.0.0.1:1"

    @Test func listensOnWhatItIsGiven() async throws {
        let sockets = try [ListeningSocket(), ListeningSocket()]
        let child = try Child("LISTEN_PID=$$ LISTEN_FDS=2 \(Self.start)", passing: sockets.map(\.descriptor))
        #expect(await child.complains(of: "Listening on", times: 2))
        for socket in sockets { #expect(try socket.get("/-/healthy").hasSuffix("is healthy.\n")) }
        #expect(await child.end(with: SIGTERM) == 0)
        for socket in sockets {
            #expect(child.errors.contains("msg=\"Listening on\" address=127.0.0.1:\(socket.port)\n"))
        }
        #expect(!child.errors.contains("127.0.0.1:1\n"))
    }

    @Test(arguments: ["LISTEN_PID=1 LISTEN_FDS=1", "LISTEN_PID=$$ LISTEN_FDS=0", "LISTEN_PID=$$ LISTEN_FDS=x", "true;"])
    func refusesWhatIsNotItsOwn(variables: String) async throws {
        let socket = try ListeningSocket()
        let child = try Child("\(variables) \(Self.start)", passing: [socket.descriptor])
        #expect(await child.end() == 1)
        #expect(child.errors.contains("no socket activation file descriptors found"))
    }
}

/// redis-exporter from the folder of this test, started by a shell that finds it as `$0`.
private final class Child {
    private let pid: pid_t
    private let log = "\(NSTemporaryDirectory())/systemd-\(UUID().uuidString).log"

    init(_ script: String, passing descriptors: [Int32]) throws {
        let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
            .appendingPathComponent("redis-exporter").path
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 2, log, O_WRONLY | O_CREAT, 0o600)
        // High numbers first: what is passed may itself be one of the numbers that are filled.
        let high = descriptors.map { fcntl($0, F_DUPFD_CLOEXEC, 100) }
        defer { high.forEach { close($0) } }
        for (index, descriptor) in high.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, descriptor, 3 + Int32(index))
        }
        var arguments: [UnsafeMutablePointer<CChar>?] = []
        for argument in ["/bin/sh", "-c", script, program] { arguments.append(strdup(argument)) }
        arguments.append(nil)
        defer { arguments.forEach { free($0) } }
        var environment: [UnsafeMutablePointer<CChar>?] = [nil]
        var pid: pid_t = 0
        let result = posix_spawn(&pid, "/bin/sh", &actions, nil, &arguments, &environment)
        try #require(result == 0)
        self.pid = pid
    }

    deinit {
        kill(pid, SIGKILL)
        var status: Int32 = 0
        waitpid(pid, &status, 0)
        unlink(log)
    }

    var errors: String { (try? String(contentsOfFile: log, encoding: .utf8)) ?? "" }

    /// Waits until it has written this so often.
    func complains(of text: String, times: Int) async -> Bool {
        for _ in 0..<1000 where errors.ranges(of: text).count < times { try? await Task.sleep(for: .milliseconds(10)) }
        return errors.ranges(of: text).count >= times
    }

    /// Waits for the end.
    ///
    /// - Returns: the exit status; `nil` when it still ran after ten seconds, or a signal ended it.
    func end(with signal: Int32? = nil) async -> Int32? {
        if let signal { kill(pid, signal) }
        var status: Int32 = 0
        for _ in 0..<1000 {
            if waitpid(pid, &status, WNOHANG) == pid { return status & 0x7f == 0 ? status >> 8 & 0xff : nil }
            try? await Task.sleep(for: .milliseconds(10))
        }
        return nil
    }
}

/// A socket that listens on the loopback.
private final class ListeningSocket {
    let descriptor: Int32
    private(set) var port: UInt16 = 0

    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = Self.loopback(0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = Self.withAddress(&address) { bind(descriptor, $0, size) == 0 && listen(descriptor, 8) == 0 }
        try #require(isListening && Self.withAddress(&address) { getsockname(descriptor, $0, &size) } == 0)
        port = UInt16(bigEndian: address.sin_port)
    }

    deinit { close(descriptor) }

    /// Asks whoever accepts on this socket.
    func get(_ path: String) throws -> String {
        let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        defer { close(client) }
        var limit = timeval(tv_sec: 15, tv_usec: 0)
        setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = Self.loopback(port)
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        try #require(Self.withAddress(&address) { connect(client, $0, size) } == 0)
        let request = "GET \(path) HTTP/1.0\r\n\r\n"
        try #require(write(client, request, request.utf8.count) == request.utf8.count)
        var answer: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while case let count = read(client, &chunk, chunk.count), count > 0 { answer += chunk[..<count] }
        return String(decoding: answer, as: UTF8.self)
    }

    private static func loopback(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        return address
    }

    private static func withAddress<Result>(
        _ address: inout sockaddr_in, _ body: (UnsafeMutablePointer<sockaddr>) -> Result
    ) -> Result {
        withUnsafeMutablePointer(to: &address) { $0.withMemoryRebound(to: sockaddr.self, capacity: 1, body) }
    }
}
