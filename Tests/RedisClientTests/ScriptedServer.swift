import Foundation
import Synchronization

/// A listener on loopback that answers each packet with the next line of its script: what no real server would send.
final class ScriptedServer: Sendable {
    /// What to do with the next packet of a client.
    enum Step: Sendable {
        /// Send this.
        case reply(String)
        /// Say nothing.
        case silence
        /// Close the connection.
        case hangUp
    }

    let port: Int
    private let listener: Int32
    private let record = Mutex<(connections: Int, packets: [String])>((0, []))

    /// - Parameter scripts: one per connection; the last one serves all further connections.
    init(_ scripts: [[Step]]) throws {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = listener
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, length) == 0 && listen(descriptor, 16) == 0
                    && getsockname(descriptor, address, &length) == 0
            }
        }
        guard bound else { throw POSIXError(.EADDRINUSE) }
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [self] in accept(scripts) }
    }

    var connections: Int { record.withLock { $0.connections } }
    var packets: [String] { record.withLock { $0.packets } }

    /// Wakes the accepting thread, which alone closes the descriptor: another server could get its number otherwise.
    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
    }

    private func accept(_ scripts: [[Step]]) {
        defer { close(listener) }
        while true {
            let client = Foundation.accept(listener, nil, nil)
            guard client >= 0 else { return }
            let number = record.withLock { record in
                record.connections += 1
                return record.connections
            }
            let script = scripts[min(number, scripts.count) - 1]
            Thread.detachNewThread { [self] in serve(client, script) }
        }
    }

    private func serve(_ client: Int32, _ script: [Step]) {
        defer { close(client) }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        for step in script {
            let count = recv(client, &buffer, buffer.count, 0)
            guard count > 0 else { return }
            let packet = String(decoding: buffer[..<count], as: UTF8.self)
            record.withLock { $0.packets.append(packet) }
            switch step {
            case .reply(let text):
                let bytes = Array(text.utf8)
                _ = send(client, bytes, bytes.count, Int32(MSG_NOSIGNAL))
            case .silence: continue
            case .hangUp: return
            }
        }
        while recv(client, &buffer, buffer.count, 0) > 0 {}
    }
}
