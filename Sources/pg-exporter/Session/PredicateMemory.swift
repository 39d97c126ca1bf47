internal import ExporterKit
internal import PostgresClient

/// A condition that the server itself decides: a statement whose one row and one column is true.
struct Predicate: Sendable, Hashable {
    /// What is asked.
    let statement: Statement
    /// How long its answer counts; `nil` asks along with every scrape.
    var keptFor: Duration?
}

/// What a database has said to predicates.
///
/// A predicate that was never asked is asked before everything else, which costs a new connection one more round trip.
/// From then on it travels with the questions: what it says now decides about answers that came with it, and what it
/// said last about which questions are sent.
struct PredicateMemory {
    /// What came of a predicate.
    enum Verdict {
        case holds
        /// False, NULL or no row.
        case doesNotHold
        /// It failed, or answered with something else than one truth value.
        case failed(CollectorError)
    }

    private struct Entry {
        var verdict: Verdict
        var dueAt: ContinuousClock.Instant
    }

    private var entries: [Statement: Entry] = [:]

    /// What the predicates say together: of several the first that does not hold counts. `nil` when one was never asked.
    func verdict(on predicates: [Predicate]) -> Verdict? {
        for predicate in predicates {
            guard let entry = entries[predicate.statement] else { return nil }
            guard case .holds = entry.verdict else { return entry.verdict }
        }
        return .holds
    }

    /// Those that were never asked, each once.
    func unknown(among predicates: [Predicate]) -> [Predicate] {
        Self.unique(predicates) { entries[$0.statement] == nil }
    }

    /// Those whose answer no longer counts, each once.
    func due(among predicates: [Predicate], at now: ContinuousClock.Instant) -> [Predicate] {
        Self.unique(predicates) { entries[$0.statement].map { now >= $0.dueAt } ?? true }
    }

    /// Takes an answer. One that did not come in time leaves the one before it in force.
    mutating func note(
        _ result: Result<ResultTable, CollectorError>, to predicate: Predicate, at now: ContinuousClock.Instant
    ) {
        var keptFor = predicate.keptFor ?? .zero
        let verdict: Verdict
        switch result {
        case .success(let table): verdict = Self.verdict(table)
        case .failure(let error):
            if [.timeout, .cancelled, .connection].contains(error.reason), entries[predicate.statement] != nil {
                return
            }
            if error.isLasting { keptFor = max(keptFor, AnswerMemory.refusalKept) }
            verdict = .failed(error)
        }
        entries[predicate.statement] = Entry(verdict: verdict, dueAt: now + keptFor)
    }

    private static func verdict(_ table: ResultTable) -> Verdict {
        guard table.columns.count == 1, table.rowCount <= 1 else {
            return .failed(
                CollectorError(
                    .decode,
                    "a predicate gave \(table.rowCount) rows of \(table.columns.count) columns; it must give one truth value"
                ))
        }
        guard table.utf8(0, 0) != nil else { return .doesNotHold }
        guard let holds = table.boolean(0, 0) else {
            return .failed(CollectorError(.decode, "a predicate gave no truth value; cast its column to boolean"))
        }
        return holds ? .holds : .doesNotHold
    }

    private static func unique(_ predicates: [Predicate], where isWanted: (Predicate) -> Bool) -> [Predicate] {
        var seen: Set<Statement> = []
        return predicates.filter { isWanted($0) && seen.insert($0.statement).inserted }
    }
}
