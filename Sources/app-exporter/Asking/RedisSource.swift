internal import ExporterCommand
internal import ExporterKit
internal import RedisClient
internal import Synchronization

/// One connection to one Redis server; it carries the commands of all groups.
final class RedisSource: AskedSource {
    let target: String
    private let settings: RedisSettings
    private let metrics: SourceMetrics
    private let counter = ConnectCounter()
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
        let connection = try await self.connection()
        let limit = settings.timeout.map { min(deadline, .now.advanced(by: $0)) } ?? deadline
        let began = ContinuousClock.now
        let replies = await connection.run(commands, until: limit)
        let took = began.duration(to: .now)
        let results = replies.map { reply in reply.result.mapError { CollectorError($0) } }
        let failures = results.compactMap { result -> CollectorError? in
            if case .failure(let error) = result { error } else { nil }
        }
        let step = counter.step(opened: UInt64(connection.facts.opened), failed: 0)
        let isUnreached = failures.contains { [.connection, .authentication, .tls].contains($0.reason) }
        metrics.connected(step.opened, failed: isUnreached && failures.count == results.count ? 1 : 0)
        if let first = failures.first {
            metrics.note(first, took: took)
        } else {
            metrics.note("ok", isUp: true, took: took)
        }
        if let first = failures.first, failures.count == results.count { throw first }
        return results
    }

    private func connection() async throws(CollectorError) -> RedisConnection {
        let (connection, old) = try choose()
        await old?.close()
        return connection
    }

    /// The connection to use now, and one that is no longer needed because a secret has changed.
    private func choose() throws(CollectorError) -> (RedisConnection, RedisConnection?) {
        do {
            let (url, password) = (try settings.url.value, try settings.password?.value)
            var options = try RedisOptions(url: url)
            if let password {
                // Beside a password of its own, the one word before the @ is the user.
                if options.username == nil { options.username = options.password }
                options.password = password
            }
            options.clientName = "app-exporter"
            return current.withLock { current in
                if let current, current.url == url, current.password == password { return (current.connection, nil) }
                let old = current?.connection
                let made = RedisConnection(options)
                current = (url, password, made)
                counter.restart()
                return (made, old)
            }
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
