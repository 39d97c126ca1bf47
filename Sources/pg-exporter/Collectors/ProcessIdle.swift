internal import ExporterKit
internal import PostgresClient

/// How long idle sessions have been idle, as a histogram per state and application. Upstream shows the first of these only,
/// and fails when nobody is idle.
/// Source: https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-ACTIVITY-VIEW
struct ProcessIdleCollector: QueryCollector {
    typealias Session = PostgresSession

    let descriptor = CollectorDescriptor(
        "process_idle", "How long idle sessions have been idle, by state and application.", enabledByDefault: false)
    let metrics = [seconds]

    private static let seconds = MetricDescriptor(
        "pg_process_idle_seconds", "Time since idle sessions became idle.", kind: .histogram, unit: "seconds")
    private static let bounds: [Double] = [1, 2, 5, 15, 30, 60, 90, 120, 300]

    /// State, application, sum, then a count for each bound and one for all.
    private static let sql = """
        SELECT state, application_name, sum(age), \
        \(bounds.map { "count(*) FILTER (WHERE age <= \(Int($0)))" }.joined(separator: ", ")), count(*) \
        FROM (SELECT state, application_name, \
        greatest(0, extract(epoch FROM clock_timestamp() - state_change)) AS age \
        FROM pg_stat_activity WHERE state ~ '^idle' AND pid <> pg_backend_pid()) s GROUP BY 1, 2
        """

    func questions(for server: PostgresFacts) -> [Question] { [Question(Statement(Self.sql))] }

    func decode(
        _ replies: [Reply<Answer>], from server: PostgresFacts, into sink: inout MetricSink
    ) throws(CollectorError) {
        guard let reply = replies.first else { throw CollectorError(.decode, "collector process_idle: no answer") }
        let answer: ResultTable
        do throws(CollectorError) { answer = try reply.result.get().single() } catch {
            throw CollectorError(error.reason, "collector process_idle: \(error.message)")
        }
        for row in 0..<answer.rowCount {
            guard let histogram = Self.histogram(answer, row) else { continue }
            let labels = LabelSet([
                "state": answer.text(row, 0) ?? "", "application_name": answer.text(row, 1) ?? "",
            ])
            sink.add(Self.seconds, .histogram(histogram), labels)
        }
    }

    private static func histogram(_ answer: ResultTable, _ row: Int) -> HistogramSnapshot? {
        var counts: [UInt64] = []
        var before = 0.0
        for column in 3..<3 + bounds.count + 1 {
            guard let upTo = answer.number(row, column), upTo >= before, upTo < 1e9 else { return nil }
            counts.append(UInt64(upTo - before))
            before = upTo
        }
        guard let sum = answer.number(row, 2) else { return nil }
        return HistogramSnapshot(upperBounds: bounds, counts: counts, sum: sum)
    }
}
