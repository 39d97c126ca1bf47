internal import ExporterKit

extension CheckConfiguration {
    /// The checks of the configuration.
    static func works(_ book: inout SourceBook) -> [any ScheduledWork] {
        let configured = book.configuration.checks
        guard !configured.isEmpty else { return [] }
        let metrics = CheckMetrics(book.registry)
        return configured.map { check in
            ScheduledCheck(check.name, check.timing, check.check(&book), metrics: metrics, time: book.time)
        }
    }

    /// A value that can be asked. Nothing is contacted yet.
    private func check(_ book: inout SourceBook) -> any Check {
        switch kind {
        case .http(let settings): HTTPCheck(name, settings, client: book.client)
        }
    }
}
