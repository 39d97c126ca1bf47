internal import ExporterCommand
internal import ExporterKit
internal import RedisClient
internal import Synchronization

/// One connection to one Redis server; it carries the commands of all groups.
final class RedisSource: AskedSource {
    let target: String
    private let settings: RedisSettings
    private let metrics: SourceMetrics
    /// With the secrets it was made of: a rotated password makes a new one.
    private let current = Mutex<(url: String, password: String?, connection: RedisConnection)?>(nil)

    init(_ name: String, _ settings: RedisSettings, _ metrics: SourceMetrics) {
        self.settings = settings
        self.metrics = metrics
        let url = try? settings.url.value
        target = url.flatMap { try? RedisOptions(url: $0) }?.endpoint.description ?? name
    }

    /// Sends all commands in one round trip.
    ///
    /// - Returns: one reply per command.
    /// - Throws: when none could be asked.
    func run(
        _ commands: [RedisCommand], until deadline: ContinuousClock.Instant
    ) async throws(CollectorError) -> [Result<RedisValue, CollectorError>] {
        let connection = try self.connection()
        let limit = settings.timeout.map { min(deadline, .now.advanced(by: $0)) } ?? deadline
        let began = ContinuousClock.now
        let replies = await connection.run(commands, until: limit)
        let took = began.duration(to: .now)
        let results = replies.map { reply in reply.result.mapError { CollectorError($0) } }
        let failures = results.compactMap { result -> CollectorError? in
            if case .failure(let error) = result { error } else { nil }
        }
        if let first = failures.first {
            metrics.note(first, took: took)
        } else {
            metrics.note("ok", isUp: true, took: took)
        }
        if let first = failures.first, failures.count == results.count { throw first }
        return results
    }

    private func connection() throws(CollectorError) -> RedisConnection {
        do {
            let (url, password) = (try settings.url.value, try settings.password?.value)
            if let present = current.withLock({ $0 }), present.url == url, present.password == password {
                return present.connection
            }
            var options = try RedisOptions(url: url)
            if let password { options.password = password }
            options.clientName = "app-exporter"
            let made = RedisConnection(options)
            current.withLock { $0 = (url, password, made) }
            return made
        } catch {
            throw CollectorError(.connection, "\(error)")
        }
    }

    func close() async {
        await current.withLock { $0?.connection }?.close()
    }
}

extension CollectorError {
    /// The same trouble in the words of a collector.
    init(_ error: RedisError) {
        let reason: Reason =
            switch error.kind {
            case .connection: .connection
            case .authentication: .authentication
            case .tls: .tls
            case .timeout: .timeout
            case .cancelled: .cancelled
            case .permission: .permission
            case .unsupported: .unsupported
            case .server: .query
            case .protocol: .decode
            }
        self.init(reason, error.message)
    }
}
