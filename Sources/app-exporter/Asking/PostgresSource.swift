internal import ExporterCommand
internal import ExporterKit
internal import PostgresClient

/// A few connections to one PostgreSQL server.
struct PostgresSource: AskedSource {
    let target: String
    private let pool: Pool<PostgresConnection>
    private let metrics: SourceMetrics
    private let meter = ConnectionMeter()
    private let counter = ConnectCounter()

    /// - Parameter tune: changes to the session, for example to its search path.
    init(
        _ name: String, _ settings: PostgresSettings, connections: Int? = nil, _ metrics: SourceMetrics,
        tune: (inout PostgresOptions) -> Void = { _ in }
    ) {
        var options = PostgresOptions(applicationName: "app-exporter") { () throws(PostgresError) in
            try settings.conninfo()
        }
        options.statementTimeout = settings.statementTimeout
        options.searchPath = nil  // the user's SQL means the user's tables
        options.settings = ["DateStyle": "ISO, YMD", "IntervalStyle": "postgres"]  // what `SQLValue` reads
        options.meter = meter
        tune(&options)
        let made = options
        pool = Pool((0..<(connections ?? settings.maximumConnections)).map { _ in PostgresConnection(made) })
        target = (try? settings.target().description) ?? name
        self.metrics = metrics
    }

    /// Runs one statement in a read-only transaction of its own.
    func run(
        _ statement: Statement, until deadline: ContinuousClock.Instant
    ) async throws(CollectorError) -> ResultTable {
        let replies = try await ask([statement], until: deadline)
        guard let reply = replies.first else { throw CollectorError(.connection, "\(target): no answer") }
        do throws(PostgresError) { return try reply.result.get() } catch { throw CollectorError(error) }
    }

    /// Runs statements in one round trip, each in a read-only transaction of its own.
    ///
    /// - Returns: one reply per statement, with the time from sending (or the reply before) to its last row.
    /// - Throws: only when no connection was free by the deadline.
    func ask(
        _ statements: [Statement], until deadline: ContinuousClock.Instant
    ) async throws(CollectorError) -> [StatementReply] {
        let replies = try await pool.with(until: deadline) { connection throws(CollectorError) in
            await connection.run(statements, until: deadline)
        }
        let reading = meter.reading
        let step = counter.step(opened: reading.opened, failed: reading.failed)
        metrics.connected(step.opened, failed: step.failed)
        let took = replies.reduce(Duration.zero) { $0 + $1.duration }
        let failure = replies.lazy.compactMap { reply -> PostgresError? in
            if case .failure(let error) = reply.result { error } else { nil }
        }.first
        if let failure {
            metrics.note(CollectorError(failure), took: took)
        } else {
            metrics.note("ok", isUp: true, took: took)
        }
        return replies
    }

    func close() async {
        for connection in pool.elements { await connection.close() }
    }
}

extension PostgresSettings {
    /// Where it leads, without credentials.
    func target() throws -> PostgresTarget { try PostgresTarget(conninfo: try dsn.value) }

    /// The connection string with the password in it; read anew for each connection.
    func conninfo() throws(PostgresError) -> String {
        do throws(ConfigurationError) {
            let dsn = try dsn.value
            guard let password else { return dsn }
            return Self.adding(password: try password.value, to: dsn)
        } catch {
            throw PostgresError(.configuration, "\(error)")
        }
    }

    /// A later keyword wins over an earlier one in both forms.
    static func adding(password: String, to dsn: String) -> String {
        if dsn.hasPrefix("postgres://") || dsn.hasPrefix("postgresql://") {
            let escaped = password.utf8.map { byte in
                let hex = String(byte, radix: 16, uppercase: true)
                return "%" + (hex.count < 2 ? "0" : "") + hex
            }
            return dsn + (dsn.contains("?") ? "&" : "?") + "password=" + escaped.joined()
        }
        let quoted = password.replacing("\\", with: "\\\\").replacing("'", with: "\\'")
        return (dsn.contains("=") ? dsn : "dbname='\(dsn)'") + " password='\(quoted)'"
    }
}

extension CollectorError {
    /// The same trouble in the words of a collector.
    init(_ error: PostgresError) {
        let reason: Reason =
            switch error.kind {
            case .connection: .connection
            case .authentication: .authentication
            case .tls: .tls
            case .timeout: .timeout
            case .cancelled: .cancelled
            case .locked: .locked
            case .permission: .permission
            case .unsupported: .unsupported
            case .query: .query
            case .protocol: .decode
            case .configuration: .connection
            }
        self.init(reason, error.message)
    }
}
