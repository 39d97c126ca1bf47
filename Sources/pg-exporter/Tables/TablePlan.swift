internal import ExporterKit
internal import PostgresClient
internal import Synchronization

/// What tables come to on one server, worked out once as long as nothing is different there: to put the text of a
/// question together takes longer than to send it.
final class TablePlan: Sendable {
    /// A table that the server is asked for.
    struct Entry: Sendable {
        let table: SQLTable
        let question: Question
        let reader: MetricTableReader
    }

    /// Everything that a question may depend on.
    private struct Situation: Equatable {
        let server: PostgresServer
        let isStandby: Bool
        let extensions: [String: PostgresFacts.Extension]
        let databases: [String]

        init(_ facts: PostgresFacts) {
            server = facts.server
            isStandby = facts.isStandby
            extensions = facts.extensions
            databases = facts.databases
        }
    }

    private let last = Mutex<(situation: Situation, entries: [Entry])?>(nil)

    /// The tables of a list that this server is asked for.
    func entries(of tables: [SQLTable], on server: PostgresFacts) -> [Entry] {
        let situation = Situation(server)
        if let known = last.withLock({ $0 }), known.situation == situation { return known.entries }
        let entries = tables.compactMap { table in
            table.question(for: server).map { question in
                Entry(table: table, question: question, reader: table.metrics.reader(for: server.version))
            }
        }
        last.withLock { $0 = (situation, entries) }
        return entries
    }
}
