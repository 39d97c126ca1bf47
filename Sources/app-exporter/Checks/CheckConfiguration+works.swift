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
        case .tls(let settings): TLSCheck(settings: settings)
        case .tcp(let settings): TCPCheck(settings: settings)
        case .dns(let settings): DNSCheck(settings: settings)
        case .postgres(let source, let settings, let sql, let within):
            PostgresCheck(source: book.postgres(source, settings), sql: sql, within: within)
        case .redis(let source, let settings, let run, let expected, let within):
            RedisCheck(source: book.redis(source, settings), command: run, expected: expected, within: within)
        }
    }
}
