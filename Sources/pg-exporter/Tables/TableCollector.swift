internal import ExporterKit
internal import PostgresClient

/// A collector that is nothing but tables. Of several tables each is a question of its own: one that fails costs only
/// its own metrics.
struct TableCollector: TabledCollector {
    typealias Session = PostgresSession

    let descriptor: CollectorDescriptor
    let needs: NeededExtension?
    let tables: [SQLTable]
    private let plan = TablePlan()

    /// - Parameter needs: what the connected database must have; without it the collector fails and says what to do.
    init(
        _ name: String, _ summary: String, enabledByDefault: Bool = true, needs: NeededExtension? = nil,
        tables: [SQLTable]
    ) {
        self.descriptor = CollectorDescriptor(name, summary, enabledByDefault: enabledByDefault)
        self.needs = needs
        self.tables = tables
    }

    /// A metric that versions spell differently has a row for each spelling and is listed once.
    var metrics: [MetricDescriptor] {
        var names: Set<String> = []
        return tables.flatMap(\.metrics.descriptors).filter { names.insert($0.name).inserted }
    }

    var metricTables: [MetricTable] { tables.map(\.metrics) }

    func questions(for server: PostgresFacts) -> [Question] {
        plan.entries(of: tables, on: server).map(\.question)
    }

    func decode(
        _ replies: [Reply<Answer>], from server: PostgresFacts, into sink: inout MetricSink
    ) throws(CollectorError) {
        try needs?.check(server)
        var failure: CollectorError?
        for (entry, reply) in zip(plan.entries(of: tables, on: server), replies) {
            do throws(CollectorError) {
                try entry.table.decode(try reply.result.get(), with: entry.reader, into: &sink)
            } catch {
                failure = failure ?? error
            }
        }
        if let failure { throw CollectorError(failure.reason, "collector \(descriptor.name): \(failure.message)") }
    }
}
