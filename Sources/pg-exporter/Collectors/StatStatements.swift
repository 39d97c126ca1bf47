internal import ExporterKit
internal import PostgresClient
internal import Synchronization

/// The statements that took most time since the statistics of extension pg_stat_statements were reset.
///
/// Numbers are asked without texts, so the server does not read its file of texts. With `include_query` the texts of the
/// statements shown are asked once: together with the first numbers, later in the scrape after the one that showed a new
/// statement.
/// Source: https://www.postgresql.org/docs/current/pgstatstatements.html
final class StatStatementsCollector: QueryCollector, TabledCollector {
    typealias Session = PostgresSession

    let descriptor = CollectorDescriptor(
        "stat_statements", "Statements that took most time, from extension pg_stat_statements.",
        enabledByDefault: false)
    let metricTables = [numbers, text]
    var metrics: [MetricDescriptor] { metricTables.flatMap(\.descriptors) }

    private let options: StatementOptions
    private let extent: Int
    private let state: Mutex<State>

    private struct State {
        var choice: StableChoice<LabelSet>
        var texts = StatementTexts()
    }

    init(_ options: StatementOptions = StatementOptions()) {
        self.options = options
        let choice = StableChoice<LabelSet>(limit: options.limit)
        extent = choice.width
        state = Mutex(State(choice: choice))
    }

    private static let numbers = MetricTable(
        prefix: "pg_stat_statements", labels: ["user", "datname", "queryid"],
        rows: [
            .counter("calls", as: "calls_total", "Times the statement was executed."),
            .counter("time", as: "seconds_total", "Time spent executing the statement.", in: .milliseconds),
            .counter("rows", as: "rows_total", "Rows that the statement gave or changed."),
            .counter(
                "reading", as: "block_read_seconds_total",
                "Time the statement spent reading blocks; 0 unless track_io_timing is on.", in: .milliseconds),
            .counter(
                "writing", as: "block_write_seconds_total",
                "Time the statement spent writing blocks; 0 unless track_io_timing is on.", in: .milliseconds),
        ])
    private static let text = MetricTable(
        prefix: "pg_stat_statements", labels: ["queryid", "query"],
        rows: [.counter("1", as: "query_id", "Always 1; the label is the beginning of the statement's text.")])

    private static let needed = NeededExtension("pg_stat_statements")

    func questions(for server: PostgresFacts) -> [Question] {
        guard let sql = StatementQuestions(server, extent: extent) else { return [] }
        let filter = [SQLText.array(options.excludedDatabases), SQLText.array(options.excludedUsers)]
        let numbers = Question(Statement(sql.numbers, filter))
        guard options.includesQuery else { return [numbers] }
        switch state.withLock({ $0.texts.wanted }) {
        case nil: return [numbers, Question(Statement(sql.textsOfFirst(options.queryLength), filter))]
        case []?: return [numbers]
        case let ids?: return [numbers, Question(Statement(sql.texts(options.queryLength), [SQLText.array(ids)]))]
        }
    }

    func decode(
        _ replies: [Reply<Answer>], from server: PostgresFacts, into sink: inout MetricSink
    ) throws(CollectorError) {
        try Self.needed.check(server)
        do throws(CollectorError) {
            guard let first = replies.first else { throw CollectorError(.decode, "no answer") }
            let answer = try first.result.get().single()
            let texts = replies.count > 1 ? Result { () throws(CollectorError) in try replies[1].table() } : nil
            read(answer, try? texts?.get(), into: &sink)
            _ = try texts?.get()
        } catch {
            throw CollectorError(error.reason, "collector stat_statements: \(error.message)")
        }
    }

    private func read(_ answer: ResultTable, _ answeredTexts: ResultTable?, into sink: inout MetricSink) {
        guard let template = LabelTemplate(Self.numbers.labels) else { return }
        let labels = (0..<answer.rowCount).map { row in
            template.labels((0..<3).map { answer.text(row, $0) ?? "" })
        }
        let chosen = state.withLock { $0.choice.choose(labels) }
        for (index, row) in Self.numbers.rows.enumerated() {
            let slot = sink.open(Self.numbers.descriptor(of: row))
            for record in chosen {
                guard let number = answer.number(record, 3 + index) else { continue }
                sink.append(row.unit.toBase(number), labels[record], to: slot)
            }
        }
        if options.includesQuery { readTexts(chosen.compactMap { answer.text($0, 2) }, answeredTexts, into: &sink) }
    }

    private func readTexts(_ ids: [String], _ answer: ResultTable?, into sink: inout MetricSink) {
        guard let template = LabelTemplate(Self.text.labels) else { return }
        var learned: [String: String] = [:]
        for row in 0..<(answer?.rowCount ?? 0) {
            if let id = answer?.text(row, 0), let text = answer?.text(row, 1) { learned[id] = text }
        }
        let texts = state.withLock { state in
            if answer != nil { state.texts.learn(learned, asked: state.texts.wanted, at: .now) }
            if answer != nil || state.texts.wanted != nil { state.texts.want(ids, at: .now) }
            return state.texts
        }
        let slot = sink.open(Self.text.descriptor(of: Self.text.rows[0]))
        var seen: Set<String> = []
        for id in ids where seen.insert(id).inserted {
            guard let text = texts[id] else { continue }
            sink.append(1, template.labels([id, text]), to: slot)
        }
    }
}

extension Reply<Answer> {
    /// The rows of the one database that was asked.
    fileprivate func table() throws(CollectorError) -> ResultTable { try result.get().single() }
}
