internal import ExporterKit

extension HTTPCheck {
    /// The checks of the configuration.
    static func works(_ book: inout SourceBook) -> [any ScheduledWork] {
        guard !book.configuration.checks.isEmpty else { return [] }
        let metrics = CheckMetrics(book.registry)
        return book.configuration.checks.map { HTTPCheck($0, client: book.client, metrics: metrics, time: book.time) }
    }
}
