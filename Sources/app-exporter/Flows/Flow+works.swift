internal import ExporterKit

extension Flow {
    /// The flows of the configuration.
    static func works(_ book: inout SourceBook) -> [any ScheduledWork] {
        guard !book.configuration.flows.isEmpty else { return [] }
        let (checks, flows) = (CheckMetrics(book.registry), FlowMetrics(book.registry))
        return book.configuration.flows.map {
            Flow($0, client: book.client, checks: checks, metrics: flows, time: book.time)
        }
    }
}
