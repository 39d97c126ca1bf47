internal import ExporterKit
internal import PostgresClient

/// What a database has answered and need not be asked again just now: what changes rarely, and what it refused for good.
/// Also how long slow questions took, so that they are asked last and cost only themselves their time.
struct AnswerMemory {
    private struct Entry {
        var kept: Result<ResultTable, CollectorError>?
        var keptUntil = ContinuousClock.now
        var duration = Duration.zero
        var lastUse = ContinuousClock.now
    }

    private var entries: [Statement: Entry] = [:]

    /// How long what a database does not have, or does not allow, is not asked for again.
    static let refusalKept = Duration.seconds(600)
    /// What takes longer has its duration remembered.
    private static let slow = Duration.milliseconds(50)
    private static let unused = Duration.seconds(3_600)

    /// A kept answer that still counts.
    mutating func recall(_ question: Question, at now: ContinuousClock.Instant) -> Result<ResultTable, CollectorError>?
    {
        guard !entries.isEmpty, let entry = entries[question.statement] else { return nil }
        entries[question.statement]?.lastUse = now
        guard now < entry.keptUntil else { return nil }
        // The same statement may be asked by two who differ in how fresh they want it.
        if case .success? = entry.kept, question.freshFor == nil { return nil }
        return entry.kept
    }

    /// How long the question took last, zero for one that is quick or new.
    func lastDuration(of question: Question) -> Duration {
        entries.isEmpty ? .zero : entries[question.statement]?.duration ?? .zero
    }

    /// Takes an answer. A failure replaces the answer before it: what is old is not served as new.
    mutating func note(
        _ result: Result<ResultTable, CollectorError>, took duration: Duration, to question: Question,
        at now: ContinuousClock.Instant
    ) {
        let keeping: Duration? =
            switch result {
            case .success: question.freshFor
            case .failure(let error): error.isLasting ? Self.refusalKept : nil
            }
        // Not reached at all: nothing is learned of it.
        if case .failure(let error) = result, error.reason == .timeout || error.reason == .cancelled, duration == .zero
        {
            return
        }
        let isSlow = duration >= Self.slow
        guard keeping != nil || isSlow || entries[question.statement] != nil else { return }
        var entry = entries[question.statement] ?? Entry()
        entry.duration = isSlow ? duration : .zero
        entry.lastUse = now
        entry.kept = keeping == nil ? nil : result
        if let keeping { entry.keptUntil = now + keeping }
        guard entry.kept != nil || isSlow else {
            entries[question.statement] = nil
            return
        }
        entries[question.statement] = entry
        if entries.count > 500 { entries = entries.filter { $0.value.lastUse + Self.unused > now } }
    }
}

extension CollectorError {
    /// True when asking again soon would give the same: a server does not grow a function between two scrapes.
    var isLasting: Bool { reason == .permission || reason == .unsupported }
}
