import Synchronization
import TestSupport

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

    private let server: LoopbackServer
    var port: Int { server.port }
    var connections: Int { server.connections }
    var packets: [String] { server.requests }

    /// - Parameter scripts: one per connection; the last one serves all further connections.
    init(_ scripts: [[Step]]) throws {
        server = try LoopbackServer { connection in
            for step in scripts[min(connection.number, scripts.count) - 1] {
                let packet = connection.receive()
                guard !packet.isEmpty else { return }
                connection.note(String(decoding: packet, as: UTF8.self))
                switch step {
                case .reply(let text): connection.send(text)
                case .silence: continue
                case .hangUp: return
                }
            }
            connection.waitForHangUp()
        }
    }

    func stop() { server.stop() }
}
