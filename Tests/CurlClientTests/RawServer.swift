import Foundation
import Glibc
import Synchronization

/// A TCP listener on loopback whose every answer is scripted by the test, byte by byte.
final class RawServer: Sendable {
    let port: Int
    private let listener: Int32
    private let seen = Mutex<[String]>([])

    /// - Parameter script: runs per connection on a thread of its own; the socket is closed when it returns.
    init(_ script: @escaping @Sendable (Connection) -> Void) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.listener = listener
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutableBytes(of: &address) { bytes -> Bool in
            guard let pointer = bytes.assumingMemoryBound(to: sockaddr.self).baseAddress else { return false }
            return bind(listener, pointer, length) == 0 && listen(listener, 16) == 0
                && getsockname(listener, pointer, &length) == 0
        }
        guard bound else { throw Failure() }
        port = Int(UInt16(bigEndian: address.sin_port))
        // Threads of its own: blocking work on the shared queues would make the tests wait for each other.
        Thread.detachNewThread { [self] in
            while case let client = accept(listener, nil, nil), client >= 0 {
                Thread.detachNewThread {
                    let connection = Connection(socket: client) { request in self.seen.withLock { $0.append(request) } }
                    script(connection)
                    Glibc.close(client)
                }
            }
        }
    }

    struct Failure: Error {}

    /// Heads of the requests that came, in order.
    var requests: [String] { seen.withLock { $0 } }

    func url(_ path: String = "/", host: String = "127.0.0.1") -> String { "http://\(host):\(port)\(path)" }

    func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    struct Connection: Sendable {
        let socket: Int32
        let note: @Sendable (String) -> Void

        /// Head of the next request on this connection; `nil` when the client is gone.
        func request() -> String? {
            var bytes: [UInt8] = []
            var byte: UInt8 = 0
            while recv(socket, &byte, 1, 0) == 1 {
                bytes.append(byte)
                if bytes.suffix(4) == [13, 10, 13, 10] {
                    let text = String(decoding: bytes, as: UTF8.self)
                    note(text)
                    return text
                }
            }
            return nil
        }

        /// - Returns: `false` when the client no longer reads.
        @discardableResult
        func send(_ text: String) -> Bool {
            let bytes = Array(text.utf8)
            return Glibc.send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
        }

        func answer(_ body: String, status: String = "200 OK", headers: String = "") {
            send("HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\(headers)\r\n\(body)")
        }

        /// Until the client hangs up.
        func waitForHangUp() {
            var byte: UInt8 = 0
            while recv(socket, &byte, 1, 0) > 0 {}
        }
    }
}
