internal import ExporterCommand
internal import ExporterKit
internal import Logging
internal import PostgresClient
internal import Synchronization

/// Asks the custom queries that are in force when a scrape begins, together with all other questions.
final class CustomQueryCollector: QueryCollector {
    typealias Session = PostgresSession

    let descriptor = CollectorDescriptor("custom_queries", "Queries of the files that --extend.query-path names.")
    private let live: LiveQueries
    private let isDiscovering: Bool
    /// Why queries failed last, by key.
    private let troubles = Mutex<[String: CollectorError.Reason]>([:])

    /// - Parameter discovering: whether every database is asked.
    init(_ live: LiveQueries, discovering: Bool) {
        self.live = live
        self.isDiscovering = discovering
    }

    var metrics: [MetricDescriptor] { CustomQueryMetrics.all + live.current.descriptors }

    func questions(for server: PostgresFacts) -> [Question] { asked(of: server).map(\.question) }

    func decode(
        _ replies: [Reply<Answer>], from server: PostgresFacts, into sink: inout MetricSink
    ) throws(CollectorError) {
        CustomQueryMetrics.add(live.loadings, to: &sink)
        let queries = asked(of: server)
        let untouched = sink
        var failures: [(query: CustomQuery, error: CollectorError)] = []
        for (query, reply) in zip(queries, replies) {
            do throws(CollectorError) { try decode(query, reply, from: server, into: &sink) } catch {
                failures.append((query, error))
            }
        }
        if failures.contains(where: \.query.isFatal) { sink = untouched }
        for (query, reply) in zip(queries, replies) {
            let labels = LabelSet(["query": query.key])
            sink.add(CustomQueryMetrics.success, failures.contains { $0.query.key == query.key } ? 0 : 1, labels)
            sink.add(CustomQueryMetrics.duration, reply.duration.seconds, labels)
        }
        note(failures, on: server)
        guard let first = failures.first else { return }
        let others = failures.count == 1 ? "" : " (and \(failures.count - 1) more)"
        throw CollectorError(first.error.reason, "custom query \(first.query.key)\(others): \(first.error.message)")
    }

    /// Those that this server is for.
    private func asked(of server: PostgresFacts) -> [CustomQuery] {
        (server.queries ?? live.current).active.filter {
            $0.conditions.obstacle(on: server, tags: live.options.tags) == nil
        }
    }

    private func decode(
        _ query: CustomQuery, _ reply: Reply<Answer>, from server: PostgresFacts, into sink: inout MetricSink
    ) throws(CollectorError) {
        let decoder = QueryDecoder(query, on: server, discovering: isDiscovering)
        try decoder.decode(try reply.result.get(), into: &sink)
    }

    /// Logs what began, changed its cause or ended, query by query.
    private func note(_ failures: [(query: CustomQuery, error: CollectorError)], on server: PostgresFacts) {
        let failing = failures.filter { $0.error.reason != .cancelled }
        let before = troubles.withLock { troubles in
            defer { troubles = Dictionary(failing.map { ($0.query.key, $0.error.reason) }) { first, _ in first } }
            return troubles
        }
        guard let logger = live.options.logger, !failing.isEmpty || !before.isEmpty else { return }
        let place: Logger.Metadata = ["target": "\(server.server.host):\(server.server.port)"]
        for (query, error) in failing where before[query.key] != error.reason {
            let facts: Logger.Metadata = [
                "query": "\(query.key)", "file": "\(query.position)", "reason": "\(error.reason.rawValue)",
                "err": "\(error.message)",
            ]
            logger.warning("Custom query gives nothing or less than all", metadata: place.merging(facts) { $1 })
        }
        for key in before.keys.sorted() where !failing.contains(where: { $0.query.key == key }) {
            logger.info("Custom query works again", metadata: place.merging(["query": "\(key)"]) { $1 })
        }
    }
}

extension CustomQuery {
    /// How the session is asked.
    var question: Question {
        var question = Question(statement, scope: scope, freshFor: freshFor)
        question.predicates = predicates
        if !conditions.extensions.isEmpty { question.applies = { [conditions] in conditions.obstacle(in: $0) == nil } }
        if case .matching(let patterns) = databases { question.named = patterns.compactMap(\.literal) }
        return question
    }

    private var scope: Question.Scope {
        switch databases {
        case .main: .server
        case .every: .database
        case .matching(let patterns): .databases { name in patterns.contains { $0.matches(name) } }
        }
    }
}
