import Foundation
import Glibc
import Synchronization

/// Stands between a client and a server on loopback and spoils what the server answers.
final class RedisProxy: Sendable {
    /// What becomes of the server's bytes on a connection.
    enum Behaviour: Sendable {
        case whole
        /// So many get through, then both sides are closed.
        case cut(after: Int)
        /// So many at a time, with a pause after each.
        case trickle(bytes: Int, pause: Duration)
    }

    let port: Int
    private let listener: Int32
    private let behaviour = Mutex(Behaviour.whole)
    private let passed = Atomic(0)

    init(to port: Int) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.listener = listener
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        var address = sockaddr_in.loopback(0)
        let isBound = address.withPointer { pointer in
            bind(listener, pointer, length) == 0 && listen(listener, 64) == 0
                && getsockname(listener, pointer, &length) == 0
        }
        guard isBound else { throw FleetError("no port for the proxy") }
        self.port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [self] in
            while case let client = accept(listener, nil, nil), client >= 0 { serve(client, port) }
        }
    }

    var url: String { "redis://127.0.0.1:\(port)" }
    /// Bytes of the server that got through.
    var bytes: Int { passed.load(ordering: .relaxed) }

    /// Counts for connections made from now on.
    func behave(_ new: Behaviour) { behaviour.withLock { $0 = new } }
    func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    private func serve(_ client: Int32, _ port: Int) {
        let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in.loopback(port)
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        guard address.withPointer({ connect(server, $0, size) == 0 }) else {
            shutdown(client, Int32(SHUT_RDWR))
            return
        }
        let chosen = behaviour.withLock { $0 }
        Thread.detachNewThread { Self.copy(client, server) { $0 } }
        Thread.detachNewThread { [self] in
            switch chosen {
            case .whole: Self.copy(server, client) { pass($0) }
            case .cut(let limit):
                var left = limit
                Self.copy(server, client) { bytes in
                    let part = pass(bytes.prefix(left))
                    left -= part.count
                    return part
                } until: {
                    left == 0
                }
            case .trickle(let count, let pause):
                Self.copy(server, client, chunk: count) { bytes in
                    usleep(UInt32(pause / .microseconds(1)))
                    return pass(bytes)
                }
            }
        }
    }

    private func pass(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        passed.add(bytes.count, ordering: .relaxed)
        return bytes
    }

    private static func copy(
        _ from: Int32, _ to: Int32, chunk: Int = 1 << 16, _ change: (ArraySlice<UInt8>) -> ArraySlice<UInt8>,
        until isOver: () -> Bool = { false }
    ) {
        var bytes = [UInt8](repeating: 0, count: chunk)
        while case let count = recv(from, &bytes, chunk, 0), count > 0 {
            let part = Array(change(bytes[..<count]))
            guard send(to, part, part.count, Int32(MSG_NOSIGNAL)) == part.count, !isOver() else { break }
        }
        shutdown(from, Int32(SHUT_RDWR))
        shutdown(to, Int32(SHUT_RDWR))
    }
}
