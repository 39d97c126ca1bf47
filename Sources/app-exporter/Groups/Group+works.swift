internal import ExporterKit

extension Group {
    /// The groups of the configuration.
    static func works(_ book: inout SourceBook) -> [any ScheduledWork] {
        var works: [any ScheduledWork] = []
        for group in book.configuration.groups {
            guard let asker = asker(of: group, &book) else { continue }
            works.append(Group(group, asker: asker))
        }
        return works
    }

    private static func asker(of group: GroupConfiguration, _ book: inout SourceBook) -> (any GroupAsker)? {
        guard let source = book.configuration.sources[group.source] else { return nil }
        switch (group.question, source.kind) {
        case (.sql(let sql, let metrics), .postgres(let settings)):
            return SQLAsker(
                sql: sql, metrics: metrics, labels: group.labels, limit: group.maximumSeries,
                source: book.postgres(source.name, settings))
        case (.redis(let questions), .redis(let settings)):
            return RedisAsker(
                questions: questions, labels: group.labels, limit: group.maximumSeries,
                source: book.redis(source.name, settings), time: book.time)
        case (.json(let question), .http(let settings)):
            return JSONAsker(
                question: question, labels: group.labels, limit: group.maximumSeries,
                source: book.http(source.name, settings), worker: JqWorker(group.name),
                truncation: question.paging == nil ? nil : Truncation(group.name, book.registry))
        case (.ledger(let question), .http(let settings)):
            return StripeAsker(
                question, group: group.name, labels: group.labels, source: book.http(source.name, settings),
                time: book.time, book.registry)
        default: return nil
        }
    }
}
