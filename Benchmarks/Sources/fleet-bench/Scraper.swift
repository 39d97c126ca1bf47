import Glibc

/// Scrapes over one kept connection with the least a client can do, so that what is measured is the exporter.
final class Scraper {
    private let port: UInt16
    private var descriptor: Int32 = -1

    init(port: UInt16) {
        self.port = port
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// One scrape.
    ///
    /// - Returns: seconds from the first byte sent to the last received, and the body as it came.
    func scrape(_ path: String = "/metrics", gzip: Bool = false) throws -> (seconds: Double, body: [UInt8]) {
        if descriptor < 0 { try connect() }
        let encoding = gzip ? "gzip" : "identity"
        let request =
            "GET \(path) HTTP/1.1\r\nHost: localhost\r\nAccept: text/plain;version=0.0.4\r\n"
            + "Accept-Encoding: \(encoding)\r\nX-Prometheus-Scrape-Timeout-Seconds: 10\r\n\r\n"
        let began = now()
        try request.utf8CString.withUnsafeBytes { bytes in
            guard send(descriptor, bytes.baseAddress, bytes.count - 1, Int32(MSG_NOSIGNAL)) == bytes.count - 1
            else { throw BenchError("the exporter closed the connection") }
        }
        let body = try receive()
        return (now() - began, body)
    }

    /// True when a connection can be opened; it is kept.
    func listens() -> Bool {
        if descriptor < 0 { try? connect() }
        return descriptor >= 0
    }

    func now() -> Double { monotonicSeconds() }

    private func connect() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var one: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
        var address = loopback(port)
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else {
            close(descriptor)
            descriptor = -1
            throw BenchError("nothing listens on port \(port)")
        }
    }

    private var buffer = [UInt8](repeating: 0, count: 1 << 20)

    /// Reads one response: by its length, or chunk by chunk as Go sends larger bodies.
    private func receive() throws -> [UInt8] {
        var data: [UInt8] = []
        var head: String?
        var headEnd = 0
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { throw BenchError("the exporter closed the connection") }
            data += buffer[..<count]
            if head == nil, let end = endOfHead(data) {
                head = String(decoding: data[..<end], as: UTF8.self).lowercased()
                headEnd = end
            }
            guard let head else { continue }
            guard head.hasPrefix("http/1.1 200") else { throw BenchError("not 200: \(head.prefix(40))") }
            if let length = field("content-length", in: head).flatMap({ Int($0) }) {
                if data.count >= headEnd + length { return Array(data[headEnd...]) }
            } else if data.suffix(5).elementsEqual("0\r\n\r\n".utf8) {
                return Array(data[headEnd...])
            }
        }
    }

    private func endOfHead(_ data: [UInt8]) -> Int? {
        let mark = Array("\r\n\r\n".utf8)
        guard data.count >= 4 else { return nil }
        return (0...(data.count - 4)).first { data[$0..<($0 + 4)].elementsEqual(mark) }.map { $0 + 4 }
    }

    private func field(_ name: String, in head: String) -> String? {
        head.split(separator: "\r\n").first { $0.hasPrefix(name + ":") }
            .map { String($0.dropFirst(name.count + 1).drop { $0 == " " }) }
    }
}

/// Seconds of a clock that nobody sets.
func monotonicSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// 127.0.0.1 and a port as the socket calls want it.
func loopback(_ port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return address
}

/// A loopback port that was free a moment ago.
func freePort() -> UInt16 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = loopback(0)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    _ = withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(descriptor, $0, length) + getsockname(descriptor, $0, &length)
        }
    }
    return UInt16(bigEndian: address.sin_port)
}
