internal import ExporterKit
internal import RedisClient
internal import Synchronization

/// Walks over the keys of a server, beside the scrapes or inside of them, and keeps what the last finished walk found.
///
/// It has one connection of its own, to one server at a time, and closes it when it will be idle for long.
final class KeyScanner: Sendable {
    /// How walks went so far.
    struct Record: Sendable {
        /// The last one that came to its end.
        var last: FinishedWalk?
        /// Walks by how they ended.
        var finished = 0
        var cut = 0
        var failed = 0
        /// Keys and streams left out because of the limit, over all finished walks.
        var omitted = 0
        /// Why the latest walk did not come to its end; `nil` when it did.
        var failure: CollectorError?
    }

    private struct State {
        var record = Record()
        /// Kept from one walk to the next.
        var connection: RedisConnection?
        /// The walk inside of the scrape with this deadline.
        var inline: (deadline: ContinuousClock.Instant, result: Result<FinishedWalk, CollectorError>)?
    }

    let options: KeyOptions
    private let route: WalkRoute
    private let state = Mutex(State())

    /// A connection that is not used for longer than this is closed.
    private static let longestIdle = Duration.seconds(120)
    /// A walk that failed is tried again after this time, or after the interval if that is shorter.
    private static let retry = Duration.seconds(10)

    /// - Parameters:
    ///   - redis: where the server is; nodes of its cluster and replicas are asked with the same credentials.
    ///   - timeout: longest time of a round trip.
    /// - Returns: `nil` when the options ask for no keys.
    init?(_ redis: RedisOptions, _ options: CollectorOptions, timeout: Duration) {
        guard options.keys.asksForKeys else { return nil }
        self.options = options.keys
        route = WalkRoute(
            redis, options.keys, KeyWalkMetrics(options.namespace), timeout: timeout,
            configCommand: options.configCommand)
    }

    /// How walks went so far.
    var record: Record { state.withLock { $0.record } }

    /// Walks at each interval until the task is cancelled. Returns at once when there is nothing to walk for.
    func run() async {
        guard options.needsWalk, !options.scan.isInline else { return }
        while !Task.isCancelled {
            let began = ContinuousClock.now
            let limit = options.scan.limit > .zero ? began + options.scan.limit : nil
            let outcome = await walk(until: limit, budget: options.scan.budget)
            let took = began.duration(to: .now)
            var pause = max(options.scan.interval - took, options.scan.interval / 10)
            if case .failure(let error) = outcome, error.reason != .timeout { pause = min(pause, Self.retry) }
            if pause > Self.longestIdle { await close() }
            do { try await Task.sleep(for: pause) } catch { break }
        }
    }

    /// Walks once, as fast as the server answers, for `--once`. Leaves a fifth of the time to the scrape that follows.
    func refresh(until deadline: Deadline) async {
        guard options.needsWalk, !options.scan.isInline else { return }
        let left = ContinuousClock.now.duration(to: deadline.instant)
        _ = await walk(until: .now + left * 4 / 5, budget: nil)
    }

    /// What the scrape with this deadline exposes: the last finished walk, or the one inside of it.
    ///
    /// - Returns: `nil` when there is none yet.
    /// - Throws: why the walk inside of the scrape did not come to its end.
    func results(until deadline: Deadline) async throws(CollectorError) -> KeyResults? {
        guard options.needsWalk else { return nil }
        guard options.scan.isInline else { return record.last?.results }
        let known = state.withLock { $0.inline }
        if let known, known.deadline == deadline.instant { return try known.result.get().results }
        let result = await walk(until: deadline.instant, budget: nil)
        state.withLock { $0.inline = (deadline.instant, result) }
        return try result.get().results
    }

    /// Closes the connection; the next walk opens a new one.
    func close() async {
        let connection = state.withLock { state in
            defer { state.connection = nil }
            return state.connection
        }
        await connection?.close()
    }

    // MARK: - One walk

    private func walk(
        until end: ContinuousClock.Instant?, budget: ScanBudget?
    ) async -> Result<FinishedWalk, CollectorError> {
        var connection = state.withLock { state in
            defer { state.connection = nil }
            return state.connection
        }
        let result: Result<FinishedWalk, CollectorError>
        do throws(CollectorError) {
            result = .success(try await route.walk(until: end, budget: budget, on: &connection))
        } catch {
            result = .failure(error)
        }
        // Another walk may have put its own back in the meantime.
        let surplus = state.withLock { state in
            state.record.note(result)
            defer { if state.connection == nil { state.connection = connection } }
            return state.connection == nil ? nil : connection
        }
        await surplus?.close()
        return result
    }
}

extension KeyScanner.Record {
    fileprivate mutating func note(_ result: Result<FinishedWalk, CollectorError>) {
        switch result {
        case .success(let walk):
            last = walk
            finished += 1
            omitted += walk.results.omitted
            failure = nil
        case .failure(let error):
            if error.reason == .timeout { cut += 1 } else { failed += 1 }
            failure = error
        }
    }
}
