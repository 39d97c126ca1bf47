internal import CurlClient
internal import ExporterCommand
internal import ExporterKit

/// The sources of a configuration, each opened once, by those who need them.
struct SourceBook {
    let configuration: AppConfiguration
    let registry: Registry
    let time: Timekeeper
    /// For all HTTP.
    let client: CurlClient
    /// All that was opened, for closing.
    private(set) var opened: [any AskedSource] = []
    private var postgres: [String: PostgresSource] = [:]
    private var redis: [String: RedisSource] = [:]
    private var http: [String: HTTPSource] = [:]

    init(_ configuration: AppConfiguration, _ registry: Registry, _ time: Timekeeper) {
        self.configuration = configuration
        self.registry = registry
        self.time = time
        var options = CurlOptions()
        options.userAgent = "app-exporter/\(FleetVersion.current)"
        // Each source keeps to its own number; what hangs in one place must not keep others from connecting.
        options.maximumConnections = 1_024
        client = CurlClient(options)
    }

    /// Keeps a source that somebody opened for himself alone.
    mutating func keep(_ source: any AskedSource) { opened.append(source) }

    func metrics(of source: SourceConfiguration) -> SourceMetrics {
        SourceMetrics(source.name, kind: source.kind.name, registry)
    }

    /// The connections that groups and checks share.
    mutating func postgres(_ name: String, _ settings: PostgresSettings) -> PostgresSource {
        if let present = postgres[name] { return present }
        // The vector part has its own.
        let taken = configuration.vector.map { $0.source == name ? $0.connections : 0 } ?? 0
        let width = max(1, settings.maximumConnections - taken)
        let made = PostgresSource(name, settings, connections: width, SourceMetrics(name, kind: "postgres", registry))
        postgres[name] = made
        opened.append(made)
        return made
    }

    mutating func redis(_ name: String, _ settings: RedisSettings) -> RedisSource {
        if let present = redis[name] { return present }
        let made = RedisSource(name, settings, SourceMetrics(name, kind: "redis", registry))
        redis[name] = made
        opened.append(made)
        return made
    }

    mutating func http(_ name: String, _ settings: HTTPSettings) -> HTTPSource {
        if let present = http[name] { return present }
        let made = HTTPSource(name, settings, client: client, SourceMetrics(name, kind: "http", registry))
        http[name] = made
        opened.append(made)
        return made
    }
}
