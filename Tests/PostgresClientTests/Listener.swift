import Foundation
import Glibc
import Synchronization

/// A TCP listener on loopback that is no PostgreSQL: the test says what it does with each connection.
final class Listener: Sendable {
    let port: Int
    private let socket: Int32
    private let count = Mutex(0)
    private let open = Mutex<[Int32]>([])

    struct Failure: Error {}

    /// - Parameter behaviour: run per connection on a thread of its own; the socket stays open until `stop`.
    init(_ behaviour: @escaping @Sendable (Int32) -> Void = { _ in }) throws {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.socket = socket
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutableBytes(of: &address) { bytes -> Bool in
            guard let pointer = bytes.assumingMemoryBound(to: sockaddr.self).baseAddress else { return false }
            return bind(socket, pointer, length) == 0 && listen(socket, 64) == 0
                && getsockname(socket, pointer, &length) == 0
        }
        guard isBound else { throw Failure() }
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [self] in
            while case let client = accept(socket, nil, nil), client >= 0 {
                count.withLock { $0 += 1 }
                open.withLock { $0.append(client) }
                Thread.detachNewThread { behaviour(client) }
            }
        }
    }

    /// Connections taken so far.
    var connections: Int { count.withLock { $0 } }

    var conninfo: String {
        "host=127.0.0.1 port=\(port) user=u password=s3cret dbname=d sslmode=disable gssencmode=disable"
    }

    func stop() {
        shutdown(socket, Int32(SHUT_RDWR))
        open.withLock { $0.forEach { Glibc.close($0) } }
    }

    static func send(_ client: Int32, _ bytes: [UInt8]) {
        _ = Glibc.send(client, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    /// Waits for the client's first message.
    static func readSome(_ client: Int32) {
        var bytes = [UInt8](repeating: 0, count: 4_096)
        _ = recv(client, &bytes, bytes.count, 0)
    }
}
