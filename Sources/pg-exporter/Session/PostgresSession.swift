internal import ExporterKit
internal import PostgresClient

/// What collectors know of the server before they ask.
struct PostgresFacts: Sendable {
    /// As the connection tells it.
    let server: PostgresServer

    /// `15.18`
    var version: ServerVersion { ServerVersion(server.major, server.minor) }
}

/// The open connection as the collectors see it.
struct PostgresSession: QuerySession {
    let connection: PostgresConnection
    let server: PostgresFacts
    let identity: ServerIdentity

    var heartbeat: Statement? { Statement("SELECT 1") }

    /// Asks all in one round trip; the first one on a connection also asks what the server calls itself.
    func ask(_ questions: [Statement], until deadline: Deadline) async -> [Reply<ResultTable>] {
        guard !questions.isEmpty else { return [] }
        let own = identity.questions(about: server.server)
        let replies = await connection.run(own + questions, until: deadline.instant)
        identity.learn(from: replies.prefix(own.count), about: server.server)
        return replies.dropFirst(own.count).map { reply in
            Reply(reply.result.mapError(CollectorError.init), took: reply.duration)
        }
    }
}

/// Opens the one connection of the exporter, or finds it open.
struct PostgresProvider: SessionProvider {
    let connection: PostgresConnection
    let identity: ServerIdentity

    func open(until deadline: Deadline) async throws(CollectorError) -> PostgresSession {
        do throws(PostgresError) {
            let server = try await connection.connect(until: deadline.instant)
            return PostgresSession(connection: connection, server: PostgresFacts(server: server), identity: identity)
        } catch {
            throw CollectorError(error)
        }
    }
}

extension CollectorError {
    /// The cause in the words that all exporters share.
    init(_ error: PostgresError) {
        let reason: Reason =
            switch error.kind {
            case .connection, .configuration: .connection
            case .authentication: .authentication
            case .tls: .tls
            case .timeout: .timeout
            case .cancelled: .cancelled
            case .locked: .locked
            case .permission: .permission
            case .unsupported: .unsupported
            case .query: .query
            case .protocol: .decode
            }
        self.init(reason, error.message)
    }
}
