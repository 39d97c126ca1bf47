import Foundation
import Glibc
import Synchronization

/// Stands between a client and a server on loopback and counts how often the talk goes to and fro.
final class PostgresProxy: Sendable {
    let port: Int
    private let listener: Int32
    private let state = Mutex(State())

    private struct State {
        var connections = 0
        var roundTrips = 0
        var packets = 0
        var isServersTurn = false

        mutating func clientSpoke() {
            packets += 1
            if !isServersTurn { roundTrips += 1 }
            isServersTurn = true
        }
    }

    struct Failure: Error {}

    /// - Parameter delay: how long each answer is held, so that all that a client sends without waiting comes before
    ///   it.
    init(to port: Int, delay: Duration) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.listener = listener
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        var address = sockaddr_in.loopback(0)
        let isBound = address.withPointer { pointer in
            bind(listener, pointer, length) == 0 && listen(listener, 16) == 0
                && getsockname(listener, pointer, &length) == 0
        }
        guard isBound else { throw Failure() }
        self.port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [self] in
            while case let client = accept(listener, nil, nil), client >= 0 {
                state.withLock { $0.connections += 1 }
                let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
                var address = sockaddr_in.loopback(port)
                let size = socklen_t(MemoryLayout<sockaddr_in>.size)
                guard address.withPointer({ connect(server, $0, size) == 0 }) else { continue }
                Thread.detachNewThread { [self] in copy(client, server) { $0.clientSpoke() } }
                Thread.detachNewThread { [self] in
                    copy(server, client) { state in
                        state.isServersTurn = false
                    } before: {
                        usleep(UInt32(delay / .microseconds(1)))
                    }
                }
            }
        }
    }

    /// Connections taken so far.
    var connections: Int { state.withLock { $0.connections } }
    /// Times a client spoke after the server had.
    var roundTrips: Int { state.withLock { $0.roundTrips } }

    /// Pieces in which the talk of clients came.
    var packets: Int { state.withLock { $0.packets } }

    func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    private func copy(
        _ from: Int32, _ to: Int32, _ note: (inout State) -> Void, before: () -> Void = {}
    ) {
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        while case let count = recv(from, &bytes, bytes.count, 0), count > 0 {
            before()
            state.withLock { note(&$0) }
            guard send(to, bytes, count, Int32(MSG_NOSIGNAL)) == count else { break }
        }
        shutdown(to, Int32(SHUT_RDWR))
    }
}
