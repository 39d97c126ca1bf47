import Glibc

/// Says something to a Redis server, as the benchmark's own client.
final class RedisWire {
    private let descriptor: Int32

    init(port: UInt16) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = loopback(port)
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else { throw BenchError("no Redis listens on port \(port)") }
    }

    deinit { close(descriptor) }

    /// Sends commands whose answers are one line each, a thousand at a time.
    ///
    /// - Throws: `BenchError` with the first answer that is an error.
    func run(_ commands: some Sequence<String>) throws {
        var batch: [UInt8] = []
        var count = 0
        for command in commands {
            batch += Array((command + "\r\n").utf8)
            count += 1
            guard count == 1000 else { continue }
            try exchange(batch, count)
            (batch, count) = ([], 0)
        }
        try exchange(batch, count)
    }

    private func exchange(_ bytes: [UInt8], _ count: Int) throws {
        guard count > 0 else { return }
        guard send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
            throw BenchError("Redis closed the connection")
        }
        var answer: [UInt8] = []
        var lines = 0
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while lines < count {
            let length = recv(descriptor, &chunk, chunk.count, 0)
            guard length > 0 else { throw BenchError("Redis closed the connection") }
            lines += chunk[..<length].count { $0 == UInt8(ascii: "\n") }
            answer += chunk[..<length]
        }
        for line in answer.split(separator: UInt8(ascii: "\n")) where line.first == UInt8(ascii: "-") {
            throw BenchError("Redis refuses: \(String(decoding: line, as: UTF8.self))")
        }
    }
}
