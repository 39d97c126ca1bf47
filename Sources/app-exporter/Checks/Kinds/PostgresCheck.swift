internal import ExporterKit
internal import PostgresClient

/// Asks a database a question that must come back with a row, and not with false or NULL in its first column.
struct PostgresCheck: Check {
    static let kind = CheckKind.postgres
    static let families = CheckMetrics.common

    let source: PostgresSource
    let sql: String
    var within: Duration?

    var target: String { source.target }

    func run(until deadline: ContinuousClock.Instant) async -> CheckResult {
        let began = ContinuousClock.now
        var result = CheckResult()
        do throws(CollectorError) {
            let table = try await source.run(Statement(sql), until: deadline)
            result.verdict = verdict(table, took: began.duration(to: .now))
        } catch {
            result.verdict = Verdict(error, of: "postgres")
        }
        return result
    }

    private func verdict(_ table: ResultTable, took: Duration) -> Verdict {
        guard table.rowCount > 0 else {
            return .failed(.body, .query, "\(target): the statement gave no row, expected was at least one")
        }
        if table.text(0, 0) == nil || table.boolean(0, 0) == false {
            let came = table.text(0, 0) == nil ? "NULL" : "false"
            return .failed(.body, .query, "\(target): the statement gave \(came), expected was anything else")
        }
        return .within(within, took: took, target)
    }
}

extension Verdict {
    /// Why a source gave no answer.
    init(_ error: CollectorError, of kind: String) {
        let outcome: CheckOutcome =
            switch error.reason {
            case .timeout: .timeout
            case .connection: .connect
            case .tls: .tls
            default: .error
            }
        self = .failed(outcome, error.reason, "\(kind): \(error.message)")
    }

    /// Passed, unless it took too long.
    static func within(_ limit: Duration?, took: Duration, _ target: String) -> Verdict {
        guard let limit, took > limit else { return .passed }
        return .failed(
            .slow, .timeout, "\(target): it took \(took.formatted), allowed are \(limit.formatted)")
    }
}
