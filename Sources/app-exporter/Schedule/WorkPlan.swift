internal import CurlClient
internal import ExporterCommand
internal import ExporterKit
internal import PostgresClient

/// A checked configuration turned into sources and work. Nothing is contacted yet.
struct WorkPlan: Sendable {
    let works: [any ScheduledWork]
    let time: Timekeeper
    private let sources: [any AskedSource]
    private let client: CurlClient

    init(_ configuration: AppConfiguration, _ registry: Registry, time: Timekeeper = .system()) {
        var builder = Builder(configuration, registry, time)
        let groups = configuration.groups.compactMap { builder.group($0) }
        works = groups + builder.vector() + builder.checks()
        sources = builder.opened
        client = builder.client
        self.time = time
    }

    /// What is asked, for the page at `/`; without credentials.
    var targets: [String] {
        var seen: Set<String> = []
        return (sources.map(\.target) + works.compactMap { ($0 as? HTTPCheck)?.configuration.target })
            .filter { seen.insert($0).inserted }
    }

    /// Releases all connections.
    func close() async {
        await withTaskGroup(of: Void.self) { group in
            for source in sources { group.addTask { await source.close() } }
        }
        await client.close()
    }

    private struct Builder {
        let configuration: AppConfiguration
        let registry: Registry
        let time: Timekeeper
        let client: CurlClient
        private(set) var opened: [any AskedSource] = []
        private var postgres: [String: PostgresSource] = [:]
        private var redis: [String: RedisSource] = [:]

        init(_ configuration: AppConfiguration, _ registry: Registry, _ time: Timekeeper) {
            self.configuration = configuration
            self.registry = registry
            self.time = time
            var options = CurlOptions()
            options.userAgent = "app-exporter/\(FleetVersion.current)"
            options.maximumConnections = 32
            client = CurlClient(options)
        }

        mutating func group(_ group: GroupConfiguration) -> (any ScheduledWork)? {
            guard let source = configuration.sources[group.source] else { return nil }
            let asker: any GroupAsker
            switch (group.question, source.kind) {
            case (.sql(let sql, let metrics), .postgres(let settings)):
                asker = SQLAsker(
                    sql: sql, metrics: metrics, labels: group.labels, limit: group.maximumSeries,
                    source: postgres(source.name, settings))
            case (.redis(let questions), .redis(let settings)):
                asker = RedisAsker(
                    questions: questions, labels: group.labels, limit: group.maximumSeries,
                    source: redis(source.name, settings), time: time)
            case (.json(let question), .http(let settings)):
                let http = HTTPSource(source.name, settings, client: client, metrics(of: source))
                opened.append(http)
                asker = JSONAsker(
                    question: question, labels: group.labels, limit: group.maximumSeries, source: http,
                    worker: JqWorker(group.name))
            default: return nil
            }
            return Group(group, asker: asker)
        }

        mutating func vector() -> [any ScheduledWork] {
            guard let vector = configuration.vector, let source = configuration.sources[vector.source],
                case .postgres(let settings) = source.kind
            else { return [] }
            // One connection for both: a search never waits behind a group, and time is taken only while it is borrowed.
            let connection = PostgresSource(source.name, settings, connections: 1, metrics(of: source)) { options in
                options.searchPath = "pg_catalog, pg_temp"
                options.lockTimeout = .milliseconds(100)
                options.settings = [
                    "jit": "off", "max_parallel_workers_per_gather": "0", "idle_in_transaction_session_timeout": "5s",
                ]
            }
            opened.append(connection)
            let book = VectorIndexBook()
            let catalog = VectorCatalog(configuration: vector, source: connection, book: book)
            guard let probe = vector.probe else { return [catalog] }
            return [
                catalog,
                LatencyProbe(
                    settings: probe, source: connection, catalog: catalog,
                    metrics: ProbeMetrics(registry, buckets: probe.buckets), time: time),
            ]
        }

        func checks() -> [any ScheduledWork] {
            guard !configuration.checks.isEmpty else { return [] }
            let metrics = CheckMetrics(registry)
            return configuration.checks.map { HTTPCheck($0, client: client, metrics: metrics, time: time) }
        }

        private func metrics(of source: SourceConfiguration) -> SourceMetrics {
            SourceMetrics(source.name, kind: source.kind.name, registry)
        }

        private mutating func postgres(_ name: String, _ settings: PostgresSettings) -> PostgresSource {
            if let present = postgres[name] { return present }
            let isShared = configuration.vector?.source == name
            let width = isShared ? max(1, settings.maximumConnections - 1) : settings.maximumConnections
            let made = PostgresSource(
                name, settings, connections: width, SourceMetrics(name, kind: "postgres", registry))
            postgres[name] = made
            opened.append(made)
            return made
        }

        private mutating func redis(_ name: String, _ settings: RedisSettings) -> RedisSource {
            if let present = redis[name] { return present }
            let made = RedisSource(name, settings, SourceMetrics(name, kind: "redis", registry))
            redis[name] = made
            opened.append(made)
            return made
        }
    }
}
