internal import ExporterKit
internal import PostgresClient
internal import Synchronization

/// What `pg_static` says of the server: asked once per connection, in the round trip of the first questions.
final class ServerIdentity: Sendable {
    private let known = Mutex<Known?>(nil)

    private struct Known {
        let server: PostgresServer
        let version: String
    }

    /// What is to be asked of a server; nothing when it is known.
    func questions(about server: PostgresServer) -> [Statement] {
        let isKnown = known.withLock { $0?.server.backendPID == server.backendPID }
        return isKnown ? [] : [Statement("SELECT pg_catalog.version()", prepared: false)]
    }

    /// Takes the replies to `questions`. An unanswered one is asked again next time.
    func learn(from replies: some Collection<StatementReply>, about server: PostgresServer) {
        guard case .success(let table)? = replies.first?.result, let version = table.text(0, 0) else { return }
        known.withLock { $0 = Known(server: server, version: version) }
    }

    /// Forgets the server, so that a scrape without one does not tell of the last.
    func forget() { known.withLock { $0 = nil } }

    /// `server` is `host:port` as given, `short_version` has three numbers as upstream prints it.
    var labels: LabelSet? {
        known.withLock { known in
            known.map { known in
                LabelSet([
                    "server": "\(known.server.host):\(known.server.port)",
                    "short_version": "\(known.server.major).\(known.server.minor).0",
                    "version": known.version,
                ])
            }
        }
    }
}
