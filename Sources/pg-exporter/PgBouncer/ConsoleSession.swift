internal import ExporterKit
internal import PostgresClient

/// The admin console of a PgBouncer: `SHOW` commands, asked one after the other on one connection.
struct ConsoleSession: QuerySession {
    let connection: PostgresConnection
    let server: ConsoleServer

    /// What is known of a PgBouncer before it is asked anything.
    struct ConsoleServer: Sendable {
        /// `1.18.0`
        let version: String
    }

    /// The one command that is the same in every version.
    var heartbeat: Statement? { Statement("SHOW VERSION", prepared: false) }

    func ask(_ questions: [Statement], until deadline: Deadline) async -> [Reply<ResultTable>] {
        await connection.run(questions, until: deadline.instant).map { reply in
            Reply(reply.result.mapError(Self.error), took: reply.duration)
        }
    }

    /// What the codes of a console mean, and that of a PostgreSQL, which does not know its commands.
    private static func error(_ error: PostgresError) -> CollectorError {
        switch error.sqlState {
        case "42704":
            CollectorError(
                .unsupported,
                "\(error.message); this is a database and no console of PgBouncer: take it out of --pgbouncer.databases"
            )
        // Every refusal of a console is a violation of the protocol by its code.
        case "08P01": CollectorError(.query, error.message)
        default: CollectorError(error)
        }
    }
}

/// Opens the connection to the console, or finds it open.
struct ConsoleProvider: SessionProvider {
    let connection: PostgresConnection

    func open(until deadline: Deadline) async throws(CollectorError) -> ConsoleSession {
        do throws(PostgresError) {
            let server = try await connection.connect(until: deadline.instant)
            // `1.18.0/bouncer`
            let version = server.versionText.prefix { $0 != "/" }
            return ConsoleSession(connection: connection, server: .init(version: String(version)))
        } catch {
            // It says no more, and has no code of its own for this.
            guard let refusal = error.message.firstRange(of: "FATAL: not allowed") else { throw CollectorError(error) }
            throw CollectorError(
                .authentication,
                "\(error.message[..<refusal.upperBound]); put the user into stats_users of pgbouncer.ini, and RELOAD")
        }
    }
}
