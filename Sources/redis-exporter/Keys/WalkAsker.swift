internal import ExporterKit
internal import RedisClient

/// The connection of a walk: asks within the budget, and not beyond the walk's end.
struct WalkAsker: KeyAsking {
    let connection: RedisConnection
    /// Longest time of a round trip.
    let timeout: Duration
    /// End of the walk.
    let end: ContinuousClock.Instant?
    /// `nil` for as fast as the server answers.
    let budget: ScanBudget?
    /// Sent so far.
    private(set) var commands = 0
    /// Pauses that were too short to be made.
    private var owed = Duration.zero

    /// Pauses shorter than a timer can keep are put together.
    private static let shortest = Duration.milliseconds(2)

    init(
        _ connection: RedisConnection, timeout: Duration, end: ContinuousClock.Instant?, budget: ScanBudget?,
        commands: Int = 0
    ) {
        self.connection = connection
        self.timeout = timeout
        self.end = end
        self.budget = budget
        self.commands = commands
    }

    mutating func ask(_ commands: [RedisCommand]) async throws(CollectorError) -> [KeyReply] {
        guard !commands.isEmpty else { return [] }
        try await pause()
        let began = ContinuousClock.now
        if let end, began >= end { throw Self.late }
        let limit = began + timeout
        let replies = await connection.run(commands, until: end.map { min($0, limit) } ?? limit)
        self.commands += commands.count
        for case .failure(let error) in replies.map(\.result) where CollectorError(error).isFatal {
            throw end.map { ContinuousClock.now >= $0 } == true ? Self.late : CollectorError(error)
        }
        if let budget { owed += budget.pause(after: commands.count, took: began.duration(to: .now)) }
        return replies.map { $0.result.mapError { CollectorError($0) } }
    }

    private mutating func pause() async throws(CollectorError) {
        guard owed >= Self.shortest else { return }
        let began = ContinuousClock.now
        do { try await Task.sleep(for: owed) } catch {
            throw CollectorError(.cancelled, "the walk over the keys was cancelled")
        }
        // What a late timer took too long is saved for later; a nap of the whole machine is not.
        owed = max(owed - began.duration(to: .now), .seconds(-1))
    }

    private static let late = CollectorError(
        .timeout, "the walk over the keys did not end in its time; give it more with --scan-limit or --scan-budget")
}
