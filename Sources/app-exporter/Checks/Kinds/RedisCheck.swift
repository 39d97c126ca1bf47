internal import ExporterKit
internal import RedisClient

/// Sends one command; an error as its reply fails the check.
struct RedisCheck: Check {
    static let kind = CheckKind.redis
    static let families = CheckMetrics.common

    let source: RedisSource
    let command: [String]
    /// Empty for any reply but an error.
    var expected: [TextRule] = []
    var within: Duration?

    var target: String { source.target }

    func run(until deadline: ContinuousClock.Instant) async -> CheckResult {
        let began = ContinuousClock.now
        var result = CheckResult()
        do throws(CollectorError) {
            let replies = try await source.run([RedisCommand(command)], until: deadline)
            let value = try replies.first?.get() ?? .null
            result.verdict = verdict(value, took: began.duration(to: .now))
        } catch {
            result.verdict = Verdict(error, of: "redis")
        }
        return result
    }

    private func verdict(_ value: RedisValue, took: Duration) -> Verdict {
        for rule in expected {
            let came = value.text ?? (value == .null ? "" : "\(value.array?.count ?? 0) elements")
            guard let wanted = rule.violation(by: Array(came.utf8)) else { continue }
            return .failed(
                .body, .query,
                "\(target): the reply to \(command[0]) was expected \(wanted), but it is `\(OneLine.clipped(came.utf8))`"
            )
        }
        return .within(within, took: took, target)
    }
}
